import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type WindowRule, windowStart } from "../../src/generate/index.js";

/** Ids in which 0 begins a bar. */
const bars = (...lengths: number[]): number[] =>
  lengths.flatMap((length) => [0, ...new Array<number>(length - 1).fill(1)]);

const rule: WindowRule = { contextLength: 16, boundaryAt: (ids, index) => ids[index] === 0 };

describe("the window of a sequence", () => {
  it("begins at the start until the context is full", () => {
    const ids = bars(4, 4, 4, 4, 4);
    for (let length = 1; length <= 16; length++) expect(windowStart(ids, length, rule)).toBe(0);
  });

  it("is cut at the first bar line that leaves three quarters of the context or less", () => {
    expect(windowStart(bars(4, 4, 4, 4, 4), 17, rule)).toBe(8);
    expect(windowStart(bars(5, 5, 5, 5), 17, rule)).toBe(5);
  });

  it("is cut at an earlier bar line where later ones would leave too little", () => {
    expect(windowStart(bars(4, 20), 17, rule)).toBe(4);
  });

  it("is cut inside a bar that is longer than the context, at half of it", () => {
    expect(windowStart(bars(40), 17, rule)).toBe(9);
    expect(windowStart(bars(40), 17, { ...rule, windowUnit: 4 })).toBe(12);
  });

  it("begins at multiples of the unit", () => {
    const anywhere = { contextLength: 16, windowUnit: 4 };
    const ids = new Array<number>(200).fill(1);
    for (let length = 1; length < 200; length++) expect(windowStart(ids, length, anywhere) % 4).toBe(0);
  });

  it("always fits, never moves back, and is the same whether it is asked once or at every step", () => {
    const cases = fc.record({
      ids: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 200 }),
      contextLength: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(cases, ({ ids, contextLength }) => {
        let start = 0;
        for (let length = 1; length <= ids.length; length++) {
          const next = windowStart(ids, length, { ...rule, contextLength }, start);
          expect(next).toBeGreaterThanOrEqual(start);
          expect(length - next).toBeLessThanOrEqual(contextLength);
          expect(next).toBeLessThan(length);
          expect(windowStart(ids.slice(0, length), length, { ...rule, contextLength })).toBe(next);
          start = next;
        }
      }),
    );
  });
});
