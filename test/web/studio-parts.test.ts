import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type StudioBrowser, type StudioPage, startStudio } from "./studio-page.js";

/** A MIDI keyboard for pages to find; `keyboard.play(bytes)` is a message of it. */
const FAKE_KEYBOARD = `
  const input = { id: "k1", name: "Test keyboard", onmidimessage: null };
  const access = { inputs: new Map([["k1", input]]), outputs: new Map(), onstatechange: null };
  navigator.requestMIDIAccess = async () => access;
  window.keyboard = { play: (...bytes) => input.onmidimessage({ data: new Uint8Array(bytes), target: input }) };
`;

/** How many pixels of the chart have the accent's colour, #b4430f. */
const ACCENT_PIXELS = `(() => {
  const canvas = document.querySelector("#loss");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] === 0xb4 && data[i + 1] === 0x43) count++;
  return count;
})()`;

let browser: StudioBrowser;
let studio: StudioPage;
beforeAll(async () => {
  browser = await startStudio();
});
afterAll(() => browser.close());
beforeEach(async () => {
  studio = await browser.open({ init: FAKE_KEYBOARD });
});
afterEach(async () => {
  expect(studio.complaints).toEqual([]);
  await studio.close();
});

describe("recording a prompt", () => {
  const length = async () => (await studio.page.locator("#prompt-length").textContent()) ?? "";
  beforeEach(async () => {
    await studio.page.locator("#record-open").click();
  });

  it("takes the computer's keys, with octaves, and goes on from them", async () => {
    const { page } = studio;
    await page.locator("#record-start").click();
    for (const key of ["KeyZ", "KeyC", "KeyB"]) await page.keyboard.press(key, { delay: 30 });
    await page.keyboard.press("ArrowUp");
    expect(await page.locator("#octave").textContent()).toBe("C5");
    await page.keyboard.press("KeyQ", { delay: 30 });
    await page.locator("#record-start").click();
    expect(await page.locator("#prompt-title").textContent()).toBe("Recording 1");
    expect(await length()).toMatch(/^\d+ bars?, 4 notes/);
    await studio.take({ bars: 1 });
    expect(await page.locator(".take .costs").first().textContent()).toMatch(/arranged for them/);
  });

  it("takes a MIDI keyboard", async () => {
    const { page } = studio;
    await page.locator("#record-input").selectOption("k1");
    await page.locator("#record-start").click();
    // The third message is a note-on of velocity 0, which ends the note.
    await page.evaluate(
      "keyboard.play(0x90, 60, 100); keyboard.play(0x90, 64, 90); keyboard.play(0x90, 60, 0); keyboard.play(0x80, 64, 0)",
    );
    await page.locator("#record-start").click();
    expect(await length()).toMatch(/^1 bar, 2 notes/);
  });

  it("takes the keys on the page, and counts a bar in with the metronome", async () => {
    const { page } = studio;
    await page.locator("#record-tempo").fill("300");
    await page.locator("#record-click").check();
    await page.locator("#record-start").click();
    await page.getByRole("button", { name: "E4" }).click({ delay: 40 });
    await page.locator("#record-start").click();
    expect(await length()).toMatch(/^1 bar, 1 note,/);
  });

  it("says so where nothing was played, and keeps the prompt", async () => {
    const { page } = studio;
    const before = await page.locator("#prompt-title").textContent();
    await page.locator("#record-start").click();
    await page.locator("#record-start").click();
    expect(await page.locator("#record-status").textContent()).toBe("Nothing was played.");
    expect(await page.locator("#prompt-title").textContent()).toBe(before);
  });
});

