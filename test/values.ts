import * as tf from "@tensorflow/tfjs-core";
import { randomStream } from "../src/random.js";

// What tests in Node and in a browser both use: nothing of Node, nothing of the test runner.

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

/** The values of tensors, which are freed. Not `dataSync`, which a GPU in Node doesn't have. */
export async function takeAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  try {
    return await Promise.all(tensors.map(async (tensor) => (await tensor.data()).slice() as Float32Array));
  } finally {
    tf.dispose([...tensors]);
  }
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
