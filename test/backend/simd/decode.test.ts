import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
} from "../../../src/model/index.js";
import { hasDecode } from "../../../src/ops/index.js";
import { expectNoLeak, relativeError, useBackend } from "../../tensors.js";

// Nothing is a multiple of four, and the inner width is its own.
const absolute = modelConfig({
  vocab_size: 31,
  n_positions: 19,
  n_embd: 15,
  n_layer: 2,
  n_head: 3,
  n_inner: 22,
  initializer_range: 0.5,
});
// Heads of ten: turned four pairs at a time, and one more.
const rotary = modelConfig({ ...absolute, n_embd: 30, position_embedding_type: "rotary" });
const rows = [
  [1, 5, 30, 2, 2, 9, 17, 0, 4, 11, 8, 3, 1, 1, 29, 7, 6, 12, 20],
  [3, 0, 2, 8, 21, 22, 5, 5, 1, 30, 12, 14, 2, 9, 9, 10, 18, 25, 4],
  [7, 7, 7, 1, 0, 13, 16, 28, 27, 3, 2, 1, 6, 19, 24, 23, 15, 26, 8],
];

describe.each([
  ["absolute", absolute],
  ["rotary", rotary],
] as const)("a step of generating in one call, %s positions", (_, config) => {
  let parameters: Parameters;
  beforeAll(async () => {
    await useBackend("simd");
    parameters = initialParameters(config, 1);
  });
  afterAll(() => disposeParameters(parameters));

  const logitsOf = (ids: number[][], cache?: Cache): Float32Array =>
    tf.tidy(() => forward(parameters, config, ids, { cache, positions: "last" }).dataSync() as Float32Array);
  const until = (length: number, of: number[][] = rows): number[][] => of.map((row) => row.slice(0, length));
  const at = (position: number, of: number[][] = rows): number[][] => of.map((row) => [row[position]]);
  const expectSame = (found: Float32Array, ids: number[][]): void => {
    expect(relativeError(found, logitsOf(ids))).toBeLessThan(1e-5);
  };

  it("is what the backend offers, and equals a pass over all positions at every one of them", () => {
    expect(hasDecode()).toBe(true);
    expectNoLeak(() => {
      const cache = new Cache();
      for (let t = 0; t < config.n_positions; t++) {
        const found = logitsOf(at(t), cache);
        expect([cache.length, cache.batch]).toEqual([t + 1, 3]);
        expectSame(found, until(t + 1));
      }
      expect(() => logitsOf(at(0), cache)).toThrow("at most 19");
      cache.dispose();
    });
  });

  it("goes on after whole stretches, and they after it", () => {
    expectNoLeak(() => {
      const cache = new Cache();
      logitsOf(until(6), cache);
      expectSame(logitsOf(at(6), cache), until(7));
      const stretch = rows.map((row) => row.slice(7, 12));
      expectSame(logitsOf(stretch, cache), until(12));
      expectSame(logitsOf(at(12), cache), until(13));
      cache.dispose();
    });
  });

  it("takes a few positions at once, gives the logits of each, and goes back behind them", () => {
    expectNoLeak(() => {
      const cache = new Cache();
      logitsOf(until(3), cache);
      const chunk = rows.map((row) => row.slice(3, 8));
      const all = tf.tidy(() => forward(parameters, config, chunk, { cache }).dataSync() as Float32Array);
      expect(cache.length).toBe(8);
      const whole = tf.tidy(
        () =>
          tf.slice(forward(parameters, config, until(8)), [0, 3, 0], [-1, 5, -1]).dataSync() as Float32Array,
      );
      expect(relativeError(all, whole)).toBeLessThan(1e-5);
      cache.rewind(5);
      const others = rows.map((row) => [...row.slice(0, 5), 30, 2, 17]);
      const after = others.map((row) => row.slice(5));
      expectSame(logitsOf(after, cache), others);
      expect(() => logitsOf(until(12), cache)).toThrow("12 positions after 8 in the cache");
      expect(cache.length).toBe(8);
      expectSame(
        logitsOf(at(0), cache),
        others.map((row, i) => [...row, rows[i][0]]),
      );
      cache.dispose();
    });
  });

  it("rewinds, forks and takes other rows", () => {
    expectNoLeak(() => {
      const cache = new Cache();
      for (let t = 0; t < 9; t++) logitsOf(at(t), cache);
      cache.rewind(4);
      expectSame(logitsOf(at(4), cache), until(5));
      const other = cache.fork();
      // What one of the two writes, the other mustn't see.
      logitsOf([[0], [0], [0]], other);
      expectSame(logitsOf(at(5), cache), until(6));
      expectSame(
        logitsOf(at(6), other),
        until(5).map((row, i) => [...row, 0, rows[i][6]]),
      );
      other.dispose();
      cache.reorder([2, 0]);
      const chosen = [rows[2], rows[0]];
      expectSame(logitsOf(at(6, chosen), cache), until(7, chosen));
      cache.dispose();
    });
  });
});
