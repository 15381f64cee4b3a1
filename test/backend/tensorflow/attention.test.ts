import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { attentionBackward, attentionForward } from "../../../src/backend/tensorflow/attention.js";
import { runAttention } from "../../../src/ops/attention.js";
import { expectNoLeak, randomValues, relativeError, upload, useBackend } from "../../tensors.js";

// The kernels are made of stock operations, so that they can be held against the composed form where TensorFlow isn't.
it.each([
  ["causal", 0],
  ["full", 0],
  ["causal", 0.3],
] as const)(
  "attention over all heads at once is the composed form's (%s, dropout %d)",
  async (mode, rate) => {
    await useBackend("cpu");
    const attributes = { heads: 3, mode, rate, key0: 11, key1: 12 };
    expectNoLeak(() =>
      tf.tidy(() => {
        const qkv = upload(randomValues("qkv", [2, 7, 36]));
        const dy = upload(randomValues("dy", [2, 7, 12]));
        const composed = runAttention.operation.composed({ qkv }, attributes, true);
        const [dQkv] = runAttention.operation.gradient(dy, { qkv }, composed.saved ?? [], attributes);
        const [y, probabilities, drops] = attentionForward(qkv, attributes);
        expect(relativeError(y.dataSync(), composed.value.dataSync())).toBeLessThan(1e-5);
        const back = attentionBackward(dy, qkv, probabilities, drops, attributes);
        expect(back.shape).toEqual([2, 7, 36]);
        expect(relativeError(back.dataSync(), dQkv.dataSync())).toBeLessThan(1e-5);
      }),
    );
  },
);
