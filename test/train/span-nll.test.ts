import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AttentionKind,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
} from "../../src/model/index.js";
import { spanNll } from "../../src/train/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";

/** The last of its five ids is the mask. */
const VOCABULARY = 5;
const MASK = 4;
const ids = [1, 2, 0, 3, 1, 1, 2, 3];

const configOf = (attention: AttentionKind) =>
  modelConfig({
    ...{ vocab_size: VOCABULARY, n_positions: 8, n_embd: 8, n_layer: 2, n_head: 2 },
    ...{ initializer_range: 0.5, attention },
  });
const models = new Map<AttentionKind, Parameters>();
const modelOf = (attention: AttentionKind) => ({
  parameters: models.get(attention)!,
  config: configOf(attention),
});

beforeAll(async () => {
  await useBackend("simd");
  for (const kind of ["masked", "causal", "full"] as const) {
    models.set(kind, initialParameters(configOf(kind), 7));
  }
});
afterAll(() => {
  for (const parameters of models.values()) disposeParameters(parameters);
});

/** −log of the probability of `id` at a position of a pass, in double precision. */
function surprise(attention: AttentionKind, row: number[], at: number, id: number): number {
  const { parameters, config } = modelOf(attention);
  const prefixes = attention === "causal" ? undefined : [row.length];
  const all = tf.tidy(() => forward(parameters, config, [row], { prefixes }).dataSync());
  const logits = Array.from(all.slice(at * VOCABULARY, (at + 1) * VOCABULARY));
  return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[id];
}

describe("the likelihood of a span", () => {
  it("of a masked model is that of pass after pass, in the order given", async () => {
    const positions = [5, 2, 3];
    const expected = [
      surprise("masked", [1, 2, MASK, MASK, 1, MASK, 2, 3], 5, 1),
      surprise("masked", [1, 2, MASK, MASK, 1, 1, 2, 3], 2, 0),
      surprise("masked", [1, 2, 0, MASK, 1, 1, 2, 3], 3, 3),
    ];
    for (const batchSize of [undefined, 1, 2]) {
      const found = await spanNll(modelOf("masked"), { ids, positions, batchSize });
      for (const [i, nats] of found.entries()) expect(nats).toBeCloseTo(expected[i], 5);
    }
  });

  it("of a causal model is what one pass says of it, by what is on the left", async () => {
    const found = await spanNll(modelOf("causal"), { ids, positions: [3, 6, 4] });
    const other = await spanNll(modelOf("causal"), { ids: [...ids.slice(0, 7), 0], positions: [3, 6, 4] });
    for (const [i, at] of [3, 6, 4].entries()) {
      expect(found[i]).toBeCloseTo(surprise("causal", ids, at - 1, ids[at]), 5);
    }
    expect(other).toEqual(found);
  });

  it.each([
    ["masked", [2, 6]],
    ["masked", [6, 2]],
    ["causal", [6, 7]],
  ] as const)("of a %s model at %j adds up to 1 over all that may stand there", async (attention, places) => {
    let sum = 0;
    for (let a = 0; a < VOCABULARY; a++) {
      for (let b = 0; b < VOCABULARY; b++) {
        const row = [...ids];
        row[places[0]] = a;
        row[places[1]] = b;
        const nats = await spanNll(modelOf(attention), { ids: row, positions: [...places] });
        sum += Math.exp(-nats[0] - nats[1]);
      }
    }
    expect(sum).toBeCloseTo(1, 5);
  });

  it("leaves no tensor behind", async () => {
    for (const attention of ["masked", "causal"] as const) {
      await expectNoLeak(() => spanNll(modelOf(attention), { ids, positions: [2, 3], batchSize: 1 }));
    }
  });

  it("refuses places outside of the window, twice, none, and models that can't tell", async () => {
    const of = (attention: AttentionKind, positions: number[]) =>
      spanNll(modelOf(attention), { ids, positions });
    await expect(of("masked", [8])).rejects.toThrow("position to score: 8; expected 0 to 7");
    await expect(of("causal", [0])).rejects.toThrow("position to score: 0; expected 1 to 7");
    await expect(of("masked", [2, 2])).rejects.toThrow("positions to score");
    await expect(of("masked", [])).rejects.toThrow("positions to score");
    await expect(of("full", [3])).rejects.toThrow("filling in: a model with full attention");
  });
});
