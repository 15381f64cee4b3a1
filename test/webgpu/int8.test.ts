import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
  parametersFrom,
  parameterValues,
} from "../../src/model/index.js";
import { hasDecode, int8Linear, int8Weight, quantise } from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, takeAll, upload, useBackend } from "../tensors.js";

describe("a product with an int8 matrix on webgpu", () => {
  const shapes = [
    [1, 16, 16],
    [1, 192, 576],
    [3, 7, 9],
    [2, 1, 1],
    [9, 130, 33],
    [70, 22, 100],
  ];
  const activations = ["none", "gelu_new"] as const;
  const products = async (backend: string, [rows, depth, columns]: readonly number[]) => {
    await useBackend(backend);
    const [x, weight, bias] = [[rows, depth], [depth, columns], [columns]].map((shape) =>
      randomValues(`int8 ${shape}`, shape),
    );
    // An outlier, and (where there are more rows) a row of zeros.
    x.values[0] = 40;
    x.values.fill(0, Math.max(1, rows - 1) * depth);
    const matrix = quantise(weight.values as Float32Array, depth, columns);
    return expectNoLeak(() =>
      takeAll(
        tf.tidy(() => {
          const int8 = { weight: int8Weight(matrix), scales: tf.tensor1d(matrix.scales) };
          const results = activations.map((activation) =>
            int8Linear(upload(x), int8, upload(bias), activation),
          );
          return [...results, int8Linear(upload(x), int8)];
        }),
      ),
    );
  };

  it.each(shapes)("equals the simd engine's, %i × %i × %i", async (...shape) => {
    const expected = await products("simd", shape);
    const found = await products("webgpu", shape);
    for (const [i, values] of found.entries()) {
      // Sums are whole numbers, the same ones; a GPU divides and multiplies with its own last bit.
      expect(relativeError(values, expected[i])).toBeLessThan(1e-6);
    }
  });
});

describe("a model with weights in int8 on webgpu", () => {
  const config = modelConfig({
    vocab_size: 31,
    n_positions: 24,
    n_embd: 15,
    n_layer: 2,
    n_head: 3,
    n_inner: 22,
    initializer_range: 0.3,
  });
  const rows = [1, 2].map((factor) => Array.from({ length: 24 }, (_, t) => (factor * t * t + t) % 31));
  const logitsOf = async (parameters: Parameters, ids: number[][], cache?: Cache) =>
    (await takeAll([tf.tidy(() => forward(parameters, config, ids, { cache }))]))[0];
  let values: Map<string, Float32Array>;
  let reference: Float32Array;
  let parameters: Parameters;
  beforeAll(async () => {
    await useBackend("simd");
    const floats = initialParameters(config, 1);
    values = await parameterValues(floats);
    disposeParameters(floats);
    const quantised = parametersFrom(config, values, { weights: "int8" });
    reference = await logitsOf(quantised, rows);
    disposeParameters(quantised);
    await useBackend("webgpu");
    parameters = parametersFrom(config, values, { weights: "int8" });
  });
  afterAll(() => disposeParameters(parameters));

  it("is decoded in one call, with the simd engine's logits but for a rounding that falls on the other side", async () => {
    expect(hasDecode(true)).toBe(true);
    await expectNoLeak(async () => {
      const whole = await logitsOf(parameters, rows);
      expect(relativeError(whole, reference)).toBeLessThan(0.05);
      const cache = new Cache();
      let from = 0;
      for (const to of [3, 4, 5, 20, 24]) {
        const found = await logitsOf(
          parameters,
          rows.map((row) => row.slice(from, to)),
          cache,
        );
        const expected = [0, 1].flatMap((row) => [
          ...whole.subarray((row * 24 + from) * 31, (row * 24 + to) * 31),
        ]);
        expect(relativeError(found, expected)).toBeLessThan(0.05);
        from = to;
      }
      cache.dispose();
    });
  });
});
