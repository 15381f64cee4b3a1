import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTab, type Tab } from "../../scripts/web/tab.js";
import { readScore } from "../../src/midi/index.js";
import type { ContinueRequest } from "../../src/studio/protocol.js";
import { dropped, runStudio } from "./studio-tab.js";

const prompt = readScore(readFileSync("data/prompts/chorale.mid")).score;
const request: ContinueRequest = { prompt, bars: 1, temperature: 0.9, topP: 0.95, seed: 4, decode: "cached" };

let tab: Tab;
beforeAll(async () => {
  tab = await openTab({ isolated: true, webgpu: true });
});
afterAll(() => tab.close());

it("the studio's worker composes on WebGPU where it is asked to, and the notes are those of the processor", async () => {
  const compose = async (engine: "simd" | "webgpu") => {
    const { result } = await runStudio(tab, "start", { version: "0.0.0", threads: 1, engine });
    expect(result.name).toBe(engine);
    if (engine === "webgpu") expect(result.build).toMatch(/swiftshader.*\(in software\)/i);
    await runStudio(
      tab,
      "open",
      { name: "chorales" },
      { files: dropped("checkpoints/chorales", "chorales") },
    );
    const { result: made } = await runStudio(tab, "continue", request);
    return made.score.tracks.map(({ notes }) =>
      notes.map(({ start, duration, pitch }) => [start, duration, pitch]),
    );
  };
  const onGpu = await compose("webgpu");
  expect(onGpu.flat().length).toBeGreaterThan(prompt.tracks.flatMap(({ notes }) => notes).length);
  expect(onGpu).toEqual(await compose("simd"));
});
