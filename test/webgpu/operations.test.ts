import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  type CachedPositions,
  cachedLookaheadAttention,
  dropout,
  dropoutMask,
  dropoutOf,
  lookaheadAttention,
} from "../../src/ops/index.js";
import { operationCases } from "../ops/operation-cases.js";
import { runOperation } from "../ops/run-operation.js";
import { expectNoLeak, randomValues, relativeError, takeAll, upload, useBackend } from "../tensors.js";

const cases = operationCases();

describe("operations on webgpu", () => {
  it.each(Object.keys(cases))("%s equals the reference, and gives the same bits again", async (name) => {
    await useBackend("cpu");
    const reference = await runOperation(cases[name]);
    await useBackend("webgpu");
    const found = await expectNoLeak(() => runOperation(cases[name]));
    expect(relativeError(found.untaped, found.value)).toBeLessThan(1e-6);
    expect(relativeError(found.value, reference.value)).toBeLessThan(1e-5);
    for (const [input, gradient] of Object.entries(reference.gradients)) {
      expect(relativeError(found.gradients[input], gradient), input).toBeLessThan(1e-4);
    }
    expect(await runOperation(cases[name])).toEqual(found);
  });

  it("drops the very values that the other engines drop", async () => {
    await useBackend("webgpu");
    const drop = dropoutOf(0.4, 3, "embd", 9);
    const [found] = await takeAll([tf.tidy(() => dropout(tf.ones([7, 33]), drop))]);
    expect(found).toEqual(dropoutMask(7 * 33, drop));
  });

  it("lookahead keys give with a cache what the whole pass gives", async () => {
    const [qkv, look] = ["cached qkv", "cached look"].map((name) => randomValues(name, [2, 9, 36]));
    await useBackend("cpu");
    const [whole] = await takeAll([tf.tidy(() => lookaheadAttention(upload(qkv), upload(look), 3))]);
    await useBackend("webgpu");
    const found = await expectNoLeak(async () => {
      const [y] = await takeAll([
        tf.tidy(() => {
          let past: CachedPositions | undefined;
          let first = 0;
          const outputs = [4, 1, 1, 3].map((size) => {
            const part = (x: tf.Tensor) => tf.slice(x, [0, first, 0], [2, size, 36]);
            const { y, ...kept } = cachedLookaheadAttention(part(upload(qkv)), part(upload(look)), 3, past);
            // Before the last feed the sums are dropped, as by a rewind.
            past = size === 1 ? { ...kept, sums: undefined } : kept;
            first += size;
            return y;
          });
          return tf.concat(outputs, 1);
        }),
      ]);
      return y;
    });
    expect(relativeError(found, whole)).toBeLessThan(1e-5);
  });
});
