import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "../../src/backend/index.js";
import { continueScore, LOGIT_TOLERANCE, verify, windowRuleOf } from "../../src/generate/index.js";
import { readScore, type Score, writeScore } from "../../src/midi/index.js";
import { createTokenizer, type Tokenizer } from "../../src/tokens/index.js";
import { expectNoLeak } from "../tensors.js";
import { disposeModels, pipeline, setup } from "./random-model.js";
import { bar, chorale, duo } from "./scores.js";

beforeAll(async () => {
  await chooseBackend("wasm");
});
afterAll(disposeModels);

const tokenizers: readonly (readonly [name: string, tokenizer: Tokenizer, prompt: Score])[] = [
  ["remi", createTokenizer("remi", pipeline), duo],
  ["tsd", createTokenizer("tsd", pipeline), duo],
  ["midilike", createTokenizer("midilike", pipeline), duo],
  ["chorale", createTokenizer("chorale"), chorale],
  ["remi, a stream a track", createTokenizer("remi"), duo],
  ["midilike, a stream a track, no meters", createTokenizer("midilike", { useTimeSignatures: false }), duo],
  [
    "tsd with tempos and rests",
    createTokenizer("tsd", { ...pipeline, useTempos: true, useRests: true }),
    duo,
  ],
];

describe.each(tokenizers)("continuing with %s", (_, tokenizer, prompt) => {
  it("keeps the prompt note for note and goes on from its last bar line", async () => {
    const { samples, seam } = await continueScore(setup(tokenizer, { prompt, count: 2 }));
    expect(seam).toBe(2 * bar);
    for (const sample of samples) {
      const { score: result } = sample;
      expect(result.tempos).toEqual(prompt.tempos);
      expect(result.timeSignatures).toEqual(prompt.timeSignatures);
      expect(result.keySignatures).toEqual(prompt.keySignatures);
      for (const [i, own] of prompt.tracks.entries()) {
        const { notes, ...rest } = result.tracks[i];
        expect(notes.filter(({ start }) => start < seam)).toEqual(own.notes);
        expect(rest).toMatchObject({ name: own.name, program: own.program, channel: own.channel });
      }
      const fresh = result.tracks.flatMap(({ notes }) => notes.filter(({ start }) => start >= seam));
      expect(fresh.length).toBeGreaterThan(0);
      expect(Math.max(...fresh.map(({ start }) => start))).toBeLessThan(seam + 2 * bar);
      expect(Math.max(...fresh.map(({ start, duration }) => start + duration))).toBeLessThanOrEqual(
        seam + 2 * bar,
      );
      // Only the prompt's instruments play on.
      const programs = new Set(prompt.tracks.map(({ program }) => program));
      expect(result.tracks.every(({ program }) => programs.has(program))).toBe(true);
    }
    expect(samples[0].ids).not.toEqual(samples[1].ids);
  });

  it("shows the piece so far at every step, which the next step goes on from", async () => {
    const notesOf = ({ tracks }: Score) =>
      tracks.flatMap(({ notes }, track) => notes.map(({ start, pitch }) => `${track} ${start} ${pitch}`));
    const shown: { notes: string[]; sequence: readonly number[]; stream: number }[] = [];
    const seams: number[] = [];
    const { samples, streams, seam } = await continueScore({
      ...setup(tokenizer, { prompt, count: 2, bars: 1 }),
      onSeam: (tick) => seams.push(tick),
      onStep: ({ score, sequence, stream }) => {
        shown.push({ notes: notesOf(score(1)), sequence: sequence(1), stream });
      },
    });
    expect(seams).toEqual([seam]);
    expect(shown.at(-1)?.notes).toEqual(notesOf(samples[1].score));
    for (const [i, { notes, sequence, stream }] of shown.entries()) {
      const before = shown[i - 1];
      expect(streams[stream].sequences[1].slice(0, sequence.length)).toEqual(sequence);
      if (before !== undefined) expect(notes).toEqual(expect.arrayContaining(before.notes));
    }
    expect(shown[0].notes.length).toBeLessThan(shown.at(-1)!.notes.length);
  });

  it("writes a file that reads back as it was", async () => {
    const { samples } = await continueScore(setup(tokenizer, { prompt }));
    const { score: again, warnings } = readScore(writeScore(samples[0].score), { mode: "strict" });
    expect(warnings).toEqual([]);
    const notes = (one: Score): string[][] =>
      one.tracks.map((each) =>
        each.notes.map((n) => `${n.start} ${n.pitch} ${n.duration} ${n.velocity}`).sort(),
      );
    expect(notes(again)).toEqual(notes(samples[0].score));
  });

  it("gives the same ids cached and recomputed, verifies, and frees everything", async () => {
    const options = setup(tokenizer, { prompt, tokens: 100 });
    await expectNoLeak(async () => {
      const cached = await continueScore({ ...options, decode: "cached" });
      const recomputed = await continueScore({ ...options, decode: "recompute" });
      expect(recomputed.samples).toEqual(cached.samples);
      for (const stream of cached.streams) {
        const result = await verify({ ...options, ...windowRuleOf(tokenizer), ...stream });
        expect(result.positions).toBe(stream.sequences[0].length - stream.promptLength);
        expect(result.maxDifference).toBeLessThanOrEqual(LOGIT_TOLERANCE);
      }
    });
  });

  it("begins from nothing without a prompt, at 120 or the tempo given, in 4/4", async () => {
    for (const [tempo, microseconds] of [
      [undefined, 500_000],
      [90, 666_667],
    ] as const) {
      const { samples, seam } = await continueScore(setup(tokenizer, { tempo, bars: 6 }));
      expect(seam).toBe(0);
      const { score: result } = samples[0];
      expect(result.tempos).toEqual([{ tick: 0, microsecondsPerQuarter: microseconds }]);
      expect(result.timeSignatures).toEqual([{ tick: 0, numerator: 4, denominator: 4 }]);
      const starts = result.tracks.flatMap(({ notes }) => notes.map(({ start }) => start));
      expect(starts.length).toBeGreaterThan(0);
      expect(Math.max(...starts)).toBeLessThan(6 * bar);
    }
  });
});

describe("a chorale from nothing", () => {
  it("has a track for each voice, of one instrument and on channels of their own", async () => {
    const { samples } = await continueScore(setup(createTokenizer("chorale"), { bars: 2 }));
    const { tracks } = samples[0].score;
    expect(tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(new Set(tracks.map(({ channel }) => channel)).size).toBe(4);
    expect(new Set(tracks.map(({ program }) => program)).size).toBe(1);
  });
});
