import { describe, expect, it } from "vitest";
import { evaluationBatches, type Split, trainingBatches } from "../../src/dataset/index.js";
import { harmonizeRule } from "../../src/run/index.js";
import { createChoraleTokenizer, createTokenizer } from "../../src/tokens/index.js";
import type { Batch } from "../../src/train/batch.js";
import { harmonizeBatch, harmonizeEvaluation } from "../../src/train/index.js";

const tokenizer = createChoraleTokenizer();
const rule = harmonizeRule(tokenizer);
const { begin, end, pad } = tokenizer.special;
const first = tokenizer.vocabulary.idOf("Pitch_60")!;
/** Steps of four ids, the soprano's rising. */
const piece = (steps: number): number[] => [
  begin,
  ...Array.from({ length: steps }, (_, step) => [
    first + (step % 20),
    first - 5,
    first - 9,
    first - 20,
  ]).flat(),
  end,
];
const splitOf = (pieces: readonly (readonly number[])[]): Split => ({
  name: "val",
  tokenizer,
  pieceCount: pieces.length,
  tokenCount: pieces.flat().length,
  piece: (index) => Uint16Array.from(pieces[index]),
  record: () => expect.unreachable(),
});
const windowOf = (window: readonly number[], length: number): Batch => {
  const row = (from: number, filler: number): number[] =>
    Array.from({ length }, (_, i) => (i < window.length - 1 ? window[i + from] : filler));
  return { ids: Int32Array.from(row(0, pad)), targets: Int32Array.from(row(1, -1)), batchSize: 1, length };
};

describe("batches that teach to harmonize", () => {
  it("give the melody as the source, and ask for the other voices only", () => {
    const batch = harmonizeBatch(windowOf(piece(8).slice(0, 17), 16), rule);
    expect(batch.sources).toEqual({
      ids: Int32Array.of(first, first + 1, first + 2, first + 3),
      length: 4,
      lengths: [4],
    });
    for (const [at, target] of batch.targets.entries()) {
      // What follows position 3 is the bass of the first step, what follows 4 the second step's soprano.
      if (at % 4 === 0) expect(target).toBe(-1);
      else expect(target).toBe(piece(8)[at + 1]);
    }
  });

  it("begin with the id before a step, wherever the window lies", () => {
    const batch = harmonizeBatch(windowOf(piece(12).slice(16, 33), 16), rule);
    expect(batch.ids[0]).toBe(first - 20);
    expect(batch.sources!.ids).toEqual(Int32Array.of(first + 4, first + 5, first + 6, first + 7));
  });

  it("end with a piece: nothing is asked of its end, and the source is as long as the music", () => {
    const batch = harmonizeBatch(windowOf(piece(3), 32), rule);
    expect(batch.sources!.lengths).toEqual([3]);
    expect(batch.sources!.ids.subarray(3)).toEqual(new Int32Array(5).fill(pad));
    expect(batch.targets).not.toContain(end);
    expect(batch.targets.filter((target) => target >= 0)).toHaveLength(9);
  });

  it("see something where a window has no music, and ask nothing", () => {
    const batch = harmonizeBatch(windowOf([first, end], 16), rule);
    expect(batch.sources!.lengths).toEqual([1]);
    expect(batch.targets.every((target) => target === -1)).toBe(true);
  });

  it("score every alto, tenor and bass of a split once, and transpose a melody with its window", () => {
    const split = splitOf([piece(50), piece(7), piece(16)]);
    const options = { contextLength: 64, batchSize: 2, stride: 16 };
    let scored = 0;
    const counts = new Map<string, number>();
    for (const batch of harmonizeEvaluation(evaluationBatches(split, options), rule).batches()) {
      for (const [at, target] of batch.targets.entries()) {
        if (target < 0) continue;
        scored++;
        const { piece: index, start } = batch.places![Math.floor(at / batch.length)];
        const key = `${index} ${start + (at % batch.length)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    expect(scored).toBe(3 * (50 + 7 + 16));
    expect(counts.size).toBe(scored);
    const source = trainingBatches(split, { contextLength: 32, batchSize: 3, seed: 1, transpose: 5 });
    for (let step = 0; step < 12; step++) {
      const { ids, sources, length } = harmonizeBatch(source(step), rule);
      for (const [row, count] of sources!.lengths.entries()) {
        for (let i = 0; i < count; i++) {
          expect(sources!.ids[row * sources!.length + i]).toBe(ids[row * length + 1 + 4 * i]);
        }
      }
    }
  });

  it("need voices on a fixed grid", () => {
    expect(() => harmonizeRule(createTokenizer("remi"))).toThrow(
      "unsupported harmonizing: the tokenizer remi",
    );
  });
});
