import { describe, expect, it } from "vitest";
import { evaluationBatches, type Split } from "../../src/dataset/index.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";

const tokenizer = createChoraleTokenizer();
const lengths = [18, 130, 401, 66];
const pieces = lengths.map((length) => Uint16Array.from({ length }, (_, i) => 4 + (i % 50)));
const split: Split = {
  name: "val",
  tokenizer,
  pieceCount: pieces.length,
  tokenCount: lengths.reduce((a, b) => a + b),
  piece: (index) => pieces[index],
  record: () => expect.unreachable(),
};

describe("windows that leave something ahead", () => {
  it.each([
    [64, 16, undefined],
    [64, 20, 48],
    [64, 63, 16],
    [40, 16, undefined],
    [16, 4, undefined],
  ])(
    "of %i ids, %i ahead, score every id once, and have as many on its right as there are",
    (contextLength, ahead, stride) => {
      const seen = new Map<string, number>();
      const left = Math.min(ahead - (ahead % 16), contextLength - (contextLength % 16) - 16);
      for (const batch of evaluationBatches(split, {
        contextLength,
        batchSize: 3,
        ahead,
        stride,
      }).batches()) {
        for (const [at, target] of batch.targets.entries()) {
          if (target < 0) continue;
          const { piece, start } = batch.places![Math.floor(at / batch.length)];
          const place = start + (at % batch.length) + 1;
          expect(target).toBe(pieces[piece][place]);
          seen.set(`${piece} ${place}`, (seen.get(`${piece} ${place}`) ?? 0) + 1);
          const windowEnd = Math.min(start + contextLength + 1, lengths[piece]);
          expect(windowEnd - 1 - place).toBeGreaterThanOrEqual(Math.min(left, lengths[piece] - 1 - place));
        }
      }
      expect([...seen.values()].every((count) => count === 1)).toBe(true);
      expect(seen.size).toBe(lengths.reduce((sum, length) => sum + length - 1, 0));
    },
  );

  it("can't leave more than they hold", () => {
    for (const ahead of [-1, 1.5, 65]) {
      expect(() => evaluationBatches(split, { contextLength: 64, batchSize: 1, ahead })).toThrow("ids ahead");
    }
  });
});
