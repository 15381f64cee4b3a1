import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { rolldown } from "rolldown";
import type { OfflineRecorded, OfflineRecording, Recorded, Recording } from "./recording.js";

const OUT = "build/sound-tests";
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** No script but files of the server, nothing made from text; WebAssembly is allowed unless a test says otherwise. */
const policy = (scripts: string): string => `default-src 'none'; connect-src 'self'; script-src ${scripts}`;
const policies: Readonly<Record<string, string>> = {
  "/": policy("'self' 'wasm-unsafe-eval'"),
  "/no-wasm": policy("'self'"),
};

/** A recording with samples in place of their text. */
export type Sounded<Recording> = Omit<Recording, "left" | "right"> & {
  readonly left: Float32Array;
  readonly right: Float32Array;
};

/** A page under a strict policy that plays and records. */
export interface SoundPage {
  readonly browser: string;
  record(recording: Recording): Promise<Sounded<Recorded>>;
  recordOffline(recording: OfflineRecording): Promise<Sounded<OfflineRecorded>>;
  /** What the page's console said, errors of the policy included. */
  readonly console: readonly string[];
  close(): Promise<void>;
}

/** Bundles the page as a user's bundler would, with the built worklet and soundfont beside it. */
async function bundlePage(): Promise<void> {
  await mkdir(OUT, { recursive: true });
  const bundle = await rolldown({
    input: "test/web/sound/page/page.ts",
    platform: "browser",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
  });
  await bundle.write({ file: join(OUT, "page.js"), format: "esm" });
  await bundle.close();
  await copyFile("dist/player/attacca-soundfont.js", join(OUT, "attacca-soundfont.js"));
  await copyFile("dist/soundfont/sonivox.sf3", join(OUT, "sonivox.sf3"));
  await copyFile("test/web/sound/page/recorder.js", join(OUT, "recorder.js"));
  await writeFile(join(OUT, "index.html"), '<!doctype html><script type="module" src="page.js"></script>');
}

/** Serves the page on the loopback interface and opens it in headless Chromium, where sound needs no gesture. */
export async function openSoundPage(path = "/"): Promise<SoundPage> {
  await bundlePage();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = pathname in policies ? "/index.html" : pathname;
    const body = await readFile(join(OUT, file)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      ...(pathname in policies && { "Content-Security-Policy": policies[pathname] }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser: Browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--headless", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
  });
  const page = await browser.newPage();
  const console: string[] = [];
  page.on("console", (message) => console.push(message.text()));
  page.on("pageerror", (error) => console.push(error.message));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const call = async <Result extends { left: string; right: string }>(
    name: string,
    argument: unknown,
  ): Promise<Sounded<Result>> => {
    const result = await page.evaluate(
      ([name, argument]) =>
        (globalThis as unknown as { page: Record<string, (argument: unknown) => Promise<Result>> }).page[
          name
        ](argument),
      [name, argument] as const,
    );
    return { ...result, left: floats(result.left), right: floats(result.right) };
  };
  return {
    browser: `Chromium ${browser.version()}`,
    console,
    record: (recording) => call<Recorded>("record", recording),
    recordOffline: (recording) => call<OfflineRecorded>("recordOffline", recording),
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function floats(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
