import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CountTable } from "../../src/train/count-table.js";
import { fitNgram, ngramNll } from "../../src/train/ngram.js";

describe("n-gram models", () => {
  // A corpus of one piece over the vocabulary {0, 1, 2, 3}; 0 is the begin token and context only.
  //   0 1 2 1 2 1
  // Followers of the empty context: 1 three times, 2 twice: c = 5, T = 2. After 0: {1: 1}; after 1: {2: 2}; after 2: {1: 2}.
  const corpus = [[0, 1, 2, 1, 2, 1]];
  const unigram = { 1: (3 + 2 / 4) / 7, 2: (2 + 2 / 4) / 7, 3: (0 + 2 / 4) / 7 };

  it("smooths unigrams with the uniform distribution", () => {
    const model = fitNgram(corpus, { order: 1, vocabularySize: 4 });
    expect(model.probability([0, 1], 1)).toBeCloseTo(unigram[1], 14); // 0.5
    expect(model.probability([0, 2], 1)).toBeCloseTo(unigram[2], 14);
    expect(model.probability([0, 3], 1)).toBeCloseTo(unigram[3], 14);
  });

  it("interpolates bigrams with unigrams", () => {
    const model = fitNgram(corpus, { order: 2, vocabularySize: 4 });
    expect(model.probability([0, 1], 1)).toBeCloseTo((1 + 1 * 0.5) / 2, 14); // c(0) = 1, T(0) = 1
    expect(model.probability([1, 2], 1)).toBeCloseTo((2 + unigram[2]) / 3, 14); // c(1) = 2, T(1) = 1
    expect(model.probability([1, 1], 1)).toBeCloseTo((0 + unigram[1]) / 3, 14);
    expect(model.probability([3, 1], 1)).toBeCloseTo(unigram[1], 14); // 3 never had a follower
  });

  it("uses the longest context that was seen, up to its order", () => {
    const model = fitNgram(corpus, { order: 4, vocabularySize: 4 });
    // 2 after 2 1: c = 1 and T = 1, and below it 2 after 1; the same once more for 1 2 1 and for 0 1 …
    const afterOne = (2 + unigram[2]) / 3;
    const afterTwoOne = (1 + afterOne) / 2;
    const afterOneTwoOne = (1 + afterTwoOne) / 2;
    expect(model.probability([1, 2, 1, 2], 3)).toBeCloseTo(afterOneTwoOne, 14);
    // The context 3 2 1 was never seen: 2 1 is the longest known part of it.
    expect(model.probability([3, 2, 1, 2], 3)).toBeCloseTo(afterTwoOne, 14);
    // At the start of a piece the context is what there is.
    expect(model.probability([1, 2], 1)).toBeCloseTo(afterOne, 14);
  });

  it("gives the mean over every token but each piece's first", () => {
    const model = fitNgram(corpus, { order: 1, vocabularySize: 4 });
    const { nllPerToken, tokens } = ngramNll(model, [[0, 1, 2], [0, 3], [0]]);
    expect(tokens).toBe(3);
    expect(nllPerToken).toBeCloseTo(
      -(Math.log(unigram[1]) + Math.log(unigram[2]) + Math.log(unigram[3])) / 3,
      14,
    );
  });

  it("is a distribution after any context", () => {
    const ids = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(ids, { maxLength: 5 }),
        ids,
        fc.integer({ min: 1, max: 5 }),
        (pieces, context, order) => {
          const model = fitNgram(pieces, { order, vocabularySize: 5 });
          let sum = 0;
          for (let id = 0; id < 5; id++) {
            const probability = model.probability([...context, id], context.length);
            expect(probability).toBeGreaterThan(0);
            sum += probability;
          }
          expect(sum).toBeCloseTo(1, 12);
        },
      ),
    );
  });

  it("refuses an order below 1", () => {
    expect(() => fitNgram([], { order: 0, vocabularySize: 4 })).toThrow(/n-gram order/);
  });
});

describe("CountTable", () => {
  it("counts as a Map does, past 32 bits and while growing", () => {
    const key = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
        const table = new CountTable();
        const map = new Map<number, number>();
        for (const k of keys) {
          map.set(k, (map.get(k) ?? 0) + 1);
          expect(table.increment(k)).toBe(map.get(k));
        }
        expect(table.size).toBe(map.size);
        for (const [k, count] of map) expect(table.get(k)).toBe(count);
      }),
    );
    const many = new CountTable(16);
    for (let i = 0; i < 5000; i++) many.set(i * 2 ** 33, i);
    expect(many.size).toBe(5000);
    expect(many.get(4999 * 2 ** 33)).toBe(4999);
    expect(many.get(7)).toBe(0);
  });
});
