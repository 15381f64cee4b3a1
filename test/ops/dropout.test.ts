import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import { dropout, dropoutMask, dropoutOf, residual } from "../../src/ops/index.js";
import { threefry2x32 } from "../../src/random.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";

describe("dropout", () => {
  it("drops where the Threefry word of the value's index is below the rate", () => {
    const drop = dropoutOf(0.3, 2 ** 40 + 5, "h.0.attn", 123);
    const mask = dropoutMask(2001, drop);
    const expected = Float32Array.from({ length: 2001 }, (_, i) => {
      const word = threefry2x32(drop.key[0], drop.key[1], Math.floor(i / 2), 0)[i % 2];
      return word < 0.3 * 2 ** 32 ? 0 : 1 / 0.7;
    });
    expect(mask).toEqual(expected);
  });

  it("drops the share asked for", () => {
    const dropped = dropoutMask(100_000, dropoutOf(0.1, 1, "x", 1)).filter((value) => value === 0).length;
    // Five deviations of a binomial count.
    expect(Math.abs(dropped - 10_000)).toBeLessThan(5 * Math.sqrt(100_000 * 0.1 * 0.9));
  });

  it("draws other masks for another seed, place or step", () => {
    const masks = [
      dropoutOf(0.5, 1, "a", 1),
      dropoutOf(0.5, 2, "a", 1),
      dropoutOf(0.5, 1, "b", 1),
      dropoutOf(0.5, 1, "a", 2),
    ];
    const texts = new Set(masks.map((drop) => dropoutMask(64, drop).join()));
    expect(texts.size).toBe(4);
  });

  it("is the same on every backend", async () => {
    const results: number[][] = [];
    for (const backend of testedBackends) {
      await useBackend(backend);
      results.push(
        expectNoLeak(() =>
          tf.tidy(() => [...dropout(tf.ones([7, 33]), dropoutOf(0.4, 3, "embd", 9)).dataSync()]),
        ),
      );
    }
    for (const result of results) expect(result).toEqual(results[0]);
    expect(new Set(results[0])).toEqual(new Set([0, Math.fround(1 / 0.6)]));
  });

  it("of rate 0 changes nothing", async () => {
    await useBackend("cpu");
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      expect(dropout(x, dropoutOf(0, 1, "x", 1))).toBe(x);
      expect([...residual(x, x, dropoutOf(0, 1, "x", 1)).dataSync()]).toEqual([2, 4, 6]);
    });
  });

  it("refuses rates that aren't from 0 to below 1", () => {
    for (const rate of [1, -0.1, Number.NaN]) {
      expect(() => dropoutOf(rate, 1, "x", 1)).toThrow(AttaccaError);
    }
  });
});
