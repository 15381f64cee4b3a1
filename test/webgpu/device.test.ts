import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/backend/webgpu/index.js";
import { AttaccaError } from "../../src/errors.js";
import { Cache, disposeParameters, forward, initialParameters, modelConfig } from "../../src/model/index.js";
import { chooseBackend } from "../../src/node/backend.js";
import { startWebGpu } from "../../src/node/webgpu.js";
import { trainingStep, zeroMoments } from "../../src/train/index.js";
import { takeAll } from "../tensors.js";

const config = modelConfig({
  vocab_size: 13,
  n_positions: 8,
  n_embd: 8,
  n_layer: 2,
  n_head: 2,
  resid_pdrop: 0.1,
});
const batch = {
  ids: Int32Array.from({ length: 16 }, (_, i) => i % 13),
  targets: Int32Array.from({ length: 16 }, (_, i) => (i + 1) % 13),
  batchSize: 2,
  length: 8,
};
const settings = { seed: 1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, clip: 1, learningRate: 1e-3 };

/** Everything that the device is asked for, counted where it is asked: at WebGPU itself. */
const asked = { dispatches: 0, reads: 0 };

function count(prototype: object, method: string, counter: keyof typeof asked): () => void {
  const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
  const real = methods[method];
  methods[method] = function (this: unknown, ...given) {
    asked[counter]++;
    return real.apply(this, given);
  };
  return () => {
    methods[method] = real;
  };
}

let undo: (() => void)[];
beforeAll(async () => {
  await chooseBackend("webgpu");
  const { GPUComputePassEncoder, GPUBuffer } = globalThis as unknown as Record<string, { prototype: object }>;
  undo = [
    count(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "dispatches"),
    count(GPUBuffer.prototype, "mapAsync", "reads"),
  ];
});
afterAll(() => {
  for (const call of undo) call();
});
beforeEach(async () => {
  await chooseBackend("webgpu");
});

function newModel() {
  const parameters = initialParameters(config, 1);
  const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
  const dispose = () => {
    for (const part of [parameters, model.first, model.second]) disposeParameters(part);
  };
  return { model, dispose, step: (step: number) => trainingStep(model, [batch], { ...settings, step }) };
}

const memory = () => {
  const { numBytesInGPU, numBytesAllocatedInGPU } = (tf.backend() as WebGpuBackend).memory();
  return { numBytesInGPU, numBytesAllocatedInGPU };
};

describe("the device", () => {
  it("is asked for so many dispatches and two read-backs a training step", async () => {
    const { step, dispose } = newModel();
    await step(1);
    Object.assign(asked, { dispatches: 0, reads: 0 });
    await step(2);
    const limit = (tf.backend() as WebGpuBackend).device.limits.maxStorageBuffersPerShaderStage;
    const tensors = 28;
    const optimizer = Math.ceil(tensors / (limit - 1)) + 1 + Math.ceil(tensors / Math.floor((limit - 1) / 4));
    // Forward: 9 a block, the embedding, the last norm, whose targets count (2), the head's loss (6). Backward: 16 for the
    // four products of a block, 6 for its norms, 3 for attention, 2 for dropout, 2 sums of the stream; the last norm (3),
    // the embedding (2), and the sum of the two gradients of the tokens.
    const rest = 1 + 1 + 2 + 6 + 3 + 2 + 1;
    expect(asked).toEqual({ dispatches: (9 + 29) * config.n_layer + rest + optimizer, reads: 2 });
    dispose();
  });

  it("computes a decoding step in five dispatches a block and two more, and is read once, for the logits", async () => {
    const parameters = initialParameters(config, 1);
    const cache = new Cache();
    const next = async (id: number) => {
      await takeAll([forward(parameters, config, [[id]], { cache, positions: "last" })]);
    };
    // The second makes room for all positions.
    for (const id of [1, 2]) await next(id);
    for (const id of [3, 4, 5]) {
      Object.assign(asked, { dispatches: 0, reads: 0 });
      await next(id);
      expect(asked).toEqual({ dispatches: 5 * config.n_layer + 2, reads: 1 });
    }
    cache.dispose();
    disposeParameters(parameters);
  });

  it("has the same memory in use after many steps as after a few", async () => {
    const { step, dispose } = newModel();
    for (let i = 1; i <= 3; i++) await step(i);
    const before = memory();
    const tensors = tf.memory().numTensors;
    const steps = Number(process.env.ATTACCA_GPU_STEPS ?? 60);
    for (let i = 4; i <= steps; i++) await step(i);
    expect(memory()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    dispose();
  });

  it("refuses a tensor that it can't bind, and goes on after that", async () => {
    const { largestTensor } = await startWebGpu({ software: true });
    const data = tf.tidy(() => {
      const [rows, columns] = [2 ** 15, largestTensor / 2 ** 16];
      expect(() => tf.add(tf.zeros([rows, 1]), tf.zeros([1, columns + 1024]))).toThrow(
        /unsupported memory of the webgpu device: a tensor of \d+ bytes; expected at most \d+ bytes each/,
      );
      return tf.add(tf.ones([2000]), 1);
    });
    expect((await takeAll([data]))[0][1999]).toBe(2);
  });

  it("says so when no memory is left, computes no more, and can be started again", async () => {
    const { device } = tf.backend() as WebGpuBackend;
    const { step } = newModel();
    await step(1);
    const taken = Array.from({ length: 64 }, () =>
      device.createBuffer({ size: 2 ** 30, usage: GPUBufferUsage.STORAGE }),
    );
    const error = await failureOf(step(2));
    expect(error.message).toMatch(
      /^unsupported memory of the webgpu device: .*OUT_OF_DEVICE_MEMORY.*bytes are in use/,
    );
    expect(error.message).toContain("Use a smaller batch, context or model");
    expect(await failureOf(step(3))).toBe(error);
    for (const buffer of taken) buffer.destroy();
    await chooseBackend("webgpu");
    const again = newModel();
    expect((await again.step(1)).applied).toBe(true);
    again.dispose();
  });

  it("says so when it is lost", async () => {
    const { step } = newModel();
    await step(1);
    (tf.backend() as WebGpuBackend).device.destroy();
    const error = await failureOf(step(2));
    expect(error.message).toMatch(/^unsupported webgpu device: it was lost \(.+\); expected/);
  });
});

async function failureOf(call: Promise<unknown>): Promise<AttaccaError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AttaccaError);
  return error as AttaccaError;
}
