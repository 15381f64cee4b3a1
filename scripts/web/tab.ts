import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";

// Run from the project's root, from wherever this file was compiled to.
const root = process.cwd();
const PAGE = join(root, "build/web-tests");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Bundles test/web/page over the built package, as a user's bundler would, into build/web-tests. */
export async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    root: join(root, "test/web/page"),
    logLevel: "warn",
    // Tests import sources; what runs in the page is what is shipped.
    resolve: { alias: [{ find: /^(?:\.\.\/)+src\/(.*)$/, replacement: `${root}/dist/$1` }] },
    worker: { format: "es" },
    build: {
      outDir: PAGE,
      emptyOutDir: true,
      target: "esnext",
      minify: false,
      chunkSizeWarningLimit: 10_000,
    },
  });
}

/** A browser with the page in one tab, and a worker in it that waits for jobs. */
export interface Tab {
  /** The browser's name and version. */
  readonly browser: string;
  /** Runs a job in the page's worker: a name of test/web/jobs.ts or test/web/page/worker.ts, and what it takes. */
  run<Result>(job: string, argument?: unknown): Promise<Result>;
  /** Calls a function that the page shows under its name. */
  call<Result>(name: string, ...values: unknown[]): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Serves the page on the loopback interface and opens it in headless Chromium.
 *
 * @param isolated whether the page is cross-origin isolated, so that it may share memory
 * @param webgpu whether the page has WebGPU, on SwiftShader, a device in software
 */
export async function openTab({
  isolated,
  webgpu = false,
}: {
  readonly isolated: boolean;
  readonly webgpu?: boolean;
}): Promise<Tab> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    // Addresses come without ".." from URL, so nothing outside of the folder is read.
    const body = await readFile(join(PAGE, path)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      ...(isolated && {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--headless",
      ...(webgpu ? ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] : ["--disable-gpu"]),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const call = <Result>(name: string, ...values: unknown[]): Promise<Result> =>
    page.evaluate(
      ([name, values]) =>
        (globalThis as unknown as { page: Record<string, (...values: unknown[]) => Result> }).page[name](
          ...values,
        ),
      [name, values] as const,
    );
  return {
    browser: `Chromium ${browser.version()}`,
    run: (job, argument) => call("run", job, argument),
    call,
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
