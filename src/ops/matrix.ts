import * as tf from "@tensorflow/tfjs-core";

/*
 * The composed forms are written for what stock backends do well. tfjs-backend-wasm multiplies two plain
 * matrices at some 45 GFLOP/s, and at 3 with a transpose flag or a batch axis, so products go through
 * `multiply` with matrices transposed beforehand. It prepares the right operand anew for each product, at some 6 ns a
 * number: where there is a choice, the smaller matrix stands on the right. Its sums over the first axis are slow;
 * `sumRows` transposes and sums over the last.
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
  const [rows, columns] = a.shape as [number, number];
  if (rows < 4 * BLOCK || rows % BLOCK !== 0) return tf.transpose(a as tf.Tensor2D, [1, 0]);
  // The same order of values, by way of stock WASM's three-axis loop: ten times faster on tall matrices.
  const blocks = tf.reshape(a, [rows / BLOCK, BLOCK, columns]);
  return tf.reshape(tf.transpose(blocks, [2, 0, 1]), [columns, rows]);
}

const BLOCK = 32;

/** The sum over all axes but the last: [..., width] → [width]. */
export function sumRows(a: tf.Tensor): tf.Tensor1D {
  return tf.sum(transpose(asMatrix(a)), 1) as tf.Tensor1D;
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
