import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, buildDataset, evaluationBatches, trainingBatches } from "../../src/dataset/index.js";
import { contentOf, piece, reopened, tokenizer, trainingDataset } from "./corpus.js";

const { pad, end } = tokenizer.special;

/** The rows of a batch: ids up to the padding, with the targets. */
function rowsOf(batch: Batch): { ids: number[]; targets: number[] }[] {
  return Array.from({ length: batch.batchSize }, (_, row) => ({
    ids: Array.from(batch.ids.subarray(row * batch.length, (row + 1) * batch.length)),
    targets: Array.from(batch.targets.subarray(row * batch.length, (row + 1) * batch.length)),
  }));
}

/**
 * A piece in which every window can be found: the outer voices tell which piece it is, the inner ones count the steps.
 */
function countingPiece(source: string, steps: number, index: number) {
  const grid = Array.from({ length: steps }, (_, step) => [
    60 + index,
    36 + Math.floor(step / 40),
    40 + (step % 40),
    75 + index,
  ]);
  const framed = Uint16Array.of(tokenizer.special.begin, ...tokenizer.encodeSteps(grid), end);
  return { source, streams: [framed] };
}

const lengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 });
/** From one window unit of the chorale tokenizer, a quarter, up. */
const contexts = fc.integer({ min: 16, max: 96 });

function splitOf(steps: readonly number[]) {
  return trainingDataset(steps.map((count, i) => countingPiece(`${i}.mid`, count, i))).split("train");
}

/** Where a row's window begins in which piece; -1 where it is in none. */
function placeOf(row: { ids: number[]; targets: number[] }, pieces: readonly Uint16Array[]) {
  const count = row.targets.filter((target) => target >= 0).length;
  const window = [...row.ids.slice(0, count), row.targets[count - 1]].join();
  for (let index = 0; index < pieces.length; index++) {
    const ids = Array.from(pieces[index]);
    for (let start = 0; start + count < ids.length; start++) {
      if (ids.slice(start, start + count + 1).join() === window) return { index, start, count };
    }
  }
  return { index: -1, start: -1, count };
}

