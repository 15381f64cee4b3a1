import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { rotary } from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

const [time, heads, depth] = [23, 2, 6];
const width = heads * depth;
const half = depth / 2;

/** Cosines, then sines, of angles that grow with the position, at another rate for each pair. */
const turns = (from = 0): tf.Tensor => {
  const angle = (position: number, pair: number): number => (from + position) * (0.9 / (pair + 1));
  const rows = Array.from({ length: time }, (_, position) =>
    Array.from({ length: depth }, (_, i) =>
      i < half ? Math.cos(angle(position, i)) : Math.sin(angle(position, i - half)),
    ),
  );
  return tf.tensor2d(rows);
};

describe.each(testedBackends)("rotary positions on %s", (backend) => {
  it("leave values, lengths, and the products of queries and keys that are as far apart", async () => {
    await useBackend(backend);
    const one = randomValues("rotary row", [1, 1, 3 * width]);
    expectNoLeak(() =>
      tf.tidy(() => {
        // The same query, key and value at every position.
        const qkv = tf.tile(upload(one), [1, time, 1]);
        const products = (from: number): tf.Tensor => {
          const turned = rotary(qkv, turns(from), heads);
          const values = tf.slice(turned, [0, 0, 2 * width], [1, time, width]);
          expect(values.dataSync()).toEqual(tf.slice(qkv, [0, 0, 2 * width], [1, time, width]).dataSync());
          const part = (first: number) =>
            tf.reshape(tf.slice(turned, [0, 0, first], [1, time, depth]), [time, depth]);
          const [q, k] = [part(depth), part(width + depth)];
          const before = tf.slice(qkv, [0, 0, depth], [1, 1, depth]);
          const lengths = tf.sum(tf.square(q), 1).dataSync();
          for (const length of lengths)
            expect(length).toBeCloseTo(tf.sum(tf.square(before)).dataSync()[0], 4);
          return tf.matMul(q as tf.Tensor2D, k as tf.Tensor2D, false, true);
        };
        const found = products(0).arraySync() as number[][];
        for (let i = 1; i < time; i++) {
          for (let j = 1; j < time; j++) expect(found[i][j]).toBeCloseTo(found[i - 1][j - 1], 3);
        }
        expect(Math.abs(found[0][0] - found[1][0])).toBeGreaterThan(1e-2);
        expect(relativeError(products(7).dataSync(), products(0).dataSync())).toBeLessThan(1e-4);
      }),
    );
  });

  it("refuse shapes that don't belong together", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      expect(() => rotary(tf.zeros([1, 4, 18]), tf.zeros([4, 3]), 2)).toThrow(
        "invalid depth of a head: 3; expected an even number for rotary positions",
      );
      expect(() => rotary(tf.zeros([1, 4, 24]), tf.zeros([3, 4]), 2)).toThrow(
        "invalid turns of rotary positions: [3,4]; expected [4,4]",
      );
    });
  });
});
