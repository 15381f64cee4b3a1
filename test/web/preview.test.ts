import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../scripts/web/player-tab.js";
import { readScore } from "../../src/midi/index.js";
import { exportHtml } from "../../src/node/export-html.js";
import { type Preview, startPreview } from "../../src/node/preview.js";
import type { AttaccaPlayer } from "../../src/player/index.js";

const HOSTILE = `<img src=x onerror="document.title='hacked'"> & <script>document.title='hacked'<`;

let folder: string;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-pages-"));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page in a context of its own, and all that went wrong in it: errors, refusals of the policy, answers that are none. */
async function openPage(context: BrowserContext): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  return { page, problems };
}

/** What the tests use of the element; the tests' own project has no DOM. */
interface PlayerElement extends Pick<AttaccaPlayer, "position" | "score" | "sound"> {
  readonly promptEnd?: number;
}

const playerOf = (page: Page) => page.locator("attacca-player");

const noteCount = (page: Page): Promise<number> =>
  playerOf(page).evaluate(({ score }: PlayerElement) =>
    score.tracks.reduce((sum, { notes }) => sum + notes.length, 0),
  );

const notesIn = async (path: string): Promise<number> =>
  readScore(await readFile(path)).score.tracks.reduce((sum, { notes }) => sum + notes.length, 0);

/** Asks until it is as expected; two cores that do other things as well take their time. */
const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 30_000 });

const titled = (page: Page, title: string): Promise<void> => poll(() => page.title()).toBe(title);

/** Clicks on play and waits until a second of the piece has come out; gives the loudest sample of the last moments. */
async function listen(page: Page): Promise<{ kind: string; peak: number }> {
  await page.getByRole("button", { name: /^Play/ }).click();
  await poll(() => playerOf(page).evaluate(({ position }: PlayerElement) => position)).toBeGreaterThan(1);
  return playerOf(page).evaluate(async ({ sound }: PlayerElement) => {
    const { context, output, kind } = sound!;
    const analyser = context.createAnalyser();
    analyser.fftSize = 32768;
    output.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let peak = 0;
    while (peak === 0 && sound!.playing) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      analyser.getFloatTimeDomainData(samples);
      peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    }
    return { kind, peak };
  });
}

