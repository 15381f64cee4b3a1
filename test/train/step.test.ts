import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disposeParameters, initialParameters, modelConfig, nll } from "../../src/model/index.js";
import type { Batch } from "../../src/train/batch.js";
import { evaluate, limitBatches, trainingStep } from "../../src/train/index.js";
import { expectNoLeak, relativeError, useBackend } from "../tensors.js";
import { countingBatches, disposeModel, newModel, settings, snapshot, tinyConfig } from "./tiny-run.js";

beforeAll(() => useBackend("cpu"));

/** Without dropout, since each micro-batch has masks of its own. */
const still = modelConfig({ ...tinyConfig, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 });
const options = { ...settings, step: 1, learningRate: 1e-2, clip: 0 };

/** One batch of four rows in which some targets aren't counted, and the same rows in batches of uneven counts. */
function batchAndParts(): { whole: Batch; parts: Batch[] } {
  const whole = countingBatches(4)(5);
  const targets = whole.targets.map((target, i) => (i < 8 || i % 3 === 0 ? target : -1));
  const rows = (from: number, to: number): Batch => ({
    ids: whole.ids.slice(from * 8, to * 8),
    targets: targets.slice(from * 8, to * 8),
    batchSize: to - from,
    length: 8,
  });
  return { whole: { ...whole, targets }, parts: [rows(0, 1), rows(1, 2), rows(2, 4)] };
}

describe("a training step", () => {
  it("gives with accumulation what one big batch gives", async () => {
    const { whole, parts } = batchAndParts();
    const one = newModel(still);
    const many = newModel(still);
    const expected = await trainingStep(one, [whole], options);
    const found = await expectNoLeak(() => trainingStep(many, parts, options));
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    const [a, b] = [await snapshot(one), await snapshot(many)];
    for (const kind of ["first", "second"]) {
      for (const [name, values] of a[kind]) {
        expect(relativeError(b[kind].get(name)!, values), `${kind} ${name}`).toBeLessThan(1e-4);
      }
    }
    disposeModel(one);
    disposeModel(many);
  });

  it("skips micro-batches in which nothing is counted, and refuses when that is all of them", async () => {
    const { whole } = batchAndParts();
    const empty = { ...whole, targets: whole.targets.map(() => -1) };
    const one = newModel(still);
    const two = newModel(still);
    const expected = await trainingStep(one, [whole], options);
    expect(await trainingStep(two, [empty, whole], options)).toEqual(expected);
    await expect(trainingStep(one, [empty], options)).rejects.toThrow(/batch of step 1: no counted target/);
    disposeModel(one);
    disposeModel(two);
  });

  it("clips: the first moment is the gradient scaled down to the limit", async () => {
    const { whole } = batchAndParts();
    const model = newModel(still);
    const { gradientNorm } = await trainingStep(model, [whole], { ...options, clip: 0.01 });
    expect(gradientNorm).toBeGreaterThan(0.1);
    let squares = 0;
    for (const values of (await snapshot(model)).first.values()) for (const v of values) squares += v * v;
    // (1 − 0.9) · 0.01, up to the 1e-6 that clipping adds to the norm.
    expect(Math.sqrt(squares)).toBeCloseTo(0.001, 6);
    disposeModel(model);
  });

  it("draws dropout from (seed, step)", async () => {
    const { whole } = batchAndParts();
    const lossWith = async (seed: number, step: number): Promise<number> => {
      const model = newModel();
      const { loss } = await trainingStep(model, [whole], { ...options, seed, step });
      disposeModel(model);
      return loss;
    };
    const loss = await lossWith(3, 1);
    expect(await lossWith(3, 1)).toBe(loss);
    expect(await lossWith(3, 2)).not.toBe(loss);
    expect(await lossWith(4, 1)).not.toBe(loss);
  });
});

/** Longer than the context: the model refuses it. */
const tooLong = countingBatches(1, 9)(1);

describe("a failure in the middle", () => {
  it("leaves no tensors behind: a training step", async () => {
    const model = newModel(still);
    const { whole } = batchAndParts();
    await expectNoLeak(async () => {
      await expect(trainingStep(model, [whole, tooLong], options)).rejects.toThrow(/9 positions/);
    });
    disposeModel(model);
  });

  it("leaves no tensors behind: an evaluation", async () => {
    const model = newModel(still);
    await expectNoLeak(async () => {
      const source = { batches: () => [countingBatches(1)(1), tooLong] };
      await expect(evaluate(model.parameters, still, source)).rejects.toThrow(/9 positions/);
    });
    disposeModel(model);
  });
});

describe("evaluation", () => {
  const parameters = () => initialParameters(still, 2);
  let shared: ReturnType<typeof parameters>;
  beforeAll(async () => {
    await useBackend("cpu");
    shared = parameters();
  });
  afterAll(() => disposeParameters(shared));

  it("is the mean over counted targets, however they are spread over batches", async () => {
    const { whole, parts } = batchAndParts();
    const direct = tf.tidy(() => {
      const ids = tf.tensor2d(whole.ids, [4, 8], "int32");
      const targets = tf.tensor2d(whole.targets, [4, 8], "int32");
      return Array.from(nll(shared, still, ids, targets).dataSync());
    });
    const counted = whole.targets.filter((target) => target >= 0).length;
    const score = await expectNoLeak(() => evaluate(shared, still, { batches: () => parts }));
    expect(score.tokens).toBe(counted);
    expect(score.nllPerToken).toBeCloseTo(direct.reduce((a, b) => a + b, 0) / counted, 5);
    expect(score.nll).toBeCloseTo(score.nllPerToken * counted, 8);
  });

  it("refuses a split with nothing to score", async () => {
    await expect(evaluate(shared, still, { batches: () => [] })).rejects.toThrow(/no token to score/);
  });

  it("can be limited to some batches, evenly spread and always the same", () => {
    const all = Array.from({ length: 10 }, (_, i): Batch => ({ ...countingBatches(1)(i), batchSize: i }));
    const taken = (most: number): number[] =>
      [...limitBatches({ batches: () => all }, most).batches()].map((batch) => batch.batchSize);
    expect(taken(0)).toHaveLength(10);
    expect(taken(20)).toHaveLength(10);
    expect(taken(3)).toEqual([0, 4, 7]);
    expect(taken(1)).toEqual([0]);
  });
});
