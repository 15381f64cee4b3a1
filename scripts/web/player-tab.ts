import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

// Run from the project's root, from wherever this file was compiled to.
const root = process.cwd();

/** What a page with a player is made of. */
export interface PlayerPageOptions {
  /** What stands in the page's body. */
  readonly body?: string;
  /** What the server gives, by path. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
  readonly deviceScaleFactor?: number;
  readonly hasTouch?: boolean;
}

/** A page with a player in it, and what went wrong there. */
export interface PlayerPage {
  readonly page: Page;
  /** Errors that nobody caught, and what the console called errors. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

// As strict as a page can be: what the player does must need no exception.
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; style-src 'self'";
const sheet = "body{margin:16px;font-family:system-ui}";

const launchArguments = ["--no-sandbox", "--headless", "--disable-gpu", "--no-first-run", "--disable-sync"];

/** Starts headless Chromium (CHROMIUM names its program; /usr/bin/chromium unless set). */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...launchArguments,
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--autoplay-policy=user-gesture-required",
    ],
  });
}

/** Serves a page with the built player on the loopback interface and opens it. */
export async function openPlayerPage(browser: Browser, options: PlayerPageOptions): Promise<PlayerPage> {
  const { body = "<attacca-player></attacca-player>", files = {}, width = 1000, height = 800 } = options;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Player</title><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/page.css"><script type="module" src="/player.js"></script><body>${body}`;
  const known = new Map<string, readonly [string, string | Uint8Array]>([
    ["/", ["text/html", html]],
    ["/player.js", ["text/javascript", await projectFile("dist/player/attacca-player.js")]],
    ["/attacca-soundfont.js", ["text/javascript", await projectFile("dist/player/attacca-soundfont.js")]],
    ["/page.css", ["text/css", sheet]],
    ["/favicon.ico", ["image/x-icon", ""]],
  ]);
  for (const [path, content] of Object.entries(files)) known.set(path, ["application/octet-stream", content]);
  const server = createServer((request, response) => {
    const found = known.get(new URL(request.url ?? "/", "http://localhost").pathname);
    response.writeHead(found === undefined ? 404 : 200, {
      "Content-Type": found?.[0] ?? "text/plain",
      "Content-Security-Policy": policy,
    });
    response.end(found?.[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A page that is left open doesn't keep the process.
  server.unref();
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: options.colorScheme ?? "light",
    reducedMotion: options.reducedMotion ?? "no-preference",
    deviceScaleFactor: options.deviceScaleFactor ?? 1,
    hasTouch: options.hasTouch ?? false,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    page,
    problems,
    close: async () => {
      await context.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The bytes of a file of the project. */
export function projectFile(path: string): Promise<Uint8Array> {
  return readFile(join(root, path));
}
