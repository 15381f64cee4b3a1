import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import {
  disposeParameters,
  forward,
  generationMemory,
  initialParameters,
  loss,
  lossAndGradients,
  modelConfig,
  parameterCount,
  parameterShapes,
  parametersFrom,
  parameterValues,
  trainingMemory,
} from "../../src/model/index.js";
import { expectNoLeak, relativeError, testedBackends, useBackend } from "../tensors.js";

const measures = { vocab_size: 50, n_positions: 16, n_embd: 24, n_layer: 2, n_head: 3 };

describe("a model's configuration", () => {
  it("counts GPT-2's parameters", () => {
    const small = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
    // What `sum(p.numel() for p in GPT2LMHeadModel(GPT2Config()).parameters())` gives.
    expect(parameterCount(modelConfig(small))).toBe(124_439_808);
  });

  it("counts what its shapes add up to", () => {
    const config = modelConfig({ ...measures, n_inner: 17 });
    const sizes = [...parameterShapes(config).values()].map((shape) => shape.reduce((a, b) => a * b, 1));
    expect(parameterCount(config)).toBe(sizes.reduce((a, b) => a + b, 0));
  });

  it("estimates more memory for training than for generating, and more for larger batches", () => {
    const config = modelConfig(measures);
    expect(trainingMemory(config, 8).total).toBeGreaterThan(trainingMemory(config, 1).total);
    expect(trainingMemory(config, 1).total).toBeGreaterThan(generationMemory(config, 1).total);
    expect(generationMemory(config, 1).parameters).toBe(4 * parameterCount(config));
  });

  it.each([
    [{ n_embd: 25 }, "n_embd", "a multiple of n_head (3)"],
    [{ position_embedding_type: "alibi" as never }, "position_embedding_type", "one of absolute, rotary"],
    [
      { n_embd: 27, position_embedding_type: "rotary" as const },
      "n_embd",
      "a multiple of 6 for rotary positions in 3 heads",
    ],
    [{ n_layer: 0 }, "n_layer", "a whole number from 1"],
    [{ vocab_size: 1.5 }, "vocab_size", "a whole number from 1"],
    [{ n_positions: Number.NaN }, "n_positions", "a whole number from 1"],
    [{ n_inner: -4 }, "n_inner", "a whole number from 1"],
    [{ resid_pdrop: 1 }, "resid_pdrop", "0 to below 1"],
    [{ layer_norm_epsilon: 0 }, "layer_norm_epsilon", "above 0"],
    [{ eos_token_id: 50 }, "eos_token_id", "an id below 50"],
    [{ activation_function: "relu" as "gelu_new" }, "activation_function", "gelu_new"],
    [{ tie_word_embeddings: false as true }, "tie_word_embeddings", "true"],
  ])("refuses %j", (change, subject, expected) => {
    const make = () => modelConfig({ ...measures, ...change });
    expect(make).toThrow(AttaccaError);
    expect(make).toThrow(subject);
    expect(make).toThrow(expected);
  });
});

describe("parameters", () => {
  it("begin as GPT-2's do", async () => {
    await useBackend("cpu");
    const config = modelConfig({ ...measures, n_embd: 48 });
    const parameters = initialParameters(config, 3, { positions: "random" });
    for (const [name, variable] of parameters) {
      expect(variable.shape).toEqual(parameterShapes(config).get(name));
      const data = Array.from(variable.dataSync());
      const mean = data.reduce((a, b) => a + b, 0) / data.length;
      const deviation = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length);
      if (name.endsWith(".bias")) expect(new Set(data), name).toEqual(new Set([0]));
      else if (name.includes("ln_")) expect(new Set(data), name).toEqual(new Set([1]));
      else {
        const expected = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(4) : 0.02;
        // Some five deviations of what so many numbers' mean and deviation scatter by.
        expect(Math.abs(mean), name).toBeLessThan((5 * expected) / Math.sqrt(data.length));
        expect(Math.abs(deviation / expected - 1), name).toBeLessThan(4 / Math.sqrt(data.length));
      }
    }
    disposeParameters(parameters);
  });

  it("begin with waves for the positions unless told otherwise", async () => {
    await useBackend("cpu");
    // Two pairs: periods of 2 and of 2 · (2 · 8)^(1/2) = 8 positions; the amplitude is twice 0.02.
    const config = modelConfig({ ...measures, n_positions: 8, n_embd: 4, n_head: 1 });
    const parameters = initialParameters(config, 3);
    const half = Math.SQRT1_2;
    const expected = [
      [0, 1, 0, 1],
      [0, -1, half, half],
      [0, 1, 1, 0],
      [0, -1, half, -half],
    ].flatMap((row) => row.map((value) => 0.04 * value));
    const data = Array.from(parameters.get("wpe.weight")!.dataSync());
    expected.forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 7);
    });
    const random = initialParameters(config, 3, { positions: "random" });
    expect(Array.from(random.get("wte.weight")!.dataSync())).toEqual(
      Array.from(parameters.get("wte.weight")!.dataSync()),
    );
    disposeParameters(parameters);
    disposeParameters(random);
  });

  it("are a pure function of the seed, the same on every backend", async () => {
    const config = modelConfig(measures);
    const drawn: Map<string, Float32Array>[] = [];
    for (const [backend, seed] of [
      ...testedBackends.map((name) => [name, 3] as const),
      ["cpu", 4] as const,
    ]) {
      await useBackend(backend);
      await expectNoLeak(async () => {
        const parameters = initialParameters(config, seed);
        drawn.push(await parameterValues(parameters));
        disposeParameters(parameters);
      });
    }
    for (const values of drawn.slice(1, -1)) expect(values).toEqual(drawn[0]);
    expect(drawn.at(-1)).not.toEqual(drawn[0]);
  });

  it("come back from their values", async () => {
    await useBackend("wasm");
    const config = modelConfig(measures);
    await expectNoLeak(async () => {
      const first = initialParameters(config, 3);
      const values = await parameterValues(first);
      const second = parametersFrom(config, values);
      expect(await parameterValues(second)).toEqual(values);
      disposeParameters(first);
      disposeParameters(second);
    });
  });

  it("refuse values that are missing or of another size", async () => {
    await useBackend("cpu");
    const config = modelConfig(measures);
    const values = new Map(
      [...parameterShapes(config)].map(([name, shape]) => [
        name,
        new Float32Array(shape[0] * (shape[1] ?? 1)),
      ]),
    );
    values.set("h.1.ln_2.bias", new Float32Array(3));
    expectNoLeak(() => {
      expect(() => parametersFrom(config, values)).toThrow("parameter h.1.ln_2.bias: 3 numbers; expected 24");
      values.delete("h.1.ln_2.bias");
      expect(() => parametersFrom(config, values)).toThrow("missing parameter h.1.ln_2.bias");
    });
  });
});

