import { describe, expect, it } from "vitest";
import { encodeMelody, frame } from "../../src/dataset/index.js";
import {
  accompany,
  accompanyBars,
  type HarmonizePairOptions,
  harmonizePair,
} from "../../src/generate/index.js";
import { readScore, writeScore } from "../../src/midi/index.js";
import { modelConfig } from "../../src/model/index.js";
import { createChoraleTokenizer, createTokenizer, pipelineConfig } from "../../src/tokens/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";
import { openedModels } from "./opened-models.js";
import { note, QUARTER, score, track } from "./scores.js";

const tokenizer = createTokenizer("remi", { ...pipelineConfig, programs: [0] });
const { nameOf } = tokenizer.vocabulary;
const config = modelConfig({
  vocab_size: tokenizer.vocabulary.size,
  n_positions: 48,
  n_embd: 12,
  n_layer: 2,
  n_head: 2,
  encoder_layers: 1,
  initializer_range: 0.2,
});

const model = openedModels(config);

/** Two bars of 4/4, the first empty, and two of 3/4; the last note ends with the last bar. */
const meters = [
  { tick: 0, numerator: 4, denominator: 4 },
  { tick: 8 * QUARTER, numerator: 3, denominator: 4 },
];
const tune = track(
  [
    ...Array.from({ length: 16 }, (_, i) => note(4 + i / 4, 0.25, 60 + ((5 * i) % 12))),
    note(8, 3, 72),
    note(11, 3, 74),
  ],
  { name: "Tune", program: 73, channel: 3 },
);
const song = score([track([note(0, 4, 40)], { name: "Old bass" }), tune], { timeSignatures: meters });
const melody = frame(encodeMelody(song, 1, tokenizer), tokenizer);
const barMeters = (ids: ArrayLike<number>): string[] =>
  Array.from(ids).flatMap((id, i) => (tokenizer.isBoundary(id) ? [nameOf(ids[i + 1])] : []));

describe.each(testedBackends)("what is written to a melody on %s", (backend) => {
  it("has the melody's bars, is the same with and without a cache, and longer than the context", async () => {
    await useBackend(backend);
    const options = { ...model(), tokenizer, melody, bars: 7, seed: 2 };
    const done: number[] = [];
    const found = await expectNoLeak(async () => {
      const { ids, drawn, windows } = await accompanyBars({
        ...options,
        onBar: (bar) => void done.push(bar),
      });
      return { ids, drawn, windows };
    });
    const recomputed = await expectNoLeak(
      async () => (await accompanyBars({ ...options, decode: "recompute" })).ids,
    );
    expect(recomputed).toEqual(found.ids);
    // Behind the melody's last bar its last meter stays.
    expect(barMeters(found.ids)).toEqual([...barMeters(melody), ...Array(3).fill("TimeSig_3/4")]);
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([found.ids[0], found.ids.at(-1)]).toEqual([tokenizer.special.begin, tokenizer.special.end]);
    expect(found.drawn).toBe(found.ids.length - 2);
    expect(found.ids.length).toBeGreaterThan(49);
    expect(found.windows).toBeGreaterThan(1);
    expect((await accompanyBars({ ...options, bars: 1, seed: 3 })).ids.slice(0, 12)).not.toEqual(
      found.ids.slice(0, 12),
    );
  });
});

describe("a melody's bars", () => {
  it("are heard, those ahead too", async () => {
    await useBackend("cpu");
    const own = model({ initializer_range: 0.5, n_positions: 128 });
    const begun = (ids: ArrayLike<number>): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 4 }, async (_, seed) => {
          const given = { ...own, tokenizer, melody: ids, seed };
          return String((await accompanyBars({ ...given, bars: 1 })).ids);
        }),
      );
    const other = tokenizer.transpose(melody, 7)!;
    expect(await begun(melody)).toEqual(await begun(melody));
    // The melody's first bar is empty: what differs is still to come.
    expect(await begun(other)).not.toEqual(await begun(melody));
  });

  it("end where they are stopped", async () => {
    await useBackend("cpu");
    const signal = { aborted: false };
    const onBar = (bar: number): void => {
      signal.aborted = bar === 2;
    };
    const { ids } = await accompanyBars({ ...model(), tokenizer, melody, bars: 4, signal, onBar });
    expect(barMeters([...ids, 0]).length).toBe(3);
  });
});

