import * as tf from "@tensorflow/tfjs-core";

/*
 * GPT-2's GELU ("gelu_new", Hendrycks & Gimpel 2016, the tanh form):
 *   0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) = x·sigmoid(2·√(2/π)·(x + 0.044715·x³)).
 * The form on the right is the one computed: stock WASM has a sigmoid 15 times faster than its tanh.
 */
const SCALE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** The sigmoid that x is multiplied with. Elementwise. */
export function geluGate(x: tf.Tensor): tf.Tensor {
  const square = tf.square(x);
  return tf.sigmoid(tf.mul(x, tf.add(tf.mul(square, SCALE * CUBIC), SCALE)));
}

/** d gelu / d x, from x and `geluGate(x)`. */
export function geluSlope(x: tf.Tensor, gate: tf.Tensor): tf.Tensor {
  const inner = tf.mul(x, tf.add(tf.mul(tf.square(x), 3 * SCALE * CUBIC), SCALE));
  // gate + x·gate·(1 − gate)·inner' = gate·(1 + (1 − gate)·inner), as inner is x·inner'.
  return tf.mul(gate, tf.add(tf.mul(tf.sub(1, gate), inner), 1));
}
