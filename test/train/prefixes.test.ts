import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AttentionKind,
  disposeParameters,
  forward,
  initialParameters,
  lossAndGradients,
  modelConfig,
  nll,
  type Parameters,
} from "../../src/model/index.js";
import type { Batch } from "../../src/train/batch.js";
import {
  evaluate,
  type PrefixRule,
  prefixBatch,
  prefixEvaluation,
  sampledPrefixes,
  trainingStep,
} from "../../src/train/index.js";
import { batchTensors } from "../../src/train/step.js";
import { expectNoLeak, randomValues, relativeError, takeAll, useBackend } from "../tensors.js";
import { disposeModel, newModel } from "./tiny-run.js";

const config = modelConfig({
  vocab_size: 11,
  n_positions: 9,
  n_embd: 12,
  n_layer: 2,
  n_head: 2,
  initializer_range: 0.3,
});

/** 0 begins a bar. */
const finished = (ids: ArrayLike<number>, length: number): number => {
  for (let index = length - 1; index > 0; index--) if (ids[index] === 0) return index;
  return 0;
};

const rule = (attention: AttentionKind): PrefixRule => ({ attention, finished });

/** Rows in which different numbers of targets count, as at the ends of pieces. */
const batch: Batch = {
  ids: Int32Array.from([
    ...[1, 4, 0, 7, 3, 9, 0, 0, 5],
    ...[2, 2, 8, 0, 5, 6, 1, 3, 0],
    ...[0, 3, 0, 9, 9, 7, 7, 7, 7],
  ]),
  targets: Int32Array.from([
    ...[4, 0, 7, 3, 9, 0, 0, 5, 6],
    ...[-1, -1, 0, 5, 6, 1, 3, 0, 2],
    ...[3, 0, 9, 9, -1, -1, -1, -1, -1],
  ]),
  batchSize: 3,
  length: 9,
};
const TARGETS = 9 + 7 + 4;

/** A target's negative log-likelihood from a pass that holds its prefix and nothing else. */
async function ownPass(
  parameters: Parameters,
  row: number,
  place: number,
  attention: AttentionKind,
): Promise<number> {
  const ids = [...batch.ids.slice(row * 9, row * 9 + place + 1)];
  const prefix = attention === "full" ? ids.length : attention === "bar" ? finished(ids, ids.length) : 0;
  const logits = forward(parameters, config, [ids], { prefixes: [prefix], positions: "last" });
  const [values] = await takeAll([logits]);
  const sum = values.reduce((total, logit) => total + Math.exp(logit), 0);
  return Math.log(sum) - values[batch.targets[row * 9 + place]];
}

/** The mean over every target, each by a pass of its own. */
async function meanOfAll(parameters: Parameters, attention: AttentionKind): Promise<number> {
  let sum = 0;
  for (let row = 0; row < 3; row++) {
    for (let place = 0; place < 9; place++) {
      if (batch.targets[row * 9 + place] >= 0) sum += await ownPass(parameters, row, place, attention);
    }
  }
  return sum / TARGETS;
}

/** A batch's loss, put together from the scores of its targets. */
async function lossOf(
  parameters: Parameters,
  { prefixes, weights, positions: _, ...one }: Batch,
): Promise<number> {
  const [ids, targets] = batchTensors(one);
  const [values] = await takeAll([nll(parameters, config, ids, targets, { prefixes })]);
  tf.dispose([ids, targets]);
  const shareOf = (i: number): number => (one.targets[i] < 0 ? 0 : (weights?.[i] ?? 1));
  const total = values.reduce((sum, _, i) => sum + shareOf(i), 0);
  return values.reduce((sum, value, i) => sum + value * shareOf(i), 0) / total;
}

/** Every draw that can come, each as often as it does: 1,260 parts are whole for 20 targets, and for the rows' 9, 7 and 4. */
const allShares = Array.from({ length: 1260 }, (_, i) => (i + 0.5) / 1260);

describe("the loss of sampled prefixes", () => {
  let parameters: Parameters;
  beforeAll(async () => {
    await useBackend("simd");
    parameters = initialParameters(config, 4, { positions: "random" });
  });
  afterAll(() => disposeParameters(parameters));

  it.each(["causal", "full", "bar"] as const)(
    "is on average that of all prefixes, each by its own pass, with %s attention",
    async (attention) => {
      const losses = new Map<string, { loss: number; count: number }>();
      for (const share of allShares) {
        const one = prefixBatch(batch, rule(attention), () => share);
        const key = JSON.stringify([one.length, one.prefixes, [...one.targets]]);
        const known = losses.get(key) ?? { loss: await lossOf(parameters, one), count: 0 };
        losses.set(key, { ...known, count: known.count + 1 });
      }
      const mean = [...losses.values()].reduce((sum, { loss, count }) => sum + (loss * count) / 1260, 0);
      expect(losses.size).toBeGreaterThan(3);
      expect(mean).toBeCloseTo(await meanOfAll(parameters, attention), 5);
      if (attention !== "causal") {
        expect(Math.abs(mean - (await meanOfAll(parameters, "causal")))).toBeGreaterThan(1e-3);
      }
    },
  );

  it("falls on all targets alike where several prefixes are drawn", () => {
    const counts = new Map<number, number>();
    const draws = 400;
    const source = sampledPrefixes(() => batch, { attention: "full", count: 4, seed: 3 });
    for (let i = 0; i < 4 * draws; i++) {
      const { length } = source(i);
      counts.set(length, (counts.get(length) ?? 0) + 1);
    }
    for (let place = 0; place < 9; place++) {
      const share = [0, 1, 2].filter((row) => batch.targets[row * 9 + place] >= 0).length / TARGETS;
      const deviation = Math.sqrt((share * (1 - share)) / (4 * draws));
      expect(Math.abs((counts.get(place + 1) ?? 0) / (4 * draws) - share)).toBeLessThan(4 * deviation);
    }
    // One of the four in each quarter of the targets.
    for (let step = 0; step < 20; step++) {
      const lengths = [0, 1, 2, 3].map((i) => source(4 * step + i).length);
      expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    }
  });

  it("depends on seed and step alone", () => {
    const sampling = { ...rule("bar"), count: 2, seed: 3 };
    const [a, b] = [sampledPrefixes(() => batch, sampling), sampledPrefixes(() => batch, sampling)];
    a(0);
    expect(a(7)).toEqual(b(7));
    const other = sampledPrefixes(() => batch, { ...sampling, seed: 4 });
    const first20 = (source: typeof a): string =>
      JSON.stringify(Array.from({ length: 20 }, (_, i) => source(i).prefixes));
    expect(first20(other)).not.toBe(first20(a));
    expect(a(7).weight).toBe(TARGETS / 2);
  });

  it("leaves a batch without targets as it is", () => {
    const empty = { ...batch, targets: batch.targets.map(() => -1) };
    expect(prefixBatch(empty, rule("full"), () => 0.5)).toBe(empty);
  });
});

