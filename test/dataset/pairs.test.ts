import { describe, expect, it } from "vitest";
import {
  buildDataset,
  type Dataset,
  type EncodedPiece,
  encodeFile,
  encodePair,
  mergeDatasets,
  openDataset,
  type PairBatch,
  pairEvaluationBatches,
  pairTrainingBatches,
  prepareScore,
  type Split,
} from "../../src/dataset/index.js";
import { type Score, writeScore } from "../../src/midi/index.js";
import { createTokenizer, pipelineConfig } from "../../src/tokens/index.js";
import { note, QUARTER, score, track } from "../generate/scores.js";

const tokenizer = createTokenizer("remi", { ...pipelineConfig, programs: [0] });
const { begin, end } = tokenizer.special;
const { nameOf } = tokenizer.vocabulary;
const isNote = (id: number): boolean => tokenizer.isNote(id);

/** Two bars of 4/4 and two of 3/4; the melody sings from the third bar on, the piano plays in the first, second and last. */
const song = score(
  [
    track([note(0, 1, 50), note(4, 2, 52), note(11, 1, 55)], { name: "Piano" }),
    track([note(8, 1, 72), note(12, 2, 74)], { name: " Melody", channel: 1, program: 73 }),
    track([note(1, 1, 60)], { name: "Bridge", channel: 2 }),
  ],
  {
    timeSignatures: [
      { tick: 0, numerator: 4, denominator: 4 },
      { tick: 8 * QUARTER, numerator: 3, denominator: 4 },
    ],
  },
);

/** The bars of a stream: its meter, and the notes as position and pitch. */
function barsOf(ids: ArrayLike<number>): string[] {
  const bars: string[] = [];
  let place = "";
  for (const id of Array.from(ids)) {
    const name = nameOf(id);
    if (name === "Bar_None") bars.push("");
    if (name.startsWith("Position")) place = name.slice(9);
    if (name.startsWith("TimeSig")) bars[bars.length - 1] += name.slice(8);
    if (isNote(id)) bars[bars.length - 1] += ` ${place}:${name.slice(6)}`;
  }
  return bars;
}

const late = (given: Score, ticks: number): Score => ({
  ...given,
  tracks: given.tracks.map((one) => ({
    ...one,
    notes: one.notes.map((each) => ({ ...each, start: each.start + ticks })),
  })),
});

describe("a melody apart from the rest", () => {
  it("has the same bars, with the empty ones before it", () => {
    const { melody, rest } = encodePair(song, "melody", tokenizer);
    expect(barsOf(melody)).toEqual(["4/4", "4/4", "3/4 0:72", "3/4 8:74"]);
    expect(barsOf(rest)).toEqual(["4/4 0:50 8:60", "4/4 0:52", "3/4", "3/4 0:55"]);
    expect(encodePair(song, "2", tokenizer)).toEqual({ melody, rest });
  });

  it("is moved to its beats together with the rest", () => {
    const four = { ...song, timeSignatures: song.timeSignatures.slice(0, 1) };
    const steady: Score = {
      ...four,
      tracks: four.tracks.map((one, i) => ({
        ...one,
        // A bass that tells the beats, and where the bars begin.
        notes:
          i > 0
            ? one.notes
            : [0, 4, 8, 12].flatMap((at) => [note(at, 4, 36), note(at + 1, 1, 50), note(at + 2, 1, 50)]),
      })),
    };
    const prepared = prepareScore(late(steady, 40), {
      align: "offset",
      timeSignature: four.timeSignatures[0],
    });
    expect(prepared.shift.ticks).toBe(-40);
    expect(encodePair(prepared.score, "melody", tokenizer)).toEqual(encodePair(steady, "melody", tokenizer));
  });

  it("is asked for: what has none, or nothing else, is left out with the reason", () => {
    const encode = (given: Score, melody: string) =>
      encodeFile(writeScore(given), "a.mid", tokenizer, undefined, melody);
    expect(encode(song, "Violin")).toEqual({
      skipped: {
        source: "a.mid",
        kind: "unfit",
        reason: expect.stringMatching(
          /melody's track: none that is Violin; expected one of Piano, Melody, Bridge/,
        ),
      },
    });
    const alone = { ...song, tracks: [song.tracks[1]] };
    expect(encode(alone, "melody")).toMatchObject({
      skipped: { kind: "unfit", reason: expect.stringContaining("no notes beside the melody") },
    });
    const high = { ...song, tracks: [song.tracks[0], { ...song.tracks[1], notes: [note(0, 1, 120)] }] };
    expect(encode(high, "melody")).toMatchObject({
      skipped: { reason: expect.stringContaining("no notes that the tokenizer has") },
    });
  });
});

