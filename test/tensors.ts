import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { readSafetensors, tensorValues } from "../src/checkpoint/index.js";
import { chooseBackend } from "../src/node/backend.js";
import type { Values } from "./values.js";

export * from "./values.js";

/**
 * The engines that every operation is tested on; what is added to `chooseBackend` is added here. ATTACCA_TEST_BACKENDS names
 * others, with commas: those that a machine only has when its user installed them.
 */
export const testedBackends: readonly string[] = process.env.ATTACCA_TEST_BACKENDS?.split(",") ?? [
  "cpu",
  "wasm",
  "simd",
];

/** Makes `name` compute from here on. */
export async function useBackend(name: string): Promise<void> {
  await chooseBackend(name);
}

/**
 * Runs `call` and fails if tensors or bytes of tensors are left over. What `call` returns may hold no tensors.
 * Works on functions and on async functions.
 */
export function expectNoLeak<T>(call: () => Promise<T>): Promise<T>;
export function expectNoLeak<T>(call: () => T): T;
export function expectNoLeak<T>(call: () => T | Promise<T>): T | Promise<T> {
  const before = counts();
  const result = call();
  if (result instanceof Promise) {
    return result.then((value) => {
      expect(counts(), "tensors left over").toEqual(before);
      return value;
    });
  }
  expect(counts(), "tensors left over").toEqual(before);
  return result;
}

function counts() {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes };
}

/** Tensors that scripts/goldens-torch.py made, and what it says about them. */
export function readGolden(path: string): {
  readonly tensors: ReadonlyMap<string, Values>;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const { tensors, metadata } = readSafetensors(readFileSync(new URL(`golden/${path}`, import.meta.url)));
  const values = new Map<string, Values>();
  for (const [name, tensor] of tensors) {
    const shape = [...tensor.shape];
    if (tensor.dtype === "I32") {
      values.set(name, {
        shape,
        dtype: "int32",
        values: new Int32Array(new Uint8Array(tensor.bytes).buffer),
      });
    } else values.set(name, { shape, dtype: "float32", values: tensorValues(name, tensor) });
  }
  return { tensors: values, metadata };
}
