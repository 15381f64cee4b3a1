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
} from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

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

it("operations refuse shapes that don't fit", async () => {
  await useBackend("cpu");
  tf.tidy(() => {
    expect(() => attention(tf.zeros([1, 2, 10]), 3)).toThrow(AttaccaError);
    expect(() => linear(tf.zeros([1, 2, 3]), tf.zeros([4, 5]), tf.zeros([5]))).toThrow(AttaccaError);
    expect(() => layerNorm(tf.zeros([1, 2, 3]), tf.zeros([4]), tf.zeros([4]))).toThrow(AttaccaError);
    const ids = tf.zeros([1, 4], "int32");
    expect(() => embedding(ids, tf.zeros([5, 2]), tf.zeros([6, 2]), 3)).toThrow(AttaccaError);
    expect(() => embedding(tf.zeros([1, 4]), tf.zeros([5, 2]), tf.zeros([6, 2]))).toThrow(AttaccaError);
  });
});
