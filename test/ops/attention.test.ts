import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import {
  attention,
  cachedAttention,
  embedding,
  type KeysAndValues,
  layerNorm,
  linear,
  prefixAttention,
} from "../../src/ops/index.js";
import {
  expectNoLeak,
  randomValues,
  relativeError,
  takeAll,
  testedBackends,
  upload,
  useBackend,
} from "../tensors.js";

const qkvValues = randomValues("qkv", [3, 23, 36]);

describe.each(testedBackends)("attention on %s", (backend) => {
  it.each([[[23]], [[1, 1, 1, 20]], [[20, 1, 2]], [[5, 18]], [Array.from({ length: 23 }, () => 1)]])(
    "fed in chunks of %j with a cache gives what it gives at once",
    async (chunks) => {
      await useBackend(backend);
      expectNoLeak(() =>
        tf.tidy(() => {
          const qkv = upload(qkvValues);
          const whole = attention(qkv, 3).dataSync();
          let past: KeysAndValues | undefined;
          let at = 0;
          const outputs: tf.Tensor[] = [];
          for (const size of chunks) {
            const { y, keys, values } = cachedAttention(tf.slice(qkv, [0, at, 0], [3, size, 36]), 3, past);
            outputs.push(y);
            past = { keys, values };
            at += size;
            expect(keys.shape).toEqual([3, 3, at, 4]);
          }
          expect(relativeError(tf.concat(outputs, 1).dataSync(), whole)).toBeLessThan(1e-5);
        }),
      );
    },
  );

  it("sees nothing that comes later when causal, and everything when full", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      const qkv = upload(qkvValues);
      const changed = tf.concat([tf.slice(qkv, [0, 0, 0], [3, 22, 36]), tf.ones([3, 1, 36])], 1);
      const firstRows = (mode: "causal" | "full", x: tf.Tensor) =>
        tf.slice(attention(x, 3, { mode }), [0, 0, 0], [3, 22, 12]).dataSync();
      expect(firstRows("causal", changed)).toEqual(firstRows("causal", qkv));
      expect(relativeError(firstRows("full", changed), firstRows("full", qkv))).toBeGreaterThan(1e-3);
    });
  });
});

describe.each(testedBackends)("attention behind a prefix on %s", (backend) => {
  it("is causal without one, full where it is all, and shows what lies in it to every position", async () => {
    await useBackend(backend);
    const run = async (make: () => tf.Tensor): Promise<Float32Array> => (await takeAll([tf.tidy(make)]))[0];
    const rows = (x: tf.Tensor, row: number, count: number) => tf.slice(x, [row, 0, 0], [1, count, -1]);
    await expectNoLeak(async () => {
      const mixed = (row: number, count = 23) =>
        run(() => rows(prefixAttention(upload(qkvValues), 3, [0, 23, 9]), row, count));
      const causal = await run(() => rows(attention(upload(qkvValues), 3), 0, 23));
      const full = await run(() => rows(attention(upload(qkvValues), 3, { mode: "full" }), 1, 23));
      expect(relativeError(await mixed(0), causal)).toBeLessThan(1e-6);
      expect(relativeError(await mixed(1), full)).toBeLessThan(1e-6);
      // The third knows of nothing behind its prefix that hasn't come yet, and its first position of all of the prefix.
      const changed = (place: number, count: number) =>
        run(() => {
          const qkv = upload(qkvValues);
          const parts = [
            tf.slice(qkv, [0, 0, 0], [3, place, 36]),
            tf.ones([3, 1, 36]),
            tf.slice(qkv, [0, place + 1, 0], [3, 22 - place, 36]),
          ];
          return rows(prefixAttention(tf.concat(parts, 1), 3, [0, 23, 9]), 2, count);
        });
      expect(relativeError(await changed(14, 14), await mixed(2, 14))).toBeLessThan(1e-6);
      expect(relativeError(await changed(8, 1), await mixed(2, 1))).toBeGreaterThan(1e-3);
    });
  });
});

it("operations refuse shapes that don't fit", async () => {
  await useBackend("cpu");
  tf.tidy(() => {
    expect(() => attention(tf.zeros([1, 2, 10]), 3)).toThrow(AttaccaError);
    for (const prefixes of [[3], [-1, 0], [0.5, 0], [0, 3]]) {
      expect(() => prefixAttention(tf.zeros([2, 2, 12]), 2, prefixes)).toThrow(AttaccaError);
    }
    expect(() => linear(tf.zeros([1, 2, 3]), tf.zeros([4, 5]), tf.zeros([5]))).toThrow(AttaccaError);
    expect(() => layerNorm(tf.zeros([1, 2, 3]), tf.zeros([4]), tf.zeros([4]))).toThrow(AttaccaError);
    const ids = tf.zeros([1, 4], "int32");
    expect(() => embedding(ids, tf.zeros([5, 2]), tf.zeros([6, 2]), 3)).toThrow(AttaccaError);
    expect(() => embedding(tf.zeros([1, 4]), tf.zeros([5, 2]), tf.zeros([6, 2]))).toThrow(AttaccaError);
  });
});
