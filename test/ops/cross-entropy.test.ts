import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import { crossEntropy, head, headLoss, headNll, IGNORED } from "../../src/ops/index.js";
import {
  expectNoLeak,
  randomIds,
  randomValues,
  relativeError,
  testedBackends,
  upload,
  useBackend,
} from "../tensors.js";

const hiddenValues = randomValues("hidden", [2, 9, 12]);
const tokenValues = randomValues("tokens", [17, 12]);
const targetValues = randomIds("targets", [2, 9], 17);

describe.each(testedBackends)("the loss on %s", (backend) => {
  it("of a head is that of its logits, and the mean of the per-token values", async () => {
    await useBackend(backend);
    expectNoLeak(() =>
      tf.tidy(() => {
        const [hidden, tokens, targets] = [hiddenValues, tokenValues, targetValues].map(upload);
        const whole = headLoss(hidden, tokens, targets).dataSync()[0];
        expect(crossEntropy(head(hidden, tokens), targets).dataSync()[0]).toBeCloseTo(whole, 5);
        expect(tf.mean(headNll(hidden, tokens, targets)).dataSync()[0]).toBeCloseTo(whole, 5);
      }),
    );
  });

  it("leaves out targets that are negative or past the vocabulary", async () => {
    await useBackend(backend);
    expectNoLeak(() =>
      tf.tidy(() => {
        const logits = tf.tensor2d([0, 1, 5, 2, 2, 2, 1, 1, 9, 3, 0, 0], [4, 3]);
        const targets = (rows: number[]) => tf.tensor1d(rows, "int32");
        const alone = crossEntropy(tf.slice(logits, [0, 0], [1, 3]), targets([1])).dataSync()[0];
        expect(crossEntropy(logits, targets([1, IGNORED, -1, 3])).dataSync()[0]).toBeCloseTo(alone, 6);
        const rows = headNll(
          logits,
          tf.tensor2d([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]),
          targets([1, IGNORED, -1, 3]),
        );
        expect(relativeError(rows.dataSync(), [alone, 0, 0, 0])).toBeLessThan(1e-5);
      }),
    );
  });

  it("weighs each target", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      const logits = tf.tensor2d([0, 3, 1, 0], [2, 2]);
      const first = Math.log(1 + Math.exp(3));
      const second = Math.log(1 + Math.exp(-1));
      const loss = crossEntropy(logits, tf.tensor1d([0, 0], "int32"), tf.tensor1d([1, 3]));
      expect(loss.dataSync()[0]).toBeCloseTo((first + 3 * second) / 4, 5);
    });
  });

  it("is 0, with a gradient of 0, where nothing is counted", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      const targets = tf.tensor1d([IGNORED], "int32");
      const { value, grad } = tf.valueAndGrad((logits) => crossEntropy(logits, targets))(
        tf.tensor2d([[1, 2]]),
      );
      expect(value.dataSync()[0]).toBe(0);
      expect([...grad.dataSync()].map(Math.abs)).toEqual([0, 0]);
    });
  });

  it("stays finite for logits that would overflow", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      const loss = crossEntropy(tf.tensor2d([[1e4, -1e4]]), tf.tensor1d([1], "int32"));
      expect(loss.dataSync()[0]).toBeCloseTo(2e4, 0);
    });
  });
});

it("the loss refuses targets of another shape", async () => {
  await useBackend("cpu");
  tf.tidy(() => {
    expect(() => crossEntropy(tf.zeros([2, 3]), tf.zeros([3], "int32"))).toThrow(AttaccaError);
  });
});