describe("training on the page", () => {
  const status = (text: string | RegExp) => studio.page.locator("#train-status", { hasText: text }).waitFor();
  /** A model that trains in no time. */
  async function prepare(steps: number): Promise<void> {
    const { page } = studio;
    await page.getByRole("tab", { name: "Train" }).click();
    await page.getByRole("button", { name: "Take the bundled tunes" }).click();
    await page.locator("#data-text", { hasText: "54 MIDI files" }).waitFor();
    await page.locator("#size").selectOption("tiny");
    for (const [id, value] of Object.entries({ width: 16, context: 32, steps, "eval-every": 4 })) {
      await page.locator(`#${id}`).fill(String(value));
    }
    expect(await page.locator("#size").inputValue()).toBe("own");
    await page.locator("#sing").uncheck();
  }

  it("shows losses and samples, and gives a checkpoint to use and to keep", async () => {
    const { page } = studio;
    await prepare(8);
    await page.locator("#train-start").click();
    await status("Done after 8 steps.");
    expect(await page.locator("#loss-step").textContent()).toBe("8 of 8");
    expect(Number(await page.locator("#loss-train").textContent())).toBeGreaterThan(1);
    expect(await page.locator("#loss-validation").textContent()).toMatch(/^\d\.\d{3}/);
    expect(await page.locator("#loss").getAttribute("aria-label")).toMatch(/^After 8 steps: training loss/);
    // The validation curve is drawn in the accent's colour.
    expect(await page.evaluate(ACCENT_PIXELS)).toBeGreaterThan(20);
    expect(await page.locator("#samples h3").allTextContents()).toEqual(["After 8 steps", "After 4 steps"]);

    const download = page.waitForEvent("download");
    await page.locator("#train-zip").click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("tunes.zip");
    const names = Object.keys(unzipSync(readFileSync(await file.path())));
    expect(names).toEqual(
      expect.arrayContaining([
        "tunes/best/config.json",
        "tunes/last/optimizer.safetensors",
        "tunes/options.json",
        "tunes/metrics.jsonl",
      ]),
    );

    await page.locator("#train-use").click();
    await page.locator("#checkpoint option:checked", { hasText: "tunes" }).waitFor({ state: "attached" });
    await page.getByRole("tab", { name: "Compose" }).click();
    await studio.prompt("Ode to joy");
    await studio.take({ bars: 1 });
    expect(await page.locator(".take .settings").first().textContent()).toMatch(/ · tunes$/);
  });

  it("stops and goes on", async () => {
    const { page } = studio;
    await prepare(100_000);
    await page.locator("#train-start").click();
    await page.locator("#loss-step", { hasText: /^\d{2,} of/ }).waitFor();
    await page.locator("#train-stop").click();
    await status(/^Stopped after/);
    const stopped = Number.parseInt((await page.locator("#loss-step").textContent()) ?? "", 10);
    await page.locator("#train-on").click();
    const step = async () => Number.parseInt((await page.locator("#loss-step").textContent()) ?? "", 10);
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(stopped);
    await page.locator("#train-stop").click();
    await status(/^Stopped after/);
  });

  it("learns from dropped files, names what it leaves out, and says what can't be", async () => {
    const { page } = studio;
    await prepare(1);
    const tune = readFileSync("data/tunes/ode-to-joy.mid");
    const names = ["a.mid", "b.mid"];
    await studio.drop([
      ...names.map((name) => ({ name, bytes: tune })),
      { name: "<b>bad</b>.mid", bytes: Buffer.from("no") },
    ]);
    await page.locator("#data-text", { hasText: "3 MIDI files" }).waitFor();
    await page.locator("#train-start").click();
    await status("Done after 1 step.");
    expect(await page.locator("#skipped summary").textContent()).toBe("2 files left out");
    expect(await page.locator("#skipped li").allTextContents()).toEqual([
      expect.stringMatching(/^<b>bad<\/b>\.mid: /),
      "b.mid: the same music as a.mid",
    ]);
    await page.locator("#heads").fill("3");
    await page.locator("#train-start").click();
    await page.locator(".message", { hasText: /Training couldn't go on\..*width.*16/ }).waitFor();
    await status("Training has ended with an error.");
  });
});

describe("the page", () => {
  it.each([360, 600, 820, 1023, 1024, 1360, 1920])("has room for everything at %i pixels", async (width) => {
    const { page } = studio;
    await page.setViewportSize({ width, height: 800 });
    await page.locator("#record-open").click();
    for (const name of ["Compose", "Train"]) {
      await page.getByRole("tab", { name }).click();
      expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBe(width);
    }
  });

  it("is used by the keyboard alone: tabs, roll, button", async () => {
    const { page } = studio;
    await page.locator("#tab-compose").focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("#train").isVisible()).toBe(true);
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator("#compose").isVisible()).toBe(true);
    await page.locator("#prompt-roll .stage").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.locator("#prompt-play", { hasText: "Pause" }).waitFor();
    await page.keyboard.press("Space");
    await page.locator("#prompt-play", { hasText: "Play" }).waitFor();
    await page.locator("#listen").uncheck();
    await page.locator("#bars").fill("1");
    await page.keyboard.press("Enter");
    await page.locator(".take:not(.running)").waitFor();
  });

  it("names every control for those who don't see it", async () => {
    const { page } = studio;
    await studio.take();
    await page.locator("#record-open").click();
    for (const name of ["Compose", "Train"]) {
      await page.getByRole("tab", { name }).click();
      const tree = await page.locator("body").ariaSnapshot();
      expect(tree).toContain("heading");
      // A control without a name stands there as its role alone.
      expect(
        tree.match(/^\s*- (button|textbox|checkbox|combobox|slider|spinbutton|radio|img)\s*$/gm) ?? [],
      ).toEqual([]);
    }
  });
});
