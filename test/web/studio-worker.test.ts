import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTab, type Tab } from "../../scripts/web/tab.js";
import { continueScore } from "../../src/generate/index.js";
import { readScore, type Score } from "../../src/midi/index.js";
import { loadModel } from "../../src/node/model.js";
import type { ContinueEvent, ContinueRequest } from "../../src/studio/protocol.js";
import { dropped, runStudio } from "./studio-tab.js";

const CHECKPOINT = "checkpoints/chorales";
const prompt = readScore(readFileSync("data/prompts/chorale.mid")).score;
const request: ContinueRequest = { prompt, bars: 3, temperature: 0.9, topP: 0.95, seed: 4, decode: "cached" };

const onsets = ({ tracks }: Score): string[] =>
  tracks.flatMap(({ notes }, track) => notes.map(({ start, pitch }) => `${track} ${start} ${pitch}`));

describe.each([{ isolated: true }, { isolated: false }])(
  "the studio's worker (isolated: $isolated)",
  ({ isolated }) => {
    let tab: Tab;
    beforeAll(async () => {
      tab = await openTab({ isolated });
    });
    afterAll(() => tab.close());

    it("says what is missing before a checkpoint was opened", async () => {
      await expect(runStudio(tab, "continue", request)).rejects.toThrow(/missing checkpoint/);
    });

    it("starts its engine", async () => {
      const build = isolated ? "shared-plain" : "single-plain";
      const { result } = await runStudio(tab, "start", { version: "0.0.0", threads: 2, build });
      expect(result).toEqual({ name: "simd", build, threads: isolated ? 2 : 1, isolated });
    });

    it("opens a checkpoint's folder", async () => {
      const { result } = await runStudio(
        tab,
        "open",
        { name: "chorales" },
        { files: dropped(CHECKPOINT, "chorales") },
      );
      expect(result).toMatchObject({
        name: "chorales",
        tokenizer: "chorale",
        contextLength: 256,
        width: 160,
      });
    });

    it("keeps the checkpoint where another can't be read, and names what is wrong", async () => {
      const open = (files: { path: string; base64: string }[]) =>
        runStudio(tab, "open", { name: "mine" }, { files });
      const files = dropped(CHECKPOINT, "chorales");
      await expect(open(files.filter(({ path }) => !path.endsWith("config.json")))).rejects.toThrow(
        /missing config.json in mine/,
      );
      await expect(open(files.filter(({ path }) => !path.endsWith(".safetensors")))).rejects.toThrow(
        /missing mine: model.safetensors/,
      );
      const damaged = files.map((file) =>
        file.path.endsWith(".safetensors") ? { ...file, base64: file.base64.slice(0, 4000) } : file,
      );
      await expect(open(damaged)).rejects.toThrow(/invalid mine: model.safetensors/);
      await expect(open([{ path: "mine.zip", base64: btoa("no zip") }])).rejects.toThrow(
        /mine: a damaged zip/,
      );
      const { result } = await runStudio(tab, "continue", { ...request, bars: 1 });
      expect(result.stopped).toBe("bars");
    });

    it.each(["cached", "recompute"] as const)("goes on as Node does, step by step (%s)", async (decode) => {
      // Recomputing takes its time.
      const asked = { ...request, decode, bars: decode === "cached" ? 3 : 1 };
      const { result, events } = await runStudio(tab, "continue", asked);
      const model = await loadModel(CHECKPOINT, "simd");
      const { samples, seam } = await continueScore({ ...asked, ...model });
      model.dispose();
      expect(result.seam).toBe(seam);
      expect(onsets(result.score)).toEqual(onsets(samples[0].score));
      // The piece grows, and nothing of it is taken back.
      const shown = events.flatMap(({ score }: ContinueEvent) => (score ? [onsets(score)] : []));
      expect(shown.length).toBeGreaterThan(0);
      for (const [i, notes] of shown.entries()) {
        expect([...shown, onsets(result.score)][i + 1]).toEqual(expect.arrayContaining(notes));
      }
      // Both ways were measured, and agree.
      const { costs } = result;
      expect(costs.tokens).toBe(samples[0].ids.length);
      expect(costs.modes.cached?.tokens).toBe(costs.tokens);
      expect(costs.modes.recompute?.tokens).toBeGreaterThan(0);
      expect(costs.modes[decode]).toEqual({ tokens: costs.tokens, seconds: costs.seconds });
      expect(costs.maxDifference).toBeLessThan(1e-4);
      expect(costs.musicSeconds).toBeGreaterThan(1);
    });

    it("stops at once, with what is there", async () => {
      const { result } = await runStudio(tab, "continue", { ...request, bars: 500 }, { stopAfter: 2 });
      expect(result.stopped).toBe("aborted");
      expect(onsets(result.score)).toEqual(expect.arrayContaining(onsets(prompt)));
      expect(result.costs.tokens).toBeLessThan(20_000);
    });

    it("refuses what it can't do, and goes on working", async () => {
      await expect(runStudio(tab, "continue", { ...request, bars: 0 })).rejects.toThrow(/invalid bars: 0/);
      await expect(runStudio(tab, "continue", { ...request, topP: 7 })).rejects.toThrow(/invalid .*top/i);
      const { result } = await runStudio(tab, "continue", { ...request, prompt: undefined, bars: 1 });
      expect(result.seam).toBe(0);
    });

    it("says so when it was closed during a job, and to all jobs after", async () => {
      const going = runStudio(tab, "continue", { ...request, bars: 500 });
      const closed = expect(going).rejects.toThrow(/worker was closed/);
      await tab.call("closeStudio");
      await closed;
      await expect(runStudio(tab, "continue", request)).rejects.toThrow(/worker was closed/);
    });
  },
);
