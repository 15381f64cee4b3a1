import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import { attention, crossAttention } from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

const qValues = randomValues("q", [2, 5, 12]);
const kvValues = randomValues("kv", [2, 9, 24]);

describe.each(testedBackends)("cross-attention on %s", (backend) => {
  it("over a sequence itself is full attention", async () => {
    await useBackend(backend);
    expectNoLeak(() =>
      tf.tidy(() => {
        const qkv = upload(randomValues("qkv", [2, 9, 36]));
        const q = tf.slice(qkv, [0, 0, 0], [2, 9, 12]);
        const kv = tf.slice(qkv, [0, 0, 12], [2, 9, 24]);
        const found = crossAttention(q, kv, 3, { lengths: [9, 9] }).dataSync();
        expect(relativeError(found, attention(qkv, 3, { mode: "full" }).dataSync())).toBeLessThan(1e-5);
      }),
    );
  });

  it("sees nothing of a source behind its length", async () => {
    await useBackend(backend);
    expectNoLeak(() =>
      tf.tidy(() => {
        const [q, kv] = [qValues, kvValues].map(upload);
        const changed = tf.concat([tf.slice(kv, [0, 0, 0], [2, 6, 24]), tf.ones([2, 3, 24])], 1);
        const run = (source: tf.Tensor, lengths: number[]) =>
          crossAttention(q, source, 3, { lengths }).dataSync();
        expect(run(changed, [6, 4])).toEqual(run(kv, [6, 4]));
        expect(relativeError(run(changed, [7, 4]), run(kv, [7, 4]))).toBeGreaterThan(1e-3);
      }),
    );
  });
});

it("cross-attention refuses shapes and lengths that don't fit", async () => {
  await useBackend("cpu");
  tf.tidy(() => {
    const [q, kv] = [qValues, kvValues].map(upload);
    for (const lengths of [[9], [0, 9], [10, 9], [1.5, 9]]) {
      expect(() => crossAttention(q, kv, 3, { lengths })).toThrow(AttaccaError);
    }
    expect(() => crossAttention(q, kv, 5, { lengths: [9, 9] })).toThrow(AttaccaError);
    expect(() => crossAttention(q, tf.zeros([1, 9, 24]), 3, { lengths: [9, 9] })).toThrow(AttaccaError);
    expect(() => crossAttention(q, tf.zeros([2, 9, 36]), 3, { lengths: [9, 9] })).toThrow(AttaccaError);
  });
});
