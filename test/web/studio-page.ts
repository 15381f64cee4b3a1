import { type Browser, chromium, type Page } from "playwright-core";
import { type Preview, startPreview } from "../../src/node/preview.js";

/** Chromium with the pages of the package, as `attacca preview` serves them. */
export interface StudioBrowser {
  /** Opens the studio and waits until its engine and checkpoint are ready. */
  open(options?: {
    readonly width?: number;
    readonly height?: number;
    readonly init?: string;
  }): Promise<StudioPage>;
  close(): Promise<void>;
}

/** The studio in a tab. */
export interface StudioPage {
  readonly page: Page;
  /** What the page has complained of in its console; refusals of the content security policy are among it. */
  readonly complaints: string[];
  /** Chooses a bundled prompt, or waits for the first. */
  prompt(title: string): Promise<void>;
  /** Generates one take to its end. */
  take(settings?: {
    readonly bars?: number;
    readonly seed?: number;
    readonly listen?: boolean;
  }): Promise<void>;
  /** Texts of the takes' headings, newest first. */
  titles(): Promise<string[]>;
  /** Drops files onto the page. */
  drop(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void>;
  /** Drops a file of so many zeros. */
  dropZeros(name: string, size: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the server and Chromium. */
export async function startStudio(): Promise<StudioBrowser> {
  const preview: Preview = await startPreview({ paths: [] });
  const browser: Browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--headless",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-sync",
    ],
  });
  return {
    async open({ width = 1200, height = 900, init } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true });
      const page = await context.newPage();
      if (init !== undefined) await page.addInitScript(init);
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", ({ message }) => complaints.push(message));
      await page.goto(`http://127.0.0.1:${preview.port}/studio.html`);
      await page.locator("#go:enabled").waitFor();
      return studioPage(page, complaints);
    },
    async close() {
      await browser.close();
      await preview.close();
    },
  };
}

/** Runs in the page. */
const DROP = `(files) => {
  const dataTransfer = new DataTransfer();
  for (const { name, base64, size } of files) {
    const bytes = size ? new Uint8Array(size) : Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
    dataTransfer.items.add(new File([bytes], name));
  }
  document.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}`;

function studioPage(page: Page, complaints: string[]): StudioPage {
  return {
    page,
    complaints,
    async prompt(title) {
      await page.getByRole("button", { name: title, exact: true }).click();
      await page.locator("#prompt-title", { hasText: title }).waitFor();
    },
    async take({ bars = 1, seed, listen = false } = {}) {
      await page.locator("#bars").fill(String(bars));
      if (seed !== undefined) await page.locator("#seed").fill(String(seed));
      await page.locator("#listen").setChecked(listen);
      const done = page.locator("#take-list .take:not(.running)");
      const before = await done.count();
      await page.locator("#go").click();
      await done.nth(before).waitFor();
      await page.locator("#go:enabled").waitFor();
    },
    titles: () => page.locator("#take-list h3").allTextContents(),
    async drop(files) {
      const plain = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString("base64") }));
      await page.evaluate(`(${DROP})(${JSON.stringify(plain)})`);
    },
    dropZeros: (name, size) => page.evaluate(`(${DROP})(${JSON.stringify([{ name, size }])})`),
    close: () => page.context().close(),
  };
}
