import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { KernelTimes, SimdBackend } from "../../src/backend/simd/index.js";
import {
  type AccompanyOptions,
  accompany,
  continueScore,
  createDecoder,
  harmonizeScore,
  hiddenNotes,
  type LanguageModel,
  melodyTrack,
} from "../../src/generate/index.js";
import type { Score, ScoreTrack } from "../../src/midi/index.js";
import { modelConfig } from "../../src/model/index.js";
import { createChoraleTokenizer, createTokenizer } from "../../src/tokens/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";
import { openedModels } from "./opened-models.js";

const tokenizer = createChoraleTokenizer();
const { begin, end } = tokenizer.special;
const config = modelConfig({
  vocab_size: tokenizer.vocabulary.size,
  n_positions: 64,
  n_embd: 12,
  n_layer: 2,
  n_head: 2,
  encoder_layers: 1,
  initializer_range: 0.2,
});
const first = tokenizer.vocabulary.idOf("Pitch_60")!;
const melody = Array.from({ length: 20 }, (_, i) => first + ((5 * i) % 12));

const model = openedModels(config);

const note = (start: number, duration: number, pitch: number) => ({ start, duration, pitch, velocity: 90 });
const track = (name: string, notes: ScoreTrack["notes"]): ScoreTrack => ({
  name,
  program: 73,
  isDrum: false,
  channel: 3,
  notes,
  controls: [],
  pitchBends: [],
});
const scoreOf = (...tracks: ScoreTrack[]): Score => ({
  ticksPerQuarter: 96,
  tempos: [{ tick: 0, microsecondsPerQuarter: 400_000 }],
  timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }],
  keySignatures: [],
  texts: [],
  tracks,
});
// The second note begins a 32nd late, the third is the second once more.
const tune = track("Tune", [note(0, 96, 72), note(108, 84, 74), note(192, 48, 74), note(240, 48, 71)]);

describe.each(testedBackends)("an accompaniment on %s", (backend) => {
  it("keeps the melody, is the same with and without a cache, and longer than the context", async () => {
    await useBackend(backend);
    const options: AccompanyOptions = { ...model(), tokenizer, melody, seed: 2 };
    const found = await expectNoLeak(async () => {
      const { ids, drawn, windows } = await accompany(options);
      return { ids, drawn, windows };
    });
    const recomputed = await expectNoLeak(
      async () => (await accompany({ ...options, decode: "recompute" })).ids,
    );
    expect(recomputed).toEqual(found.ids);
    expect([found.ids[0], found.ids.at(-1), found.drawn]).toEqual([begin, end, 60]);
    expect(Array.from(found.ids).filter((_, at) => at % 4 === 1 && at < 81)).toEqual(melody);
    // 81 ids do not fit 64: the window is cut once or more.
    expect(found.windows).toBeGreaterThan(1);
    const other = await accompany({ ...options, seed: 3 });
    expect(other.ids).not.toEqual(found.ids);
    expect((await accompany(options)).ids).toEqual(found.ids);
  });
});

describe("an accompaniment that is stopped", () => {
  it("ends behind the step that was being written", async () => {
    await useBackend("simd");
    const signal = { aborted: false };
    const found = await accompany({
      ...model(),
      tokenizer,
      melody,
      signal,
      onStep(done) {
        signal.aborted = done === 3;
      },
    });
    expect([found.ids.length, found.drawn]).toEqual([1 + 3 * 4 + 1, 9]);
  });
});

describe("the encoder", () => {
  it("runs once, however many ids are decoded", async () => {
    await useBackend("simd");
    const engine = tf.backend() as SimdBackend;
    const profile = new Map<string, KernelTimes>();
    engine.profile = profile;
    try {
      const { drawn, windows } = await accompany({ ...model(), tokenizer, melody: melody.slice(0, 12) });
      expect([drawn, windows]).toEqual([36, 1]);
    } finally {
      engine.profile = undefined;
    }
    // The decoder's own attention is the cached one; each of its two blocks looks at the source each time.
    expect(profile.get("AttaccaAttention")!.calls).toBe(1);
    expect(profile.get("AttaccaCachedAttention")!.calls).toBe(2 * 36);
    expect(profile.get("AttaccaCrossAttention")!.calls).toBe(2 * 36);
  });

  it("hears what is still to come of the melody", async () => {
    await useBackend("simd");
    const own = model();
    const firstSteps = (rest: readonly number[]): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 12 }, async (_, seed) => {
          const { ids } = await accompany({ ...own, tokenizer, melody: [first, ...rest], seed });
          return String(ids.slice(2, 5));
        }),
      );
    const rising = await firstSteps([first + 2, first + 4, first + 5, first + 7]);
    expect(await firstSteps([first + 2, first + 4, first + 5, first + 7])).toEqual(rising);
    expect(await firstSteps([first - 1, first - 3, first - 5, first - 7])).not.toEqual(rising);
  });
});

