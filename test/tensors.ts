import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { readSafetensors, tensorValues } from "../src/checkpoint/index.js";
import { chooseBackend } from "../src/node/backend.js";
import { randomStream } from "../src/random.js";

/** The engines that every operation is tested on; what is added to `chooseBackend` is added here. */
export const testedBackends = ["cpu", "wasm", "simd"] as const;

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

/** max |found − expected| / max |expected|: how far off a whole tensor is. NaN anywhere gives Infinity. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(found[i] - expected[i]);
    if (!Number.isFinite(off)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, off);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return largest === 0 ? difference : difference / largest;
}

/** A tensor outside of any engine. */
export interface Values {
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
  readonly values: Float32Array | Int32Array;
}

/** Uploads a tensor to the engine in use. */
export function upload({ shape, dtype, values }: Values): tf.Tensor {
  return tf.tensor(values, shape, dtype);
}

/** Normal numbers, the same in every run. */
export function randomValues(purpose: string, shape: readonly number[], deviation = 1): Values {
  const stream = randomStream(1, purpose);
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, () => deviation * stream.normal());
  return { shape: [...shape], dtype: "float32", values };
}

/** Ids below `limit`, the same in every run. */
export function randomIds(purpose: string, shape: readonly number[], limit: number): Values {
  const stream = randomStream(1, purpose);
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Int32Array.from({ length: count }, () => stream.below(limit));
  return { shape: [...shape], dtype: "int32", values };
}

/** Rows of ids, for the model's functions. */
export function rowsOf({ shape, values }: Values): number[][] {
  return Array.from({ length: shape[0] }, (_, row) => [
    ...values.slice(row * shape[1], (row + 1) * shape[1]),
  ]);
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
