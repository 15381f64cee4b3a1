import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropoutOf, hasKernel, residual } from "../../src/ops/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";

/*
 * Stand-ins for a backend's kernels: they compute 10·x + y and pass on what they were given, so that one sees who
 * computed and with what.
 */
describe("an operation whose kernels a backend has", () => {
  const calls: { name: string; tensors: string[]; attributes: unknown }[] = [];
  const register = (kernelName: string, outputs: (inputs: tf.NamedTensorInfoMap) => tf.Tensor[]) =>
    tf.registerKernel({
      kernelName,
      backendName: "cpu",
      kernelFunc: ({ inputs, attrs }) => {
        calls.push({ name: kernelName, tensors: Object.keys(inputs), attributes: { ...attrs } });
        return outputs(inputs);
      },
    });

  beforeEach(async () => {
    await useBackend("cpu");
    calls.length = 0;
    register("AttaccaResidual", ({ x, y }) => [
      tf.add(tf.mul(x as tf.Tensor, 10), y as tf.Tensor),
      tf.scalar(7),
      tf.scalar(8),
    ]);
    register("AttaccaResidualGrad", ({ dy, saved0, saved1 }) => [
      tf.mul(dy as tf.Tensor, saved0 as tf.Tensor),
      tf.mul(dy as tf.Tensor, saved1 as tf.Tensor),
    ]);
  });

  afterEach(() => {
    tf.unregisterKernel("AttaccaResidual", "cpu");
    tf.unregisterKernel("AttaccaResidualGrad", "cpu");
  });

  it("is computed by them, and its gradient sees what they saved", () => {
    expectNoLeak(() =>
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads((x, y) => residual(x, y, dropoutOf(0.25, 1, "place", 2)))([
          tf.tensor1d([1, 2]),
          tf.tensor1d([3, 4]),
        ]);
        expect([...value.dataSync()]).toEqual([13, 24]);
        expect(grads.map((gradient) => [...gradient.dataSync()])).toEqual([
          [7, 7],
          [8, 8],
        ]);
      }),
    );
    const [key0, key1] = dropoutOf(0.25, 1, "place", 2).key;
    expect(calls).toEqual([
      { name: "AttaccaResidual", tensors: ["x", "y"], attributes: { rate: 0.25, key0, key1, save: true } },
      {
        name: "AttaccaResidualGrad",
        tensors: ["dy", "saved0", "saved1"],
        attributes: { rate: 0.25, key0, key1 },
      },
    ]);
  });

  it("is told to save nothing where no gradient is wanted", () => {
    expectNoLeak(() => {
      tf.tidy(() => {
        residual(tf.tensor1d([1]), tf.tensor1d([2]));
      });
    });
    expect(calls.map(({ attributes }) => attributes)).toEqual([{ rate: 0, key0: 0, key1: 0, save: false }]);
  });

  it("runs in composed form again on a backend without them", async () => {
    expect(hasKernel("AttaccaResidual")).toBe(true);
    await useBackend("wasm");
    expect(hasKernel("AttaccaResidual")).toBe(false);
    const sum = tf.tidy(() => [...residual(tf.tensor1d([1]), tf.tensor1d([2])).dataSync()]);
    expect(sum).toEqual([3]);
    expect(calls).toEqual([]);
  });
});
