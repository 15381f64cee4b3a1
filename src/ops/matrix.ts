import * as tf from "@tensorflow/tfjs-core";

/*
 * The composed forms are written for what stock backends do well. tfjs-backend-wasm multiplies two plain
 * matrices at some 45 GFLOP/s, and at 3 with a transpose flag or a batch axis, so products go through
 * `multiply` with matrices transposed beforehand. Its sums over the first axis are 100 times slower than a
 * product with a row of ones, which is what `sumRows` is.
 * Its slices copy the whole source first, so `splitRows` reads the source once instead.
 */

/**
 * [n, k] · [k, m] → [n, m].
 *
 * A trap: stock WASM keeps what it prepared of `b` under b's data alone. The same data must not come as `b` in two
 * shapes, or the second product is wrong.
 */
export function multiply(a: tf.Tensor, b: tf.Tensor): tf.Tensor2D {
  return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
}

/** [n, m] → [m, n]. */
export function transpose(a: tf.Tensor): tf.Tensor2D {
  return tf.transpose(a as tf.Tensor2D, [1, 0]);
}

/** The sum over all axes but the last: [..., width] → [width]. */
export function sumRows(a: tf.Tensor): tf.Tensor1D {
  const matrix = asMatrix(a);
  const [rows, width] = matrix.shape;
  return tf.reshape(multiply(tf.ones([1, rows]), matrix), [width]);
}

/** All axes but the last as one: [..., width] → [rows, width]. */
export function asMatrix(a: tf.Tensor): tf.Tensor2D {
  const width = a.shape[a.rank - 1];
  return tf.reshape(a, [a.size / width, width]);
}

/** [rows, width] or [batch, time, width] → the same leading axes with another width. */
export function withWidth(shape: readonly number[], width: number): number[] {
  return [...shape.slice(0, -1), width];
}

/** [count·n, width] → count matrices [n, width]. */
export function splitRows(a: tf.Tensor2D, count: number): tf.Tensor2D[] {
  if (tf.getBackend() !== "wasm") return tf.split(a, count, 0);
  const [rows, width] = a.shape;
  const values = a.dataSync();
  const size = a.size / count;
  return Array.from({ length: count }, (_, i) =>
    tf.tensor2d(values.subarray(i * size, (i + 1) * size), [rows / count, width], "float32"),
  );
}

/** ids of any shape → [ids.size, vocabulary] float32: 1 in the id's column; ids outside give some other row. */
export function oneHot(ids: tf.Tensor, vocabulary: number): tf.Tensor2D {
  // Clipped, because the stock WASM kernel writes out of bounds where a negative id says so.
  const inside = tf.clipByValue(tf.reshape(ids, [ids.size]), 0, vocabulary - 1);
  // The same kernel writes int32 whatever type is asked for.
  const hot = tf.oneHot(tf.cast(inside, "int32") as tf.Tensor1D, vocabulary, 1, 0, "int32");
  return tf.cast(hot, "float32") as tf.Tensor2D;
}
