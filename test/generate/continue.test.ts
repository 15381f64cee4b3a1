import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "../../src/backend/index.js";
import {
  type ContinuationOptions,
  continueScore,
  LOGIT_TOLERANCE,
  verify,
  windowRuleOf,
} from "../../src/generate/index.js";
import { readScore, type Score, writeScore } from "../../src/midi/index.js";
import { disposeParameters, initialParameters, modelConfig, type Parameters } from "../../src/model/index.js";
import { createTokenizer, type Tokenizer } from "../../src/tokens/index.js";
import { chorale, duo, note, QUARTER, score, track } from "./scores.js";

const pipeline = {
  programs: [-1, 0, 19, 42, 73],
  usePrograms: true,
  useTimeSignatures: true,
  removeDuplicatedNotes: true,
};

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

describe("a prompt at the seam", () => {
  const remi = createTokenizer("remi", pipeline);

  it("is taken up to --prompt-bars, and whole where it has fewer", async () => {
    const one = await continueScore(setup(remi, { prompt: duo, promptBars: 1 }));
    expect(one.seam).toBe(bar);
    expect(one.samples[0].score.tracks[1].notes.slice(0, 2)).toEqual(duo.tracks[1].notes.slice(0, 2));
    expect(one.warnings).toEqual([]);
    const many = await continueScore(setup(remi, { prompt: duo, promptBars: 7 }));
    expect(many.seam).toBe(2 * bar);
    expect(many.warnings).toEqual(["the prompt has 2 bars, not 7: all of them are taken"]);
  });

  it("keeps a note that rings past it whole, unless its key is struck again", async () => {
    const ringing = score([
      track(
        [...duo.tracks[0].notes, note(6, 4, 36)].sort((a, b) => a.start - b.start),
        { program: 73 },
      ),
    ]);
    const { samples, seam } = await continueScore(setup(remi, { prompt: ringing, promptBars: 2, bars: 3 }));
    const { notes } = samples[0].score.tracks[0];
    const kept = notes.find(({ start, pitch }) => start === 6 * QUARTER && pitch === 36);
    const again = notes.find(({ start, pitch }) => start >= seam && pitch === 36);
    const whole = 4 * QUARTER;
    expect(kept?.duration).toBe(again === undefined ? whole : Math.min(whole, again.start - 6 * QUARTER));
  });

  it("begins from nothing, in its tempo and meter, where it has no notes", async () => {
    const silent = score([track([])], { timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }] });
    const { samples, seam, warnings } = await continueScore(setup(remi, { prompt: silent, bars: 6 }));
    expect(seam).toBe(0);
    expect(warnings).toEqual([
      "the prompt has no notes: the piece begins from nothing, in the prompt's tempo and meter",
    ]);
    const { score: result } = samples[0];
    expect(result.tempos).toEqual(silent.tempos);
    expect(result.timeSignatures).toEqual(silent.timeSignatures);
    const starts = result.tracks.flatMap(({ notes }) => notes.map(({ start }) => start));
    expect(starts.length).toBeGreaterThan(0);
    expect(Math.max(...starts)).toBeLessThan(6 * 3 * QUARTER);
  });

  it("counts bars in its own meter, also with a tokenizer that knows 4/4 only", async () => {
    const waltz = score([track([0, 1, 2, 3, 4, 5].map((i) => note(i, 1, 60 + i)))], {
      timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }],
    });
    for (const options of [pipeline, { ...pipeline, useTimeSignatures: false }]) {
      const tokenizer = createTokenizer("remi", options);
      const { samples, seam } = await continueScore(setup(tokenizer, { prompt: waltz, bars: 4 }));
      expect(seam).toBe(6 * QUARTER);
      const { score: result } = samples[0];
      expect(result.timeSignatures).toEqual(waltz.timeSignatures);
      const fresh = result.tracks[0].notes.filter(({ start }) => start >= seam);
      expect(fresh.length).toBeGreaterThan(0);
      expect(fresh.at(-1)?.start).toBeLessThan(seam + 4 * 3 * QUARTER);
    }
  });

  it("may be off its own grid: the new part keeps to the prompt's beats", async () => {
    const offset = 77;
    const late = {
      ...duo,
      tracks: duo.tracks.map((one) => ({
        ...one,
        notes: one.notes.map((n) => ({ ...n, start: n.start + offset })),
      })),
    };
    const { samples, seam, warnings } = await continueScore(setup(remi, { prompt: late }));
    expect(warnings).toEqual([
      expect.stringMatching(/^the prompt's notes are 0\.36 of a 16th off its own grid/),
    ]);
    expect(seam).toBe(2 * bar + offset);
    const { score: result } = samples[0];
    for (const [i, { notes }] of late.tracks.entries()) {
      expect(result.tracks[i].notes.filter(({ start }) => start < seam)).toEqual(notes);
    }
    const fresh = result.tracks.flatMap(({ notes }) => notes.filter(({ start }) => start >= seam));
    expect(fresh.length).toBeGreaterThan(0);
    // On the prompt's grid of 32nds.
    expect(fresh.every(({ start }) => (start - offset) % (QUARTER / 8) === 0)).toBe(true);
    const unaligned = await continueScore(setup(remi, { prompt: late, preparation: { align: "none" } }));
    expect(unaligned.seam).toBe(3 * bar);
  });

  it("keeps notes that the vocabulary doesn't have, and says what the model hears instead", async () => {
    const wide = score([
      track([note(0, 1, 3), note(1, 1, 60), note(2, 1, 64)], { program: 0 }),
      track([note(0, 1, 5), note(1, 1, 38)], { isDrum: true, channel: 9 }),
    ]);
    const { samples, warnings, seam } = await continueScore(setup(remi, { prompt: wide }));
    expect(warnings).toEqual([
      expect.stringMatching(/^1 of the prompt's notes lie.* in another octave/),
      expect.stringMatching(/^1 of the prompt's notes lie.* not at all/),
    ]);
    for (const [i, { notes }] of wide.tracks.entries()) {
      expect(samples[0].score.tracks[i].notes.filter(({ start }) => start < seam)).toEqual(notes);
    }
  });

  it("may be much longer than the context", async () => {
    const long = score([
      track(
        Array.from({ length: 200 }, (_, i) => note(i, 1, 50 + (i % 20))),
        { program: 73 },
      ),
    ]);
    const options = setup(remi, { prompt: long, tokens: 40 });
    const cached = await continueScore(options);
    expect(cached.streams[0].promptLength).toBeGreaterThan(options.config.n_positions);
    const recomputed = await continueScore({ ...options, decode: "recompute" });
    expect(recomputed.samples).toEqual(cached.samples);
  });

  it("shares new notes out between two tracks of one instrument by their register", async () => {
    const hands = score([
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 79 + i)),
        { name: "right" },
      ),
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 40 + i)),
        { name: "left" },
      ),
    ]);
    const { samples, seam } = await continueScore(setup(remi, { prompt: hands, bars: 4 }));
    const [right, left] = samples[0].score.tracks.map(({ notes }) =>
      notes.filter(({ start }) => start >= seam),
    );
    expect(samples[0].score.tracks).toHaveLength(2);
    expect(right.length + left.length).toBeGreaterThan(0);
    expect(right.every(({ pitch }) => pitch >= 60)).toBe(true);
    expect(left.every(({ pitch }) => pitch <= 62)).toBe(true);
  });

  it("leaves seed, checkpoint and version behind, and marks the seam", async () => {
    const provenance = { version: "1.2.3", checkpoint: "sha256:abc" };
    const { samples } = await continueScore(setup(remi, { prompt: duo, provenance, seed: 9, count: 2 }));
    expect(samples[1].score.texts).toEqual([
      { tick: 0, kind: "text", text: "attacca 1.2.3; seed 9, sample 1; checkpoint sha256:abc" },
      { tick: 2 * bar, kind: "marker", text: "attacca" },
    ]);
  });

  it("refuses a model of another vocabulary", async () => {
    const options = setup(remi);
    await expect(continueScore({ ...options, tokenizer: createTokenizer("chorale") })).rejects.toThrow(
      /invalid model: \d+ ids; expected the 62 of its tokenizer/,
    );
  });

  it("ends early only where that is allowed", async () => {
    const tokenizer = createTokenizer("chorale");
    const free = await continueScore(setup(tokenizer, { prompt: chorale, bars: 8, allowEnd: true }));
    const full = await continueScore(setup(tokenizer, { prompt: chorale, bars: 8 }));
    expect([free.samples[0].stopped, full.samples[0].stopped]).toEqual(["end", "bars"]);
    expect(full.samples[0].ids).toHaveLength(8 * 64);
    expect(free.samples[0].ids.at(-1)).toBe(tokenizer.special.end);
  });
});