/** A piece whose bar i has the pitch 30 + i, `counts` times in melody and rest; −1: no bar any more. */
function pairOf(source: string, bars: readonly (readonly [melody: number, rest: number])[]): EncodedPiece {
  const notes = (which: 0 | 1) =>
    bars.flatMap((counts, i) =>
      Array.from({ length: counts[which] }, (_, n) =>
        note(4 * i + n / 4, 0.25, 30 + i, 60 + (source.length % 4) * 8),
      ),
    );
  const written = score([track(notes(0), { name: "melody" }), track(notes(1))]);
  const outcome = encodeFile(writeScore(written), source, tokenizer, undefined, "melody");
  if (!("piece" in outcome)) throw new Error(outcome.skipped.reason);
  return outcome.piece;
}

const built = (pieces: readonly EncodedPiece[], part?: { index: number; count: number }) =>
  buildDataset({
    attacca: "0.0.0-test",
    tokenizer: tokenizer.toJSON(),
    preparation: { align: "none", melody: "melody" },
    shares: [1, 0, 0],
    pieces,
    skipped: [],
    part,
  });
const opened = ({ manifest, files }: ReturnType<typeof built>): Dataset => openDataset(manifest, files);

const even = (bars: number, melody = 2, rest = 3) =>
  Array.from({ length: bars }, () => [melody, rest] as const);
const pieces = [
  pairOf("even.mid", even(40)),
  pairOf("long melody.mid", even(24, 15, 1)),
  pairOf("long bars.mid", even(6, 1, 16)),
  pairOf("short.mid", even(2)),
  // The melody ends early, and begins late.
  pairOf("part.mid", [...even(5, 0, 4), ...even(9), ...even(9, 0, 4)]),
];

describe("a dataset of pairs", () => {
  it("keeps a pair together, in shards of their own, and is the same when merged", () => {
    const whole = built(pieces);
    expect(whole.manifest.formatVersion).toBe(2);
    expect([...whole.files.keys()].filter((name) => name.endsWith(".bin"))).toEqual([
      "train-melody-000.bin",
      "train-000.bin",
    ]);
    const split = opened(whole).split("train");
    const sources = Array.from({ length: split.pieceCount }, (_, i) => split.record(i).source);
    for (const { source, streams, melody } of pieces) {
      const at = sources.indexOf(source);
      expect([split.piece(at), split.melody?.(at)]).toEqual([streams[0], melody]);
    }
    const parts = [1, 2].map((index) =>
      built(
        pieces.filter((_, i) => i % 2 === index - 1),
        { index, count: 2 },
      ),
    );
    const merged = mergeDatasets(
      parts.map((one, i) => ({ name: `${i}`, dataset: opened(one), skipped: [] })),
    );
    expect(merged.files).toEqual(whole.files);
  });

  it("isn't one without its melodies, or that of another track", () => {
    const { manifest, files } = built(pieces);
    const { melody: _, ...bare } = manifest.pieces[1];
    const broken = { ...manifest, pieces: [manifest.pieces[0], bare, ...manifest.pieces.slice(2)] };
    expect(() => openDataset(broken, files)).toThrow("pieces.1: no melody");
    const plain = { ...manifest, preparation: { align: "none" } };
    expect(() => openDataset(plain, files)).toThrow("pieces.0: a melody");
    const other = openDataset({ ...manifest, preparation: { align: "none", melody: "2" } }, files);
    const parts = [opened({ manifest, files, skipped: [] }), other];
    expect(() => mergeDatasets(parts.map((dataset, i) => ({ name: `${i}`, dataset, skipped: [] })))).toThrow(
      "1, preparation",
    );
  });

  it("has the same rest to two melodies twice", () => {
    const twin = { ...pieces[3], source: "twin.mid", melody: pieces[0].melody };
    expect(built([pieces[3], twin]).manifest.pieces).toHaveLength(2);
    expect(built([pieces[3], { ...twin, melody: pieces[3].melody }]).manifest.skipped).toBe(1);
  });
});

const split: Split = opened(built(pieces)).split("train");
const pitch = (id: number): number => Number(nameOf(id).slice(6));

