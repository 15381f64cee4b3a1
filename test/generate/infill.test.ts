import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type InfillOptions,
  type InfillSelection,
  type InfillStep,
  infillScore,
  planInfill,
  rewrittenPositions,
} from "../../src/generate/index.js";
import type { Note, Score } from "../../src/midi/index.js";
import { disposeParameters, initialParameters, modelConfig, type Parameters } from "../../src/model/index.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";
import { note, score, track } from "./scores.js";

const tokenizer = createChoraleTokenizer();
const { size } = tokenizer.vocabulary;
const config = modelConfig({
  ...{ vocab_size: size + 1, n_positions: 64, n_embd: 32, n_layer: 1, n_head: 2 },
  attention: "masked",
});
let parameters: Parameters;
beforeAll(async () => {
  await useBackend("simd");
  parameters = initialParameters(config, 3);
});
afterAll(() => disposeParameters(parameters));

/** Makes the model write one pitch everywhere: its last norm gives that pitch's embedding, whatever comes in. */
function alwaysWrites(pitch: number): void {
  const id = tokenizer.vocabulary.idOf(`Pitch_${pitch}`)!;
  const width = config.n_embd;
  const row = parameters
    .get("wte.weight")!
    .dataSync()
    .slice(id * width, (id + 1) * width);
  for (const [name, values] of [
    ["ln_f.weight", new Float32Array(width)],
    ["ln_f.bias", Float32Array.from(row)],
  ] as const) {
    tf.tidy(() => parameters.get(name)!.assign(tf.tensor1d(values)));
  }
}

/** Four bars in quarters: the tenor as given, the others hold a note a bar. */
function piece(tenor: readonly Note[], ticksPerQuarter = 480): Score {
  const held = (pitch: number): Note[] => [0, 4, 8, 12].map((start) => note(start, 4, pitch));
  const tracks = [
    track(held(72), { name: "Soprano", channel: 0 }),
    track(held(67), { name: "Alto", channel: 1 }),
    track(tenor, { name: "Tenor", channel: 2 }),
    track(held(48), { name: "Bass", channel: 3 }),
  ];
  const scale = ticksPerQuarter / 480;
  const scaled = tracks.map((one) => ({
    ...one,
    notes: one.notes.map((each) => ({
      ...each,
      start: each.start * scale,
      duration: each.duration * scale,
    })),
  }));
  return score(scaled, { ticksPerQuarter });
}

async function fill(given: Score, more: Partial<InfillOptions> = {}): Promise<InfillStep> {
  const selection = { bars: { first: 2, last: 3 }, voices: ["tenor"] };
  const options = { parameters, config, tokenizer, score: given, selection, passes: 2, greedy: true };
  let last: InfillStep | undefined;
  for await (const step of infillScore({ ...options, ...more })) last = step;
  return last!;
}

const notesOf = ({ tracks }: Score, index: number) =>
  tracks[index].notes.map(({ start, duration, pitch }) => [start, duration, pitch]);

const BAR = 4 * 480;

