import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/backend/webgpu/index.js";
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
import { relativeError, takeAll, useBackend } from "../tensors.js";

// An odd number of values in a row and in all, so that pairs go over the ends of rows.
const config = modelConfig({
  vocab_size: 31,
  n_positions: 12,
  n_embd: 15,
  n_layer: 2,
  n_head: 3,
  n_inner: 21,
  initializer_range: 0.5,
});
const row = [1, 5, 30, 2, 2, 9, 17, 0, 4, 11];

describe("weights in f16 on webgpu", () => {
  beforeAll(() => useBackend("webgpu"));

  const logitsOf = async (parameters: Parameters, ids: number[], cache?: Cache) =>
    (await takeAll([tf.tidy(() => forward(parameters, config, [ids], { cache, positions: "last" }))]))[0];
  const inUse = () => (tf.backend() as WebGpuBackend).memory().numBytesInGPU;

  it("are decoded from halves to what the whole pass gives with the same weights, and freed with them", async () => {
    const floats = initialParameters(config, 1);
    const values = await parameterValues(floats);
    disposeParameters(floats);
    const before = inUse();
    const parameters = parametersFrom(config, values, { weights: "f16" });
    const cache = new Cache();
    const found: Float32Array[] = [];
    for (const id of row) found.push(await logitsOf(parameters, [id], cache));
    const withHalves = inUse();
    for (const [t, logits] of found.entries()) {
      expect(relativeError(logits, await logitsOf(parameters, row.slice(0, t + 1)))).toBeLessThan(1e-5);
    }
    // The matrices once more, in half of the bytes.
    const matrices = 31 * 15 + 2 * (15 * 45 + 15 * 15 + 2 * 15 * 21);
    cache.dispose();
    disposeParameters(parameters);
    expect(withHalves - before).toBeGreaterThan(4 * matrices + 2 * matrices);
    expect(inUse()).toBe(before);
  });
});
