import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "../../src/backend/index.js";
import {
  type ContinuationOptions,
  continueScore,
  LOGIT_TOLERANCE,
  verify,
  windowRuleOf,
} from "../../src/generate/index.js";
import { type Note, readScore, type Score, type ScoreTrack, writeScore } from "../../src/midi/index.js";
import { disposeParameters, initialParameters, modelConfig, type Parameters } from "../../src/model/index.js";
import { createTokenizer, type Tokenizer } from "../../src/tokens/index.js";

const QUARTER = 480;

function note(start: number, duration: number, pitch: number, velocity = 80): Note {
  return { start: Math.round(start * QUARTER), duration: Math.round(duration * QUARTER), pitch, velocity };
}

function track(notes: readonly Note[], rest: Partial<ScoreTrack> = {}): ScoreTrack {
  return { name: "", program: 0, isDrum: false, channel: 0, controls: [], pitchBends: [], ...rest, notes };
}

function score(tracks: readonly ScoreTrack[], rest: Partial<Score> = {}): Score {
  return {
    ticksPerQuarter: QUARTER,
    tempos: [{ tick: 0, microsecondsPerQuarter: 612_345 }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [{ tick: 0, sharps: -3, minor: true }],
    texts: [],
    ...rest,
    tracks,
  };
}

/** Two bars: a melody of quarters on the flute, a bass of halves on the cello. */
const duo = score([
  track(
    [60, 62, 64, 65, 67, 65, 64, 62].map((pitch, i) => note(i, 1, pitch)),
    { name: "Flute", program: 73, channel: 2 },
  ),
  track(
    [36, 43, 41, 43].map((pitch, i) => note(2 * i, 2, pitch)),
    { name: "Cello", program: 42, channel: 5 },
  ),
]);

const chorale = score(
  [72, 67, 64, 48].map((pitch, channel) =>
    track(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => note(i, 1, pitch + (i % 3))),
      { name: ["Soprano", "Alto", "Tenor", "Bass"][channel], program: 19, channel },
    ),
  ),
);

const pipeline = { usePrograms: true, useTimeSignatures: true, removeDuplicatedNotes: true };

interface Setup extends ContinuationOptions {
  readonly parameters: Parameters;
}

const open: Parameters[] = [];
function setup(tokenizer: Tokenizer, rest: Partial<ContinuationOptions> = {}): Setup {
  const config = modelConfig({
    vocab_size: tokenizer.vocabulary.size,
    n_positions: 64,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    initializer_range: 0.2,
  });
  const parameters = initialParameters(config, 5);
  open.push(parameters);
  return { tokenizer, parameters, config, seed: 1, bars: 2, ...rest };
}

beforeAll(async () => {
  await chooseBackend("wasm");
});
afterAll(() => open.forEach(disposeParameters));

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

const bar = 4 * QUARTER;

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
      // Only the prompt's instruments play on.
      const programs = new Set(prompt.tracks.map(({ program }) => program));
      expect(result.tracks.every(({ program }) => programs.has(program))).toBe(true);
    }
    expect(samples[0].ids).not.toEqual(samples[1].ids);
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

  it("gives the same ids cached and recomputed, and verifies", async () => {
    const options = setup(tokenizer, { prompt, tokens: 100 });
    const cached = await continueScore({ ...options, decode: "cached" });
    const recomputed = await continueScore({ ...options, decode: "recompute" });
    expect(recomputed.samples).toEqual(cached.samples);
    for (const stream of cached.streams) {
      const result = await verify({ ...options, ...windowRuleOf(tokenizer), ...stream });
      expect(result.positions).toBe(stream.sequences[0].length - stream.promptLength);
      expect(result.maxDifference).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    }
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