describe.each(testedBackends)("the model on %s", (backend) => {
  const config = modelConfig({ ...measures, resid_pdrop: 0.2, embd_pdrop: 0.1, attn_pdrop: 0.3 });
  const ids = [
    [1, 2, 3, 4, 5],
    [9, 8, 7, 6, 5],
  ];

  const step = (training?: { seed: number; step: number }): Float32Array[] =>
    expectNoLeak(() => {
      const parameters = initialParameters(config, 1);
      const { loss, gradients } = lossAndGradients(parameters, config, ids, ids, { training });
      const values = [loss, ...gradients.values()].map((tensor) => tensor.dataSync().slice() as Float32Array);
      tf.dispose([loss, ...gradients.values()]);
      disposeParameters(parameters);
      return values;
    });

  it("gives the same bits for the same seeds, and others with other dropout", async () => {
    await useBackend(backend);
    const once = step({ seed: 5, step: 2 });
    expect(step({ seed: 5, step: 2 })).toEqual(once);
    expect(step({ seed: 5, step: 3 })[0]).not.toEqual(once[0]);
    expect(step({ seed: 6, step: 2 })[0]).not.toEqual(once[0]);
    expect(step()[0]).not.toEqual(once[0]);
  });

  it("drops the same values as the reference does", async () => {
    await useBackend("cpu");
    const reference = step({ seed: 5, step: 2 });
    await useBackend(backend);
    step({ seed: 5, step: 2 }).forEach((values, i) => {
      expect(relativeError(values, reference[i])).toBeLessThan(1e-4);
    });
  });

  it("takes ids as a tensor, and is another model under full attention", async () => {
    await useBackend(backend);
    expectNoLeak(() => {
      const parameters = initialParameters(config, 1);
      tf.tidy(() => {
        const causal = forward(parameters, config, ids).dataSync();
        expect(forward(parameters, config, tf.tensor2d(ids, undefined, "int32")).dataSync()).toEqual(causal);
        expect(forward(parameters, config, ids, { attention: "full" }).dataSync()).not.toEqual(causal);
      });
      disposeParameters(parameters);
    });
  });

  it("refuses targets of other shapes or past the vocabulary", async () => {
    await useBackend(backend);
    expectNoLeak(() => {
      const parameters = initialParameters(config, 1);
      for (const wrong of [[[1, 2]], [[50], [1]], [[0.5], [1]], [[1], [1, 2]], []]) {
        expect(() => loss(parameters, config, [[1], [2]], wrong)).toThrow(AttaccaError);
      }
      expect(tf.tidy(() => loss(parameters, config, [[1], [2]], [[3], [-7]]).dataSync()[0])).toBeGreaterThan(
        0,
      );
      disposeParameters(parameters);
    });
  });

  it("refuses ids that it has no vectors for", async () => {
    await useBackend(backend);
    expectNoLeak(() => {
      const parameters = initialParameters(config, 1);
      const long = [Array.from({ length: 17 }, () => 0)];
      for (const wrong of [[[50]], [[-1]], [[0.5]], [[1], [1, 2]], [[]], [], long]) {
        expect(() => forward(parameters, config, wrong)).toThrow(AttaccaError);
      }
      disposeParameters(parameters);
    });
  });
});
