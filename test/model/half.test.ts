import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, tensorValues, writeSafetensors } from "../../src/checkpoint/index.js";
import {
  disposeParameters,
  forward,
  initialParameters,
  lossAndGradients,
  modelConfig,
  parametersFrom,
  parameterValues,
  weightFormOf,
} from "../../src/model/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";

const config = modelConfig({
  vocab_size: 31,
  n_positions: 12,
  n_embd: 15,
  n_layer: 2,
  n_head: 3,
  n_inner: 22,
});
const rows = [[1, 5, 30, 2, 2, 9, 17]];
let values: Map<string, Float32Array>;

beforeAll(async () => {
  await useBackend("cpu");
  const floats = initialParameters(config, 1);
  values = await parameterValues(floats);
  disposeParameters(floats);
});

describe.each(testedBackends)("a model with weights in f16 on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  it("is the model of a checkpoint whose products and embedding of tokens are stored so", () => {
    const rounded = new Map(values);
    for (const [name, data] of values) {
      if (name !== "wte.weight" && !/c_\w+\.weight$/.test(name)) continue;
      const file = writeSafetensors(new Map([[name, { shape: [data.length], values: data }]]), {}, "F16");
      rounded.set(name, tensorValues(name, readSafetensors(file).tensors.get(name)!));
    }
    expect(rounded.get("wte.weight")).not.toEqual(values.get("wte.weight"));
    expectNoLeak(() => {
      const [found, expected, floats] = (
        [
          [values, "f16"],
          [rounded, "f32"],
          [values, "f32"],
        ] as const
      ).map(([from, weights]) => {
        const parameters = parametersFrom(config, from, { weights });
        expect(weightFormOf(parameters)).toBe(weights);
        const logits = tf.tidy(() => forward(parameters, config, rows).dataSync());
        disposeParameters(parameters);
        return logits;
      });
      expect(found).toEqual(expected);
      expect(found).not.toEqual(floats);
    });
  });

  it("isn't trained, and refuses what f16 can't hold", () => {
    expectNoLeak(() => {
      const parameters = parametersFrom(config, values, { weights: "f16" });
      expect(() => lossAndGradients(parameters, config, rows, rows)).toThrow("weights in f16");
      disposeParameters(parameters);
      const large = new Map(values).set("h.0.attn.c_attn.weight", new Float32Array(15 * 45).fill(70_000));
      expect(() => parametersFrom(config, large, { weights: "f16" })).toThrow(
        "invalid parameter h.0.attn.c_attn.weight: 70000; expected at most 65,504 in f16",
      );
    });
  });
});