describe("a song with its melody", () => {
  const run = (given: Partial<HarmonizePairOptions> = {}) =>
    harmonizePair({ ...model(), tokenizer, score: song, track: 1, ...given });

  it("has the melody as it was and new tracks that end with its last bar, in its own time", async () => {
    await useBackend("cpu");
    const { score: found, warnings } = await run();
    expect({ ...found, tracks: [] }).toEqual({ ...song, tracks: [] });
    expect(found.tracks.map(({ name }) => name)).toEqual(["Tune", "Acoustic Grand Piano"]);
    expect(found.tracks[0]).toEqual(tune);
    const [, { notes, channel }] = found.tracks;
    expect(channel).not.toBe(tune.channel);
    expect(notes.length).toBeGreaterThan(8);
    // Eighths of a quarter are the finest grid.
    for (const { start } of notes) expect(start % (QUARTER / 8)).toBe(0);
    expect(Math.max(...notes.map(({ start, duration }) => start + duration))).toBeLessThanOrEqual(
      14 * QUARTER,
    );
    expect(warnings).toEqual([]);
    // What a file makes of it is the same.
    expect(readScore(writeScore(found)).score.tracks[1].notes).toHaveLength(notes.length);
  });

  it("stands on the beats of a file that is off its grid", async () => {
    await useBackend("cpu");
    const late = (ticks: number) => ({
      ...song,
      timeSignatures: meters.slice(0, 1),
      tracks: song.tracks.map((one) => ({
        ...one,
        notes: one.notes.map((each) => ({ ...each, start: each.start + ticks })),
      })),
    });
    const there = await run({ score: late(0), seed: 1 });
    const moved = await run({ score: late(50), seed: 1 });
    expect(moved.warnings).toEqual([expect.stringContaining("the file's notes are")]);
    expect(moved.ids).toEqual(there.ids);
    const starts = (one: typeof moved) => one.score.tracks[1].notes.map(({ start }) => start);
    expect(starts(moved)).toEqual(starts(there).map((start) => start + 50));
    expect(moved.score.tracks[0].notes).toEqual(late(50).tracks[1].notes);
  });

  it("keeps to a key and a range", async () => {
    await useBackend("cpu");
    const { score: found } = await run({
      constraints: {
        key: { tonic: 7, scale: "major" },
        pitchRange: [{ low: 40, high: 64 }],
      },
    });
    const pitches = found.tracks[1].notes.map(({ pitch }) => pitch);
    expect(pitches.length).toBeGreaterThan(8);
    for (const pitch of pitches) {
      expect(pitch >= 40 && pitch <= 64).toBe(true);
      expect([7, 9, 11, 0, 2, 4, 6]).toContain(pitch % 12);
    }
  });

  it("isn't written by other models or tokenizers, nor to no notes", async () => {
    await useBackend("cpu");
    await expect(run(model({ encoder_layers: 0 }))).rejects.toThrow("a model without an encoder");
    await expect(run({ tokenizer: createChoraleTokenizer() })).rejects.toThrow("the tokenizer chorale");
    await expect(run(model({ vocab_size: 99 }))).rejects.toThrow("99 ids; expected the");
    const high = { ...song, tracks: [{ ...tune, notes: [note(0, 1, 120)] }] };
    await expect(run({ score: high, track: 0 })).rejects.toThrow("no notes that the tokenizer has");
    await expect(accompany({ ...model(), tokenizer, melody: [5] })).rejects.toThrow("the tokenizer remi");
    await expect(accompanyBars({ ...model(), tokenizer, melody: [], bars: 1 })).rejects.toThrow("no bars");
  });
});
