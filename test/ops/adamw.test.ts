import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import { adamW, globalNorm } from "../../src/ops/index.js";
import { expectNoLeak, readGolden, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

const { tensors, metadata } = readGolden("ops/adamw.safetensors");
const options = JSON.parse(metadata.get("options")!) as {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  maxNorm: number;
};

function golden(name: string) {
  return tensors.get(name)!;
}

function variables(names: readonly string[]): tf.Variable[] {
  return names.map((name) => tf.tidy(() => tf.variable(upload(golden(name)))));
}

describe.each(testedBackends)("AdamW on %s", (backend) => {
  it.each([true, false])(
    "steps as PyTorch does, clipped by the global norm (norm given: %s)",
    async (normGiven) => {
      await useBackend(backend);
      expectNoLeak(() => {
        const start = ["parameter0/0", "parameter1/0", "parameter2/0"];
        const zeros = () => start.map((name) => tf.tidy(() => tf.variable(tf.zeros(golden(name).shape))));
        const state = { parameters: variables(start), first: zeros(), second: zeros() };
        for (let step = 1; step <= 6; step++) {
          tf.tidy(() => {
            const gradients = [0, 1, 2].map((i) => upload(golden(`gradient${i}/${step}`)));
            const norm = globalNorm(gradients);
            expect(relativeError(norm.dataSync(), golden(`norm/${step}`).values)).toBeLessThan(1e-6);
            adamW(state, gradients, { ...options, step, norm: normGiven ? norm : undefined });
          });
          state.parameters.forEach((parameter, i) => {
            const expected = golden(`parameter${i}/${step}`).values;
            expect(
              relativeError(parameter.dataSync(), expected),
              `parameter ${i}, step ${step}`,
            ).toBeLessThan(1e-5);
          });
        }
        for (let i = 0; i < 3; i++) {
          expect(relativeError(state.first[i].dataSync(), golden(`first${i}`).values)).toBeLessThan(1e-5);
          expect(relativeError(state.second[i].dataSync(), golden(`second${i}`).values)).toBeLessThan(1e-5);
        }
        tf.dispose([...state.parameters, ...state.first, ...state.second]);
      });
    },
  );

  it("refuses lists of other lengths, and a step before the first", async () => {
    await useBackend(backend);
    const state = { parameters: [], first: [], second: [] };
    tf.tidy(() => {
      expect(() => adamW(state, [tf.scalar(1)], { learningRate: 1, step: 1 })).toThrow(AttaccaError);
      expect(() => adamW(state, [], { learningRate: 1, step: 0 })).toThrow(AttaccaError);
    });
  });
});