describe("trainingBatches", () => {
  it("has every token of the split in each epoch, in windows that begin at whole steps of one piece", () => {
    fc.assert(
      fc.property(lengths, contexts, fc.nat(1000), (steps, contextLength, seed) => {
        const split = splitOf(steps);
        const pieces = steps.map((_, i) => split.piece(i));
        const source = trainingBatches(split, { contextLength, batchSize: 1, seed, transpose: 0 });
        for (let epoch = 0; epoch < 2; epoch++) {
          const seen = pieces.map((ids) => new Uint8Array(ids.length));
          for (let i = 0; i < source.windowsPerEpoch; i++) {
            const [row] = rowsOf(source(epoch * source.windowsPerEpoch + i));
            const { index, start, count } = placeOf(row, pieces);
            expect(index).toBeGreaterThanOrEqual(0);
            expect(start % 16).toBe(0);
            seen[index].fill(1, start + 1, start + count + 1);
            // Behind the window: padding, and nothing to predict.
            expect(row.ids.slice(count).every((id) => id === pad)).toBe(true);
            expect(row.targets.slice(count).every((target) => target === -1)).toBe(true);
          }
          for (const counted of seen) expect(counted.subarray(1).every((each) => each === 1)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is a function of seed and step alone", () => {
    const split = splitOf([30, 50, 8]);
    const options = { contextLength: 16, batchSize: 3, seed: 5, transpose: 4 };
    const forwards = trainingBatches(split, options);
    const expected = Array.from({ length: 40 }, (_, step) => forwards(step));
    const backwards = trainingBatches(split, options);
    for (let step = 39; step >= 0; step--) expect(backwards(step)).toEqual(expected[step]);
    const others = trainingBatches(split, { ...options, seed: 6 });
    expect(Array.from({ length: 40 }, (_, step) => others(step))).not.toEqual(expected);
  });

  it("doesn't change its windows with the batch size", () => {
    const split = splitOf([30, 50, 8]);
    const options = { contextLength: 16, seed: 5, transpose: 4 };
    const ones = trainingBatches(split, { ...options, batchSize: 1 });
    const fours = trainingBatches(split, { ...options, batchSize: 4 });
    const four = Array.from({ length: 5 }, (_, step) => rowsOf(fours(step))).flat();
    expect(Array.from({ length: 20 }, (_, step) => rowsOf(ones(step))).flat()).toEqual(four);
  });

  it("cuts long pieces elsewhere in each epoch, and in another order", () => {
    const split = splitOf([160]);
    const source = trainingBatches(split, { contextLength: 128, batchSize: 1, seed: 1, transpose: 0 });
    const starts = (epoch: number): number[] =>
      Array.from(
        { length: source.windowsPerEpoch },
        (_, i) => placeOf(rowsOf(source(epoch * source.windowsPerEpoch + i))[0], [split.piece(0)]).start,
      );
    const epochs = Array.from({ length: 12 }, (_, epoch) => starts(epoch));
    const phases = new Set(epochs.map((each) => [...each].sort((a, b) => a - b)[1]));
    expect(phases.size).toBeGreaterThan(3);
    expect(new Set(epochs.map((each) => each.join())).size).toBe(12);
  });

  it("transposes windows by every shift asked for that stays in the range, and no other", () => {
    // Pitches 34 to 83 in a range of 30 to 87: up to 4 either way, though 6 is asked for.
    const steps = Array.from({ length: 6 }, (_, i) => [83, 70, 60 + i, 34]);
    const framed = Uint16Array.of(tokenizer.special.begin, ...tokenizer.encodeSteps(steps), end);
    const split = trainingDataset([{ source: "a.mid", streams: [framed] }]).split("train");
    const source = trainingBatches(split, { contextLength: 32, batchSize: 1, seed: 3, transpose: 6 });
    const found = new Map<number, number>();
    for (let step = 0; step < 900; step++) {
      const { ids, targets } = source(step);
      const shift = ids[1] - framed[1];
      found.set(shift, (found.get(shift) ?? 0) + 1);
      const moved = tokenizer.transpose(framed, shift) ?? [];
      expect([...ids.subarray(0, 25)]).toEqual([...moved.slice(0, 25)]);
      expect([...targets.subarray(0, 25)]).toEqual([...moved.slice(1)]);
    }
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    // 100 of each expected; the deviation is 9.4.
    for (const count of found.values()) expect(Math.abs(count - 100)).toBeLessThan(45);
  });

  it("refuses a split without pieces and options out of their ranges", () => {
    const dataset = trainingDataset([countingPiece("a.mid", 4, 0)]);
    const good = { contextLength: 16, batchSize: 1, seed: 0, transpose: 0 };
    expect(() => trainingBatches(dataset.split("val"), good)).toThrow(/invalid val split: no pieces/);
    for (const bad of [{ contextLength: 15 }, { batchSize: 0 }, { transpose: -1 }, { transpose: 0.5 }]) {
      expect(() => trainingBatches(dataset.split("train"), { ...good, ...bad })).toThrow(/invalid/);
    }
  });
});

describe("evaluationBatches", () => {
  it("scores every token once, with as much to its left as the stride leaves, and never two pieces in a row", () => {
    fc.assert(
      fc.property(
        lengths,
        contexts,
        fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
        fc.integer({ min: 1, max: 4 }),
        (steps, contextLength, anyStride, batchSize) => {
          const stride = anyStride === undefined ? undefined : Math.min(anyStride, contextLength);
          const split = splitOf(steps);
          const pieces = steps.map((_, i) => split.piece(i));
          const source = evaluationBatches(split, { contextLength, batchSize, stride });
          const used = Math.max(16, stride ?? Math.floor(contextLength / 2));
          const scored = pieces.map((ids) => new Array<number>(ids.length).fill(0));
          let index = 0;
          let at = 1;
          for (const row of [...source.batches()].flatMap(rowsOf)) {
            row.targets.forEach((target, place) => {
              if (target < 0) return;
              if (at === pieces[index].length) [index, at] = [index + 1, 1];
              expect(target).toBe(pieces[index][at]);
              // What stands to its left in the row is what stands to its left in the piece.
              const left = row.ids.slice(0, place + 1);
              expect(left).toEqual([...pieces[index].subarray(at - left.length, at)]);
              expect(left.length).toBeGreaterThanOrEqual(Math.min(at, contextLength - used));
              scored[index][at++]++;
            });
          }
          for (const counts of scored) {
            expect(counts[0]).toBe(0);
            expect(counts.slice(1).every((count) => count === 1)).toBe(true);
          }
          expect(source.scoredTokens).toBe(scored.flat().reduce((sum, count) => sum + count, 0));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves the end token out where asked to", () => {
    const split = splitOf([8, 16]);
    const source = evaluationBatches(split, { contextLength: 16, batchSize: 2, scoreEnd: false });
    const targets = [...source.batches()].flatMap((batch) => [...batch.targets]).filter((id) => id >= 0);
    expect(targets.length).toBe(4 * (8 + 16));
    expect(targets).not.toContain(end);
    expect(source.scoredTokens).toBe(targets.length);
  });

  it("can be read again, and has a smaller last batch", () => {
    const split = reopened(
      buildDataset(contentOf([1, 2, 3].map((steps) => piece(`${steps}.mid`, steps, 0, "val")))),
    ).split("val");
    const source = evaluationBatches(split, { contextLength: 16, batchSize: 2 });
    expect([...source.batches()].map((batch) => batch.batchSize)).toEqual([2, 1]);
    expect([...source.batches()]).toEqual([...source.batches()]);
  });

  it.each([0, 17, 1.5])("refuses a stride of %d in a context of 16", (stride) => {
    const split = splitOf([4]);
    expect(() => evaluationBatches(split, { contextLength: 16, batchSize: 1, stride })).toThrow(/stride/);
  });
});