describe("notes that cross the border of what is filled in", () => {
  it("are one note where the same pitch goes on, on both sides", async () => {
    alwaysWrites(60);
    const through = await fill(piece([note(0, 16, 60)]));
    expect(notesOf(through.score, 2)).toEqual([[0, 4 * BAR, 60]]);
  });

  it("are cut where another pitch is written, and begin again behind it", async () => {
    alwaysWrites(57);
    const cut = await fill(piece([note(0, 16, 60)]));
    expect(notesOf(cut.score, 2)).toEqual([
      [0, BAR, 60],
      [BAR, 2 * BAR, 57],
      [3 * BAR, BAR, 60],
    ]);
  });

  it("join on one side only, where the sides differ", async () => {
    alwaysWrites(60);
    const notes = [note(0, 6, 60), note(6, 3, 55), note(9, 7, 59)];
    const joined = await fill(piece(notes));
    expect(notesOf(joined.score, 2)).toEqual([
      [0, 3 * BAR, 60],
      [3 * BAR, BAR, 59],
    ]);
  });

  it("keep their ticks where they lie off the grid, outside and at the border", async () => {
    alwaysWrites(57);
    // A 32nd early at bar 4, and a triplet in bar 1.
    const notes = [note(0, 1 / 3, 60), note(1 / 3, 3.66, 62), note(4, 7.9, 64), note(11.9, 4.1, 65)];
    const given = piece(notes, 960);
    const { score: found } = await fill(given);
    const before = notesOf(given, 2);
    expect(notesOf(found, 2)).toEqual([...before.slice(0, 2), [2 * BAR, 4 * BAR, 57], before[3]]);
    for (const voice of [0, 1, 3]) expect(found.tracks[voice]).toEqual(given.tracks[voice]);
    expect({ ...found, tracks: [] }).toEqual({ ...given, tracks: [] });
  });

  it("give a voice without a track one, and leave tracks of silence", async () => {
    alwaysWrites(57);
    const given = piece([]);
    const { score: found } = await fill({ ...given, tracks: given.tracks.filter((_, i) => i !== 2) });
    expect(found.tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Bass", "Tenor"]);
    expect(notesOf(found, 3)).toEqual([[BAR, 2 * BAR, 57]]);
  });
});

describe("what is filled in", () => {
  it("keeps to a key and to a voice's range", async () => {
    alwaysWrites(61);
    const { score: found } = await fill(piece([note(0, 16, 60)]), {
      constraints: {
        key: { tonic: 0, scale: "major" },
        pitchRange: [{ of: "tenor", low: 55, high: 57 }],
      },
      greedy: false,
    });
    const inside = found.tracks[2].notes.filter(({ start }) => start >= BAR && start < 3 * BAR);
    expect(inside.length).toBeGreaterThan(0);
    for (const { pitch } of inside) expect([55, 57]).toContain(pitch);
  });

  it("stops at a signal, before the pass", async () => {
    const signal = { aborted: false };
    const options = { parameters, config, tokenizer, score: piece([note(0, 16, 60)]), passes: 5, signal };
    let passes = 0;
    for await (const _ of infillScore({ ...options, selection: {} })) {
      passes++;
      signal.aborted = true;
    }
    expect(passes).toBe(1);
  });

  it("leaves no tensor behind, nor does an end in the middle", async () => {
    const given = piece([note(0, 16, 60)]);
    await expectNoLeak(async () => {
      await fill(given);
      const options = { parameters, config, tokenizer, score: given, selection: {}, passes: 3 };
      for await (const _ of infillScore(options)) break;
    });
  });

  it("refuses bars and voices that aren't there, models of other ids, and scores without voices", async () => {
    const given = piece([note(0, 16, 60)]);
    const plan = (selection: InfillSelection) => () => planInfill(given, selection, tokenizer);
    expect(plan({ bars: { first: 4, last: 5 } })).toThrow("bars: 4 to 5; expected 1 to 4");
    expect(plan({ voices: ["alto", "viola"] })).toThrow(
      'unknown voice: "viola"; expected one of soprano, alto, tenor, bass',
    );
    await expect(
      fill({ ...given, tracks: given.tracks.map((one) => ({ ...one, notes: [] })) }),
    ).rejects.toThrow("no notes");
    const unnamed = given.tracks.slice(0, 3).map((one) => ({ ...one, name: "" }));
    await expect(fill({ ...given, tracks: unnamed })).rejects.toThrow("3 tracks with notes");
    const other = createChoraleTokenizer({ lowestPitch: 40, highestPitch: 80 });
    await expect(fill(given, { tokenizer: other })).rejects.toThrow("of its tokenizer and a mask");
  });
});

describe("a share of the notes", () => {
  // Two voices; steps of the first: 7 7 7 8 8 9, of the second: 5 5 6 6 6 6.
  const ids = [1, 7, 5, 7, 5, 7, 6, 8, 6, 8, 6, 9, 6, 2];
  const all = ids.flatMap((_, at) => (at > 0 && at < 13 ? [at] : []));
  const notes = [[1, 3, 5], [7, 9], [11], [2, 4], [6, 8, 10, 12]];

  it("is made of whole notes, as many as are needed, another with another seed", () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const chosen = rewrittenPositions(ids, all, 2, { rewrite: 0.3, seed });
      const whole = notes.filter((one) => chosen.includes(one[0]));
      expect(whole.flat().sort((a, b) => a - b)).toEqual(chosen);
      // Without the note that was drawn last, whichever it is, there would be too few.
      expect(chosen.length).toBeGreaterThanOrEqual(0.3 * 12);
      expect(Math.min(...whole.map(({ length }) => chosen.length - length))).toBeLessThan(0.3 * 12);
      expect(rewrittenPositions(ids, all, 2, { rewrite: 0.3, seed })).toEqual(chosen);
      found.add(chosen.join());
    }
    expect(found.size).toBeGreaterThan(3);
  });

  it("is everything by default, one note at least, and never outside of the selection", () => {
    expect(rewrittenPositions(ids, all, 2)).toEqual(all);
    expect(rewrittenPositions(ids, [3, 4, 5], 2, { rewrite: 1e-9, seed: 1 }).length).toBeGreaterThan(0);
    for (let seed = 0; seed < 20; seed++) {
      const chosen = rewrittenPositions(ids, [5, 7], 2, { rewrite: 0.5, seed });
      expect([[5], [7]]).toContainEqual(chosen);
    }
    for (const rewrite of [0, -1, 1.5, Number.NaN]) {
      expect(() => rewrittenPositions(ids, all, 2, { rewrite })).toThrow("share to rewrite");
    }
  });

  it("leaves the other notes of a piece as they are", async () => {
    alwaysWrites(57);
    const quarters = Array.from({ length: 16 }, (_, i) => note(i, 1, 60 + (i % 3)));
    const given = piece(quarters);
    const { score: found } = await fill(given, { rewrite: 0.5, seed: 4 });
    const kept = quarters.filter(({ start, pitch }) =>
      found.tracks[2].notes.some((one) => one.start === start && one.pitch === pitch),
    );
    // Eight of sixteen lie outside of the selection; half of the eight inside stay.
    expect(kept).toHaveLength(12);
    expect(found.tracks[2].notes.some(({ pitch }) => pitch === 57)).toBe(true);
  });
});
