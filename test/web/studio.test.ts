import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readScore, type Score } from "../../src/midi/index.js";
import { type StudioBrowser, type StudioPage, startStudio } from "./studio-page.js";

let browser: StudioBrowser;
let studio: StudioPage;
beforeAll(async () => {
  browser = await startStudio();
});
afterAll(() => browser.close());
beforeEach(async () => {
  studio = await browser.open();
});
afterEach(async () => {
  // Nothing that the policy forbids, nothing that was thrown and not shown.
  expect(studio.complaints).toEqual([]);
  await studio.close();
});

const onsets = ({ tracks }: Score): string[] =>
  tracks.flatMap(({ notes }, track) => notes.map(({ start, pitch }) => `${track} ${start} ${pitch}`));

/** What a click saves. */
async function saved(label: string): Promise<{ name: string; bytes: Buffer }> {
  const { page } = studio;
  const download = page.waitForEvent("download");
  await page.locator(".take").first().getByRole("button", { name: label, exact: true }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

describe("composing", () => {
  it("opens with the engine, the bundled checkpoint and a prompt", async () => {
    const { page } = studio;
    expect(await page.locator("#engine").textContent()).toMatch(/^simd, \d+ threads?, shared-/);
    expect(await page.locator("#model").textContent()).toMatch(/1\.9 M parameters.*chorale/);
    await page.locator("#prompt-title", { hasText: /chorale/i }).waitFor();
  });

  it("goes on from the prompt in takes, with both costs and the factor of real time", async () => {
    const { page } = studio;
    await studio.prompt("Chorale");
    await studio.take({ bars: 2, seed: 5 });
    await studio.take();
    expect(await studio.titles()).toEqual(["Take 2", "Take 1"]);
    const settings = await page.locator(".take .settings").allTextContents();
    expect(settings).toEqual([
      "1 bar · temperature 0.95 · top-p 0.98 · seed 6 · cached · chorales",
      "2 bars · temperature 0.95 · top-p 0.98 · seed 5 · cached · chorales",
    ]);
    for (const id of ["cost-cached", "cost-recompute"]) {
      expect(await page.locator(`#${id}`).textContent()).toMatch(/^[\d.,]+ ms a token · [\d.,]+ tokens\/s$/);
    }
    expect(await page.locator("#real-time").textContent()).toMatch(/^[\d.,]+ × real time$/);
    expect(await page.locator("#agreement").textContent()).toMatch(/^Both ways agree/);
  });

  it("generates by recompute, and stops when it is told to, with the notes that are there", async () => {
    const { page } = studio;
    await page.locator("#bars").fill("512");
    await page.locator("#listen").uncheck();
    await page.getByText("recompute", { exact: true }).click();
    await page.locator("#go").click();
    await page.locator(".take.running .costs", { hasText: "recompute" }).waitFor();
    await page.locator("#stop").click();
    await page.locator(".take .status", { hasText: "stopped" }).waitFor();
    const { bytes } = await saved(".mid");
    const prompt = readScore(readFileSync("data/prompts/chorale-minor.mid")).score;
    expect(onsets(readScore(bytes).score)).toEqual(expect.arrayContaining(onsets(prompt)));
  });

  it("keeps, deletes, undoes and redoes, by buttons and keys", async () => {
    const { page } = studio;
    for (let i = 0; i < 3; i++) await studio.take();
    const take = (title: string) => page.locator(".take", { hasText: title });
    await take("Take 2").getByRole("button", { name: "Keep" }).click();
    expect(await take("Take 2").getByRole("button", { name: "Keep" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await page.locator("#delete-others").click();
    expect(await studio.titles()).toEqual(["Take 2"]);
    await page.locator("#undo").click();
    expect(await studio.titles()).toEqual(["Take 3", "Take 2", "Take 1"]);
    await take("Take 3").getByRole("button", { name: "Delete" }).click();
    await page.keyboard.press("Control+z");
    expect(await studio.titles()).toEqual(["Take 3", "Take 2", "Take 1"]);
    await page.keyboard.press("Control+Shift+z");
    expect(await studio.titles()).toEqual(["Take 2", "Take 1"]);
    await page.locator("#undo").click();
    await page.locator("#redo").click();
    expect(await studio.titles()).toEqual(["Take 2", "Take 1"]);
  });

  it("goes on from a take, and from that again", async () => {
    const { page } = studio;
    await studio.prompt("Ode to joy");
    const bars = async () =>
      Number(/^\d+/.exec((await page.locator("#prompt-length").textContent()) ?? "")?.[0]);
    const start = await bars();
    for (const [round, title] of ["Take 1", "Take 2"].entries()) {
      await studio.take({ bars: 2 });
      await page.locator(".take").first().getByRole("button", { name: "Go on from here" }).click();
      expect(await page.locator("#prompt-title").textContent()).toBe(title);
      expect(await bars()).toBe(start + 2 * (round + 1));
    }
    await page.locator("#undo").click();
    expect(await page.locator("#prompt-title").textContent()).toBe("Take 1");
  });

  it("begins a piece from nothing", async () => {
    const { page } = studio;
    await page.getByRole("button", { name: "From nothing" }).click();
    expect(await page.locator("#go").textContent()).toBe("Begin");
    await studio.take({ bars: 1 });
    const { score } = readScore((await saved(".mid")).bytes);
    expect(Math.min(...score.tracks.flatMap(({ notes }) => notes.map(({ start }) => start)))).toBe(0);
  });

  it("plays a take while it is made, and pauses", async () => {
    const { page } = studio;
    await studio.take({ bars: 2, listen: true });
    const play = page.locator(".take").first().getByRole("button", { name: "Pause" });
    await play.waitFor();
    await play.click();
    await page.locator(".take").first().getByRole("button", { name: "Play", exact: true }).waitFor();
  });

  it("compares two takes from the same place", async () => {
    const { page } = studio;
    await studio.take();
    await studio.take();
    await page.locator(".take").nth(0).getByRole("button", { name: "Compare as A" }).click();
    expect(await page.locator("#compare-text").textContent()).toMatch(/^Take 2: choose the other one/);
    await page.locator(".take").nth(1).getByRole("button", { name: "Compare as B" }).click();
    expect(await page.locator("#compare-text").textContent()).toMatch(/^Take 2 with Take 1/);
    await page.locator("#compare-a").click();
    await page.locator("#compare-a[aria-pressed=true]").waitFor();
    await page.locator("#compare-b").click();
    await page.locator("#compare-b[aria-pressed=true]").waitFor();
    expect(await page.locator("#compare-a").getAttribute("aria-pressed")).toBe("false");
    await page.locator("#compare-b").click();
    await page.locator("#compare-b[aria-pressed=false]").waitFor();
    await page.getByRole("button", { name: "End comparing" }).click();
    expect(await page.locator("#compare").isVisible()).toBe(false);
  });
});

describe("saving a take", () => {
  beforeEach(() => studio.take({ bars: 1 }));

  it("gives a MIDI file that goes on from the prompt", async () => {
    const { name, bytes } = await saved(".mid");
    expect(name).toBe("attacca-take-1.mid");
    const { score, warnings } = readScore(bytes, { mode: "strict" });
    expect(warnings).toEqual([]);
    const prompt = readScore(readFileSync("data/prompts/chorale-minor.mid")).score;
    expect(onsets(score)).toEqual(expect.arrayContaining(onsets(prompt)));
    expect(onsets(score).length).toBeGreaterThan(onsets(prompt).length);
  });

  it("gives a WAV file of the right length with sound in it", async () => {
    const { name, bytes } = await saved(".wav");
    expect(name).toBe("attacca-take-1.wav");
    expect(bytes.toString("latin1", 0, 4)).toBe("RIFF");
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset + 44, (bytes.length - 44) >> 1);
    const seconds = samples.length / 2 / 44_100;
    const status = await studio.page.locator(".take .status").first().textContent();
    const [minutes, rest] = (status ?? "").split(":").map(Number);
    expect(seconds).toBeGreaterThan(60 * minutes + rest - 1);
    expect(seconds).toBeLessThan(60 * minutes + rest + 6);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeGreaterThan(1000);
    expect(peak).toBeLessThan(32_767);
  });

  it("gives a page of its own that plays the piece without a server", async () => {
    const { name, bytes } = await saved(".html");
    expect(name).toBe("attacca-take-1.html");
    const page = await studio.page.context().newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    const asked: string[] = [];
    page.on("request", (request) => {
      if (/^https?:/.test(request.url())) asked.push(request.url());
    });
    await page.setContent(bytes.toString("utf8"));
    await page.locator("attacca-player").waitFor();
    expect(await page.title()).toBe("Take 1");
    expect(complaints).toEqual([]);
    expect(asked).toEqual([]);
    await page.close();
  });
});

describe("what goes wrong", () => {
  const message = (text: string | RegExp) => studio.page.locator(".message", { hasText: text });

  it("is said of a file that is no MIDI, whatever its name is, and loses nothing", async () => {
    const { page } = studio;
    await studio.take();
    await studio.drop([{ name: "<img src=x onerror=alert(1)>.mid", bytes: Buffer.from("no MIDI") }]);
    await message("<img src=x onerror=alert(1)>.mid can't be read as a MIDI file.").waitFor();
    expect(await page.locator(".message img").count()).toBe(0);
    expect(await studio.titles()).toEqual(["Take 1"]);
    await page.getByRole("button", { name: /^Dismiss/ }).click();
    expect(await page.locator(".message").count()).toBe(0);
  });

  it("is said of a file that is too large", async () => {
    await studio.dropZeros("huge.mid", 65 * 2 ** 20);
    await message(/huge\.mid can't be read.*65 MiB; at most 64/).waitFor();
  });

  it("is said of a checkpoint that can't be opened, and the one before stays", async () => {
    const { page } = studio;
    await studio.drop([{ name: "broken.zip", bytes: Buffer.from("no zip") }]);
    await message(/broken couldn't be opened; chorales is still in use\..*a damaged zip/).waitFor();
    expect(await page.locator("#checkpoint option:checked").textContent()).toBe("chorales");
    await studio.take();
  });

  it("is said of files that are nothing the studio knows", async () => {
    await studio.drop([{ name: "letter.txt", bytes: Buffer.from("Dear") }]);
    await message(/The studio can't use that\..*letter\.txt/).waitFor();
  });

  it("is said of a soundfont that is none", async () => {
    await studio.drop([{ name: "bad.sf2", bytes: Buffer.from("Dear") }]);
    await message("bad.sf2 can't be used as a soundfont.").waitFor();
  });

  it("is said of a setting that is out of its range, and shown where", async () => {
    const { page } = studio;
    await page.locator("#bars").fill("0");
    expect(await page.locator("#bars").getAttribute("aria-invalid")).toBe("true");
    await page.locator("#go").click();
    await message("Bars is out of its range.").waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("bars");
    expect(await studio.titles()).toEqual([]);
  });

  it("is said when the browser ends the worker, and the engine starts again with the same checkpoint", async () => {
    const { page } = studio;
    await studio.take();
    await page.locator("#bars").fill("512");
    await page.locator("#go").click();
    await page.locator(".take.running .costs", { hasText: "tokens/s" }).waitFor();
    // As it is when memory is short: the worker is gone, and nobody is told.
    const [worker] = page.workers().filter((each) => each.url().endsWith("/worker.js"));
    await worker.evaluate("close()");
    await message("The engine has stopped. Prompt and takes are still there.").waitFor();
    expect(await page.locator("#go").isDisabled()).toBe(true);
    expect(await studio.titles()).toEqual(["Take 2", "Take 1"]);
    await page.getByRole("button", { name: "Start it again" }).click();
    await page.locator("#go:enabled").waitFor();
    await studio.take();
    expect(await studio.titles()).toEqual(["Take 3", "Take 2", "Take 1"]);
  });

  it("is said where there is no GPU for WebGPU, and the processor computes again", async () => {
    const { page } = studio;
    await studio.take();
    // The browser of these tests offers WebGPU and has no device for it.
    await page.locator("#engine-choice").selectOption("webgpu");
    await message("The engine couldn't be started.").waitFor();
    await page.getByRole("button", { name: "Compute on the processor" }).click();
    await page.locator("#go:enabled").waitFor();
    expect(await page.locator("#engine").textContent()).toMatch(/^simd, /);
    expect(await page.locator("#engine-choice").inputValue()).toBe("simd");
    await studio.take();
    expect(await studio.titles()).toEqual(["Take 2", "Take 1"]);
  });
});
