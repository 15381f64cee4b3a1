import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Cache,
  disposeParameters,
  forward,
  hidden,
  initialParameters,
  loss,
  lossAndGradients,
  modelConfig,
  nll,
  type Parameters,
  parametersFrom,
  parameterValues,
  weightFormOf,
} from "../../src/model/index.js";
import { quantise } from "../../src/ops/index.js";
import { expectNoLeak, relativeError, testedBackends, useBackend } from "../tensors.js";

// Nothing is a multiple of four, and the inner width is its own.
const config = modelConfig({
  vocab_size: 31,
  n_positions: 45,
  n_embd: 15,
  n_layer: 2,
  n_head: 3,
  n_inner: 22,
  initializer_range: 0.3,
});
const rows = [1, 2].map((factor) => Array.from({ length: 45 }, (_, t) => (factor * t * t + t) % 31));

describe.each(testedBackends)("a model with weights in int8 on %s", (backend) => {
  let parameters: Parameters;
  let values: Map<string, Float32Array>;
  beforeAll(async () => {
    await useBackend(backend);
    const floats = initialParameters(config, 1);
    values = await parameterValues(floats);
    disposeParameters(floats);
    parameters = parametersFrom(config, values, { weights: "int8" });
  });
  afterAll(() => disposeParameters(parameters));

  const logitsOf = (ids: number[][], cache?: Cache): Float32Array =>
    tf.tidy(() => forward(parameters, config, ids, { cache }).dataSync() as Float32Array);
  const tryWith = (given: Parameters): void => tf.tidy(() => void forward(given, config, rows));
  /** Logits of some positions, row after row. */
  const part = (whole: Float32Array, order: number[], from: number, to: number): number[] =>
    order.flatMap((row) => [...whole.subarray((row * 45 + from) * 31, (row * 45 + to) * 31)]);
  const slices = (from: number, to: number): number[][] => rows.map((row) => row.slice(from, to));

  it("quantises the products and the head, and keeps embeddings, norms and biases", () => {
    expect(weightFormOf(parameters)).toBe("int8");
    const quantised = [...parameters.keys()].filter((name) => name.endsWith(".int8"));
    expect(quantised).toEqual([
      ...[0, 1].flatMap((layer) =>
        ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"].map(
          (name) => `h.${layer}.${name}.weight.int8`,
        ),
      ),
      "wte.weight.int8",
    ]);
    expect(parameters.has("h.0.attn.c_attn.weight")).toBe(false);
    for (const name of ["wte.weight", "wpe.weight", "h.1.ln_2.weight", "h.1.mlp.c_fc.bias"]) {
      expect(parameters.get(name)?.dataSync()).toEqual(values.get(name));
    }
  });

  it("is near the model with the same weights rounded, and not equal to the one in floats", () => {
    // The reference rounds weights only: activations in 8 bits add some noise, far below the logits' size.
    const rounded = new Map(values);
    for (const [name, data] of values) {
      if (!/\.c_\w+\.weight$/.test(name)) continue;
      const columns = name.endsWith("c_attn.weight") ? 45 : name.includes("c_fc") ? 22 : 15;
      const depth = data.length / columns;
      const { numbers, scales } = quantise(data, depth, columns);
      rounded.set(
        name,
        data.map((_, i) => numbers[(i % columns) * depth + Math.floor(i / columns)] * scales[i % columns]),
      );
    }
    expectNoLeak(() => {
      const [near, floats] = [rounded, values].map((from) => {
        const reference = parametersFrom(config, from);
        const logits = tf.tidy(() => forward(reference, config, rows).dataSync());
        disposeParameters(reference);
        return relativeError(logitsOf(rows), logits);
      });
      expect(near).toBeLessThan(0.05);
      expect(floats).toBeGreaterThan(1e-4);
      expect(floats).toBeLessThan(0.08);
    });
  });

  it("gives cached what it gives over the whole prefix, fed one by one or in stretches", () => {
    // simd: the same bits. Elsewhere a difference in the last bit could fall on the other side of a rounding.
    const limit = backend === "simd" ? 0 : 0.05;
    expectNoLeak(() => {
      const whole = logitsOf(rows);
      const cache = new Cache();
      let from = 0;
      for (const to of [3, 4, 5, 20, 21, 44, 45]) {
        const found = logitsOf(slices(from, to), cache);
        expect(relativeError(found, part(whole, [0, 1], from, to))).toBeLessThanOrEqual(limit);
        from = to;
      }
      expect(cache.length).toBe(45);
      expect(() => logitsOf([[1], [2]], cache)).toThrow("at most 45");
      cache.rewind(20);
      cache.reorder([1, 0]);
      const again = logitsOf(slices(20, 30).reverse(), cache);
      expect(relativeError(again, part(whole, [1, 0], 20, 30))).toBeLessThanOrEqual(limit);
      cache.dispose();
    });
  });

  it("scores with the logits that it generates with", () => {
    expectNoLeak(() => {
      const targets = rows.map((row) => [...row.slice(1), -100]);
      const logits = logitsOf(rows);
      const scores = tf.tidy(() => nll(parameters, config, rows, targets).dataSync());
      const mean = tf.tidy(() => loss(parameters, config, rows, targets).dataSync()[0]);
      let sum = 0;
      for (const [i, target] of targets.flat().entries()) {
        if (target < 0) expect(scores[i]).toBe(0);
        else {
          const own = logits.subarray(i * 31, (i + 1) * 31);
          const expected = Math.log(own.reduce((all, value) => all + Math.exp(value), 0)) - own[target];
          expect(scores[i]).toBeCloseTo(expected, 4);
          sum += expected;
        }
      }
      expect(mean).toBeCloseTo(sum / 88, 4);
    });
  });

  it("isn't trained, and names what is missing", () => {
    expectNoLeak(() => {
      expect(() => lossAndGradients(parameters, config, rows, rows)).toThrow("weights in int8");
      expect(() => hidden(parameters, config, rows, { training: { seed: 1, step: 1 } })).toThrow(
        "weights in int8",
      );
      const less = new Map(parameters);
      less.delete("h.1.mlp.c_fc.weight.int8");
      expect(() => tryWith(less)).toThrow("missing parameter h.1.mlp.c_fc.weight");
      const without = new Map(parameters);
      without.delete("h.0.attn.c_proj.weight.scales");
      expect(() => tryWith(without)).toThrow("missing parameter h.0.attn.c_proj.weight.scales");
    });
  });
});
