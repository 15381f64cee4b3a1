import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, permutation, randomStream, threefry2x32 } from "../src/random.js";

describe("threefry2x32", () => {
  // Known answers of Random123 1.14 (kat_vectors, "threefry2x32 20").
  it.each([
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ])("gives the published words for key %i %i", (key0, key1, counter0, counter1, first, second) => {
    expect(threefry2x32(key0, key1, counter0, counter1)).toEqual([first, second]);
  });
});

describe("randomStream", () => {
  it("is a function of seed, purpose and step, and each of them matters", () => {
    const draw = (seed: number, purpose: string, step: number): number =>
      randomStream(seed, purpose, step).word();
    expect(draw(1, "order", 0)).toBe(draw(1, "order", 0));
    const values = [draw(1, "order", 0), draw(2, "order", 0), draw(1, "phase", 0), draw(1, "order", 1)];
    expect(new Set(values).size).toBe(4);
    expect(keyOf(2 ** 32 + 1, "a")).not.toEqual(keyOf(1, "a"));
  });

  it("draws below a limit without leaving it, every value in turn", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, limit) => {
        const stream = randomStream(seed, "test");
        const seen = new Set(Array.from({ length: 400 }, () => stream.below(limit)));
        expect([...seen].sort()).toEqual(Array.from({ length: limit }, (_, i) => i));
      }),
    );
  });

  it("is uniform: chi-square of 64 cells stays under the 99.99 % point", () => {
    const stream = randomStream(42, "uniformity");
    const cells = new Array<number>(64).fill(0);
    const draws = 64_000;
    for (let i = 0; i < draws; i++) cells[Math.floor(stream.uniform() * 64)]++;
    const expected = draws / 64;
    const chiSquare = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: 99.99 % point 113.5 (Wilson–Hilferty).
    expect(chiSquare).toBeLessThan(113.5);
  });

  it("draws normals with mean 0 and variance 1", () => {
    const stream = randomStream(7, "normal");
    const values = Array.from({ length: 20_000 }, () => stream.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(values.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
  });
});

describe("permutation", () => {
  it("holds every index once and differs by step", () => {
    const order = permutation(100, 3, "order", 0);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...permutation(100, 3, "order", 1)]).not.toEqual([...order]);
    expect([...permutation(0, 3, "order")]).toEqual([]);
  });
});