/** For each row, the pitches (which are bars) of its source, whether the melody's end is there, and the pitches of its targets. */
function rowsOf({ ids, targets, sources, length, batchSize }: PairBatch) {
  return Array.from({ length: batchSize }, (_, row) => {
    const source = Array.from(sources.ids.subarray(row * sources.length)).slice(0, sources.lengths[row]);
    const own = Array.from(ids.subarray(row * length, (row + 1) * length));
    const asked = Array.from(targets.subarray(row * length, (row + 1) * length));
    return {
      source,
      own,
      heard: new Set(source.filter(isNote).map(pitch)),
      asked: asked.filter((id) => id >= 0 && isNote(id)).map(pitch),
    };
  });
}

describe("windows of pairs", () => {
  const options = { contextLength: 64, batchSize: 4, seed: 3, transpose: 0 };

  it("begin at bar lines, and their melodies at the same bars and cover all that is asked for", () => {
    const batches = pairTrainingBatches(split, options);
    const steps = Math.ceil(batches.windowsPerEpoch / 4);
    let compared = 0;
    for (let step = 0; step < steps; step++) {
      for (const { source, own, heard, asked } of rowsOf(batches(step))) {
        expect(source.length).toBeLessThanOrEqual(64);
        if (heard.size === 0) expect(source).toEqual([end]);
        const starts = own[0] === begin || tokenizer.isBoundary(own[0]);
        // Where each bar of either has a note, the first ones tell the bars.
        if (!starts || source.length === 1) continue;
        if (tokenizer.isBoundary(source[0]) && isNote(source[4])) {
          const first = own.find(isNote)!;
          expect(pitch(first)).toBe(pitch(source[4]));
          compared++;
        }
        if (!source.includes(end))
          for (const each of asked) expect(each).toBeLessThanOrEqual(Math.max(...heard));
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  it("ask for every bar of an epoch, and are the same whenever they are asked for", () => {
    const one = opened(built([pieces[0]])).split("train");
    const batches = pairTrainingBatches(one, options);
    const asked = new Set<number>();
    for (let step = 0; step * 4 < batches.windowsPerEpoch; step++) {
      for (const row of rowsOf(batches(step))) for (const each of row.asked) asked.add(each);
    }
    expect(asked.size).toBe(40);
    const again = pairTrainingBatches(one, options);
    expect(again(5)).toEqual(batches(5));
    expect(pairTrainingBatches(one, { ...options, seed: 4 })(0)).not.toEqual(batches(0));
  });

  it("move melody and rest by the same interval", () => {
    const one = opened(built([pieces[0]])).split("train");
    const [still, moved] = [0, 5].map((transpose) => pairTrainingBatches(one, { ...options, transpose }));
    const shifts = new Set<number>();
    for (let step = 0; step < 6; step++) {
      const before = rowsOf(still(step));
      for (const [row, { source, own }] of rowsOf(moved(step)).entries()) {
        const notes = [...source, ...own].filter(isNote);
        const originals = [...before[row].source, ...before[row].own].filter(isNote);
        const shift = new Set(notes.map((id, i) => pitch(id) - pitch(originals[i])));
        expect(shift.size).toBe(1);
        shifts.add([...shift][0]);
      }
    }
    expect(shifts.size).toBeGreaterThan(3);
  });

  it.each([
    [64, undefined],
    [64, 64],
    [40, 8],
    [16, undefined],
  ])("of %i ids, %s apart, score every id once", (contextLength, stride) => {
    const seen = new Map<string, number>();
    const source = pairEvaluationBatches(split, { contextLength, batchSize: 3, stride });
    for (const batch of source.batches()) {
      for (const [at, target] of batch.targets.entries()) {
        if (target < 0) continue;
        const { piece, start } = batch.places![Math.floor(at / batch.length)];
        const place = start + (at % batch.length) + 1;
        expect(target).toBe(split.piece(piece)[place]);
        seen.set(`${piece} ${place}`, (seen.get(`${piece} ${place}`) ?? 0) + 1);
      }
      if (contextLength > 16) {
        for (const { source: read, heard, asked } of rowsOf(batch)) {
          if (read.includes(end)) continue;
          for (const each of asked) expect(each).toBeLessThanOrEqual(Math.max(...heard));
        }
      }
    }
    expect(seen.size).toBe(source.scoredTokens);
    expect(new Set(seen.values())).toEqual(new Set([1]));
  });

  it("aren't cut from a dataset that tells no melody", () => {
    const { melody: _, ...plain } = split;
    expect(() => pairTrainingBatches(plain, options)).toThrow("attacca tokenize … --melody TRACK");
    expect(() => pairEvaluationBatches(split, { ...options, stride: 65 })).toThrow("stride: 65");
  });
});
