import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  nll,
  type Parameters,
} from "../../src/model/index.js";
import { randomIds, relativeError, rowsOf, testedBackends, useBackend } from "../tensors.js";

const config = modelConfig({
  vocab_size: 31,
  n_positions: 24,
  n_embd: 16,
  n_layer: 3,
  n_head: 4,
  // Far from GPT-2's small beginning, so that attention is far from uniform.
  initializer_range: 0.4,
});
const ids = rowsOf(randomIds("sequence", [3, 24], 31));
const firsts = (rows: readonly number[][], from: number, to: number) =>
  rows.map((row) => row.slice(from, to));

describe.each(testedBackends)("a cached pass on %s", (backend) => {
  let parameters: Parameters;
  let tensors: number;

  beforeEach(async () => {
    await useBackend(backend);
    tensors = tf.memory().numTensors;
    parameters = initialParameters(config, 1);
  });

  afterEach(() => {
    disposeParameters(parameters);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  const logitsOf = (rows: number[][], cache?: Cache): Float32Array => {
    const logits = forward(parameters, config, rows, { cache });
    const values = logits.dataSync().slice() as Float32Array;
    logits.dispose();
    return values;
  };

  /** The logits at positions from … of a pass over the whole rows without a cache. */
  const recomputed = (rows: number[][], from: number): Float32Array => {
    const logits = forward(parameters, config, rows);
    const cut = tf.slice(logits, [0, from, 0], [-1, -1, -1]);
    const values = cut.dataSync().slice() as Float32Array;
    tf.dispose([logits, cut]);
    return values;
  };

  it("equals the full pass at every position, one token at a time", () => {
    const cache = new Cache();
    for (let at = 0; at < 24; at++) {
      const found = logitsOf(firsts(ids, at, at + 1), cache);
      expect(cache.length).toBe(at + 1);
      expect(relativeError(found, recomputed(firsts(ids, 0, at + 1), at))).toBeLessThan(1e-5);
    }
    cache.dispose();
  });

  it("equals the full pass in chunks of any size, for any batch", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (sizes, batch) => {
          const rows = ids.slice(0, batch);
          const cache = new Cache();
          let at = 0;
          for (const size of sizes) {
            if (at + size > 24) break;
            const found = logitsOf(firsts(rows, at, at + size), cache);
            expect(relativeError(found, recomputed(firsts(rows, 0, at + size), at))).toBeLessThan(1e-5);
            at += size;
          }
          cache.dispose();
        },
      ),
      { numRuns: 15, seed: 1 },
    );
  });

  it("goes on rightly after a rewind", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 15), cache);
    for (const length of [11, 11, 4, 0]) {
      cache.rewind(length);
      expect(cache.length).toBe(length);
      const other = ids.map((row) => [...row.slice(0, length), 7, 8, 9]);
      const found = logitsOf(firsts(other, length, length + 3), cache);
      expect(relativeError(found, recomputed(other, length))).toBeLessThan(1e-5);
    }
    cache.dispose();
  });

  it("goes on rightly on both sides of a fork", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 6), cache);
    const fork = cache.fork();
    const left = ids.map((row) => [...row.slice(0, 6), 1, 2]);
    const right = ids.map((row) => [...row.slice(0, 6), 3, 4, 5]);
    const foundLeft = logitsOf(firsts(left, 6, 8), cache);
    const foundRight = logitsOf(firsts(right, 6, 9), fork);
    expect(relativeError(foundLeft, recomputed(left, 6))).toBeLessThan(1e-5);
    expect(relativeError(foundRight, recomputed(right, 6))).toBeLessThan(1e-5);
    cache.dispose();
    // The fork lives on without the first.
    const further = right.map((row) => [...row, 10]);
    expect(relativeError(logitsOf(firsts(further, 9, 10), fork), recomputed(further, 9))).toBeLessThan(1e-5);
    fork.dispose();
  });

  it("goes on rightly with rows in another order, doubled or left out", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 10), cache);
    const rows = [2, 0, 0, 1];
    cache.reorder(rows);
    expect(cache.batch).toBe(4);
    const reordered = rows.map((row, i) => [...ids[row].slice(0, 10), i, i + 1]);
    const found = logitsOf(firsts(reordered, 10, 12), cache);
    expect(relativeError(found, recomputed(reordered, 10))).toBeLessThan(1e-5);
    cache.reorder([3]);
    const last = [[...reordered[3], 30]];
    expect(relativeError(logitsOf(firsts(last, 12, 13), cache), recomputed(last, 12))).toBeLessThan(1e-5);
    cache.dispose();
  });

  it("gives a row's logits whatever stands beside it", () => {
    const [beside, alone] = [new Cache(), new Cache()];
    logitsOf(firsts(ids, 0, 8), beside);
    logitsOf([ids[0].slice(0, 8)], alone);
    const found = logitsOf(firsts(ids, 8, 9), beside).slice(0, 31);
    expect(relativeError(logitsOf([ids[0].slice(8, 9)], alone), found)).toBeLessThan(1e-5);
    beside.dispose();
    alone.dispose();
  });

  it("scores targets as the full pass does", () => {
    const targets = firsts(ids, 1, 24);
    const whole = nll(parameters, config, firsts(ids, 0, 23), targets);
    const cache = new Cache();
    const parts = [0, 12].map((at) =>
      nll(parameters, config, firsts(ids, at, Math.min(at + 12, 23)), firsts(targets, at, at + 12), {
        cache,
      }),
    );
    const joined = tf.concat(parts, 1);
    expect(relativeError(joined.dataSync(), whole.dataSync())).toBeLessThan(1e-5);
    tf.dispose([whole, joined, ...parts]);
    cache.dispose();
  });

  it("refuses to go past the context, and is as it was then", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 20), cache);
    const error = caught(() => logitsOf(firsts(ids, 0, 5), cache));
    expect(error.message).toContain("5 positions after 20 in the cache");
    expect(error.message).toContain("at most 24 (n_positions)");
    expect(cache.length).toBe(20);
    expect(relativeError(logitsOf(firsts(ids, 20, 24), cache), recomputed(ids, 20))).toBeLessThan(1e-5);
    cache.dispose();
  });

  it("keeps nothing of a pass that fails halfway", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 4), cache);
    const broken = new Map(parameters);
    broken.delete("h.2.ln_1.weight");
    const before = tf.memory().numTensors;
    expect(() => forward(broken, config, firsts(ids, 4, 6), { cache })).toThrow(
      "missing parameter h.2.ln_1.weight",
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(relativeError(logitsOf(firsts(ids, 4, 6), cache), recomputed(firsts(ids, 0, 6), 4))).toBeLessThan(
      1e-5,
    );
    cache.dispose();
  });

  it("refuses other batches, lengths and rows than it has, full attention and training", () => {
    const cache = new Cache();
    logitsOf(firsts(ids, 0, 4), cache);
    caught(() => logitsOf([[1]], cache));
    caught(() => cache.rewind(5));
    caught(() => cache.rewind(-1));
    caught(() => cache.rewind(1.5));
    caught(() => cache.reorder([3]));
    caught(() => cache.reorder([]));
    caught(() => forward(parameters, config, [[1], [2], [3]], { cache, attention: "full" }));
    caught(() => forward(parameters, config, [[1], [2], [3]], { cache, training: { seed: 1, step: 1 } }));
    expect(cache.length).toBe(4);
    cache.dispose();
    expect(cache.length).toBe(0);
    expect(cache.batch).toBe(0);
  });
});

function caught(call: () => unknown): AttaccaError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(AttaccaError);
    return error as AttaccaError;
  }
  throw new Error("nothing was thrown");
}