describe("the page of attacca preview", () => {
  let preview: Preview;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];
  const shown = () => join(folder, "shown");

  beforeAll(async () => {
    await mkdir(join(shown(), "takes"), { recursive: true });
    for (const name of ["chorale", "ode-to-joy"]) {
      await writeFile(join(shown(), `${name}.mid`), await readFile(`data/prompts/${name}.mid`));
    }
    await writeFile(
      join(shown(), "takes", `${HOSTILE}.mid`),
      await readFile("data/prompts/greensleeves.mid"),
    );
    preview = await startPreview({ paths: [shown()] });
  });
  afterAll(() => preview.close());
  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    ({ page, problems } = await openPage(context));
  });

  it("shows the files as text, finds them, and plays the chosen one with real instruments", async () => {
    await page.goto(preview.url);
    const links = page.locator("#files a");
    await poll(() => links.count()).toBe(3);
    expect(page.url()).not.toContain("token");
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    await page.fill("#search", "onerror GT");
    expect(await links.count()).toBe(0);
    await page.fill("#search", "takes ONERROR");
    expect(await links.allTextContents()).toEqual([expect.stringContaining(HOSTILE)]);
    await links.first().click();
    const title = `${HOSTILE} · attacca`;
    await titled(page, title);
    expect(await links.first().getAttribute("aria-current")).toBe("true");
    expect(await noteCount(page)).toBeGreaterThan(10);
    await page.fill("#search", "");
    expect(await links.count()).toBe(3);
    await page.keyboard.press("ArrowDown");
    expect(await page.locator("#files a:focus").count()).toBe(1);
    const heard = await listen(page);
    expect(heard.kind).toBe("soundfont");
    expect(heard.peak).toBeGreaterThan(0.001);
    // The choice survives a reload, and the token is kept for the tab.
    await page.reload();
    await titled(page, title);
    expect(problems).toEqual([]);
  });

  it("takes new and changed files by itself, and says what is wrong with one", async () => {
    await page.goto(preview.url);
    await poll(() => page.locator("#files a").count()).toBe(3);
    const path = join(shown(), "new.mid");
    await writeFile(`${path}.tmp`, await readFile("data/prompts/chorale.mid"));
    await rename(`${path}.tmp`, path);
    const link = page.getByRole("link", { name: /^new/ });
    await link.click();
    await titled(page, "new · attacca");
    expect(await noteCount(page)).toBe(await notesIn("data/prompts/chorale.mid"));
    await writeFile(`${path}.tmp`, await readFile("data/prompts/song.mid"));
    await rename(`${path}.tmp`, path);
    await poll(() => noteCount(page)).toBe(await notesIn("data/prompts/song.mid"));
    await writeFile(`${path}.tmp`, "no MIDI");
    await rename(`${path}.tmp`, path);
    await page.getByText(/invalid shown\/new\.mid/).waitFor();
    await rm(path);
    await poll(() => page.locator("#files a").count()).toBe(3);
    expect(problems).toEqual([]);
  });

  it("shows one file alone, and one that is opened there", async () => {
    await page.goto(preview.url);
    const link = page.getByRole("link", { name: /^chorale/ });
    await link.waitFor();
    await page.goto(new URL((await link.getAttribute("href"))!, preview.url).href);
    await titled(page, "chorale · attacca");
    expect(await noteCount(page)).toBe(await notesIn("data/prompts/chorale.mid"));
    await page.setInputFiles("#chooser", "data/prompts/greensleeves.mid");
    await titled(page, "greensleeves · attacca");
    expect(await noteCount(page)).toBe(await notesIn("data/prompts/greensleeves.mid"));
    await page.setInputFiles("#chooser", "package.json");
    await page.getByText(/invalid package\.json/).waitFor();
    expect(problems).toEqual([]);
  });

  it("gives the studio the chosen file as a prompt, and the user's checkpoints", async () => {
    await cp("checkpoints/chorales", join(shown(), "mine"), { recursive: true });
    const own = await startPreview({ paths: [shown()] });
    await page.goto(own.url);
    await page.getByRole("link", { name: /^ode-to-joy/ }).click();
    await titled(page, "ode-to-joy · attacca");
    await page.getByRole("link", { name: "Go on in the studio" }).click();
    await poll(() => page.locator("#prompt-title").textContent()).toMatch(/ode.to.joy/i);
    expect(await page.locator("#checkpoint option").allTextContents()).toContain("shown/mine");
    await page.selectOption("#checkpoint", "shown/mine");
    await page.locator("#go:enabled").waitFor();
    expect(problems).toEqual([]);
    await own.close();
    await rm(join(shown(), "mine"), { recursive: true });
  });

  it("shows nothing without the token", async () => {
    await page.goto(new URL("/", preview.url).href);
    await page.getByText("Open the whole address").waitFor();
    expect(await page.locator("#files a").count()).toBe(0);
    expect(problems).toEqual([]);
  });
});

describe("a piece as one page", () => {
  it.each(["synth", "soundfont"] as const)("plays from a disk, with nothing to fetch (%s)", async (sound) => {
    const midi = await readFile("data/prompts/chorale.mid");
    const path = join(folder, `${sound}.html`);
    await writeFile(path, await exportHtml(midi, { title: HOSTILE, sound, promptEnd: "bar:3" }));
    const context = await browser.newContext({ offline: true });
    const asked: string[] = [];
    await context.route("**", async (route) => {
      const url = route.request().url();
      if (/^(file|data|blob):/.test(url)) return route.continue();
      asked.push(url);
      await route.abort();
    });
    const { page, problems } = await openPage(context);
    await page.goto(pathToFileURL(path).href);
    expect(await page.title()).toBe(HOSTILE);
    await poll(() => noteCount(page)).toBe(await notesIn("data/prompts/chorale.mid"));
    const heard = await listen(page);
    expect(heard.kind).toBe(sound);
    expect(heard.peak).toBeGreaterThan(0.001);
    expect(await page.title()).toBe(HOSTILE);
    expect([problems, asked]).toEqual([[], []]);
    await context.close();
  });
});