describe("a harmonized score", () => {
  it("has the melody as it was, in its own time, and three voices on the grid below", async () => {
    await useBackend("simd");
    const score = scoreOf(tune, track("Old bass", [note(0, 384, 40)]));
    const { score: found } = await harmonizeScore({ ...model(), tokenizer, score, track: 0 });
    expect({ ...found, tracks: [] }).toEqual({ ...score, tracks: [] });
    expect(found.tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(found.tracks[0].notes).toEqual(tune.notes);
    expect(found.tracks[0].program).toBe(73);
    expect(new Set(found.tracks.map(({ channel }) => channel)).size).toBe(4);
    for (const { notes } of found.tracks.slice(1)) {
      for (const { start, duration } of notes) expect([start % 24, duration % 24]).toEqual([0, 0]);
      expect(Math.max(...notes.map(({ start, duration }) => start + duration))).toBeLessThanOrEqual(288);
    }
  });

  it("keeps to a key and to ranges", async () => {
    await useBackend("simd");
    const constraints = {
      key: { tonic: 7, scale: "major" as const },
      pitchRange: [
        { of: "alto", low: 60, high: 65 },
        { of: "bass", low: 40, high: 50 },
      ],
    };
    const score = scoreOf(tune);
    const { score: found } = await harmonizeScore({ ...model(), tokenizer, score, track: 0, constraints });
    const pitches = found.tracks.map(({ notes }) => notes.map(({ pitch }) => pitch));
    for (const pitch of pitches.slice(1).flat()) expect([7, 9, 11, 0, 2, 4, 6]).toContain(pitch % 12);
    for (const pitch of pitches[1]) expect(pitch >= 60 && pitch <= 65).toBe(true);
    for (const pitch of pitches[3]) expect(pitch >= 40 && pitch <= 50).toBe(true);
  });

  it("keeps to a chord a bar on its beats, in the melody's own meter", async () => {
    await useBackend("simd");
    const [c, g] = [
      [0, 4, 7],
      [7, 11, 2],
    ];
    // Two bars of 3/4.
    const long = track("Tune", [note(0, 288, 72), note(288, 288, 71)]);
    const constraints = { chords: [new Set(c), new Set(g)] };
    const score = scoreOf(long);
    const { score: found } = await harmonizeScore({ ...model(), tokenizer, score, track: 0, constraints });
    let sounding = 0;
    for (const { notes } of found.tracks.slice(1)) {
      for (let beat = 0; beat < 6; beat++) {
        for (const { start, duration, pitch } of notes) {
          if (start > 96 * beat || start + duration <= 96 * beat) continue;
          expect(beat < 3 ? c : g).toContain(pitch % 12);
          sounding++;
        }
      }
    }
    expect(sounding).toBeGreaterThan(6);
  });

  it("isn't written by other models or tokenizers, nor out of the vocabulary", async () => {
    await useBackend("cpu");
    const score = scoreOf(tune);
    const plain = model({ encoder_layers: 0 });
    const run = (given: LanguageModel, tune = score, own = tokenizer as Parameters<typeof melodyTrack>[1]) =>
      harmonizeScore({ ...given, tokenizer: own, score: tune, track: 0 });
    await expect(run(plain)).rejects.toThrow("harmonizing: a model without an encoder");
    await expect(run(model(), score, createTokenizer("remi"))).rejects.toThrow("the tokenizer remi");
    await expect(run(model({ vocab_size: 99 }))).rejects.toThrow("99 ids; expected the 62 of its tokenizer");
    await expect(run(model(), scoreOf(track("High", [note(0, 96, 100)])))).rejects.toThrow(
      "chorale pitch: 100",
    );
    await expect(accompany({ ...model(), tokenizer, melody: [] })).rejects.toThrow("no notes");
  });
});

describe("a model that harmonizes", () => {
  it("doesn't go on from a prompt", async () => {
    await useBackend("cpu");
    const own = model();
    expect(() => createDecoder(own, "cached")).toThrow(
      "unsupported going on: a model that harmonizes; expected a model without an encoder",
    );
    await expect(continueScore({ ...own, tokenizer, bars: 1 })).rejects.toThrow("attacca harmonize");
  });
});

describe("the melody of a score", () => {
  const bass = track("Bass", [note(0, 96, 40)]);
  const drums = { ...track("Kit", [note(0, 96, 36)]), isDrum: true };
  const voices = ["One", "Two", "Three", "Four"].map((name, i) => track(name, [note(0, 96, 50 + 5 * i)]));

  it.each([
    ["the only track with notes", [drums, track("Empty", []), bass], undefined, 2],
    ["the one of that name", [bass, track("MELODY ", tune.notes)], undefined, 1],
    ["the highest of four voices", voices, undefined, 3],
    ["what is asked for by name", voices, "two", 1],
    ["what is asked for by number", voices, "3", 2],
  ] as const)("is %s", (_, tracks, asked, expected) => {
    expect(melodyTrack(scoreOf(...tracks), tokenizer, asked)).toBe(expected);
  });

  it("isn't guessed", () => {
    expect(() => melodyTrack(scoreOf(bass, tune), tokenizer)).toThrow("2 tracks: Bass, Tune");
    expect(() => melodyTrack(scoreOf(bass, tune), tokenizer, "Flute")).toThrow("expected one of Bass, Tune");
    expect(() => melodyTrack(scoreOf(bass, drums), tokenizer, "2")).toThrow("expected one of Bass");
    expect(() => melodyTrack(scoreOf(drums), tokenizer)).toThrow("no notes");
  });

  it("hides no notes", () => {
    expect(hiddenNotes(tune)).toBe(0);
    expect(
      hiddenNotes(track("Chords", [note(0, 9, 60), note(0, 9, 64), note(0, 9, 67), note(9, 9, 60)])),
    ).toBe(2);
  });
});