describe("a step of training on sampled prefixes", () => {
  it.each(["full", "bar"] as const)("weighs them as they say, with %s attention", async (attention) => {
    await useBackend("simd");
    const model = newModel(config);
    try {
      const source = sampledPrefixes(() => batch, { ...rule(attention), count: 3, seed: 1 });
      const batches = [0, 1, 2].map(source);
      const losses: number[] = [];
      for (const one of batches) losses.push(await lossOf(model.parameters, one));
      const settings = { seed: 1, weightDecay: 0, beta1: 0.9, beta2: 0.99, clip: 0 };
      const outcome = await expectNoLeak(() =>
        trainingStep(model, batches, { ...settings, step: 1, learningRate: 1e-3 }),
      );
      expect(outcome.loss).toBeCloseTo((losses[0] + losses[1] + losses[2]) / 3, 5);
      expect(outcome.applied).toBe(true);
    } finally {
      disposeModel(model);
    }
  });

  it("has the gradient that finite differences find", async () => {
    await useBackend("cpu");
    const parameters = initialParameters(config, 4, { positions: "random" });
    const one = prefixBatch(batch, rule("bar"), () => 0.6);
    const [ids, targets] = batchTensors(one);
    const weights = tf.tensor2d(one.weights!, [3, one.length]);
    const options = { prefixes: one.prefixes, weights };
    const { loss, gradients } = lossAndGradients(parameters, config, ids, targets, options);
    const name = "h.0.attn.c_attn.weight";
    const variable = parameters.get(name)!;
    const values = Float32Array.from(await variable.data());
    const direction = randomValues("direction", variable.shape).values;
    const lossAt = async (step: number): Promise<number> => {
      tf.tidy(() => {
        variable.assign(
          tf.tensor(
            values.map((value, i) => value + step * direction[i]),
            variable.shape,
          ),
        );
      });
      return lossOf(parameters, one);
    };
    const slope = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3;
    const [gradient] = await takeAll([gradients.get(name)!]);
    const expected = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
    expect(Math.abs(expected)).toBeGreaterThan(0.05);
    expect(Math.abs(slope - expected)).toBeLessThan(0.02 * Math.abs(expected));
    gradients.delete(name);
    tf.dispose([ids, targets, weights, loss, ...gradients.values()]);
    disposeParameters(parameters);
  });
});

describe("an evaluation by prefixes", () => {
  const source = { batches: () => [batch] };
  it.each([
    ["causal", 5],
    ["full", 30],
    ["bar", 30],
    ["bar", 1],
  ] as const)(
    "gives each target what its own pass gives, with %s attention, %i ids at once",
    async (attention, ids) => {
      await useBackend("simd");
      const parameters = initialParameters(config, 4, { positions: "random" });
      const by = prefixEvaluation(source, { ...rule(attention), targets: 0, idsInBatch: ids });
      const { nllPerToken, tokens } = await expectNoLeak(() => evaluate(parameters, config, by));
      expect(tokens).toBe(TARGETS);
      expect(nllPerToken).toBeCloseTo(await meanOfAll(parameters, attention), 5);
      disposeParameters(parameters);
    },
  );

  it("takes one target of each equal part, whatever the attention", () => {
    const many = { batches: () => Array.from({ length: 30 }, () => batch) };
    const chosen = (attention: AttentionKind): number[] => {
      const by = prefixEvaluation(many, { ...rule(attention), targets: 60, idsInBatch: 200 });
      return [...by.batches()].flatMap(({ targets }) => [...targets].filter((target) => target >= 0));
    };
    const causal = chosen("causal");
    expect(causal).toHaveLength(60);
    for (const attention of ["full", "bar"] as const) {
      expect(chosen(attention).sort()).toEqual([...causal].sort());
    }
  });
});

it("one layer's last position sees the same with full attention as with causal attention; two layers' doesn't", async () => {
  await useBackend("simd");
  for (const layers of [1, 2]) {
    const one = modelConfig({ ...config, n_layer: layers });
    const parameters = initialParameters(one, 4, { positions: "random" });
    const ids = [[1, 4, 0, 7, 3, 9, 0, 0, 5]];
    const last = (prefix: number) =>
      takeAll([forward(parameters, one, ids, { prefixes: [prefix], positions: "last" })]);
    const error = relativeError((await last(9))[0], (await last(0))[0]);
    if (layers === 1) expect(error).toBeLessThan(1e-5);
    else expect(error).toBeGreaterThan(1e-2);
    disposeParameters(parameters);
  }
});
