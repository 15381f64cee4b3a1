import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { define } from "./define.js";
import { geluGate, geluSlope } from "./gelu.js";
import { asMatrix, multiply, transpose, withWidth } from "./matrix.js";

/** What `linear` does after the product. */
export type Activation = "none" | "gelu_new";

/**
 * Kernel `AttaccaLinear`: x [..., in], weight [in, out], bias [out], attribute `activation` → y [..., out].
 * `AttaccaLinearGrad`: dy [..., out], x, weight, saved → dx, dWeight, dBias.
 * The composed form saves, with GELU only, the value before it and its gate.
 */
export const runLinear = define<{ activation: Activation }>({
  kernel: "AttaccaLinear",
  inputs: ["x", "weight", "bias"],
  keeps: ["x", "weight"],
  composed({ x, weight, bias }, { activation }) {
    const before = tf.add(multiply(asMatrix(x), weight), bias);
    const shape = withWidth(x.shape, weight.shape[1]!);
    if (activation === "none") return { value: tf.reshape(before, shape) };
    const gate = geluGate(before);
    return { value: tf.reshape(tf.mul(before, gate), shape), saved: [before, gate] };
  },
  gradient(dy, { x, weight }, saved, { activation }) {
    let dBefore: tf.Tensor = asMatrix(dy);
    if (activation === "gelu_new") dBefore = tf.mul(dBefore, geluSlope(saved[0], saved[1]));
    const dx = tf.reshape(multiply(dBefore, transpose(weight)), x.shape);
    const turned = transpose(dBefore);
    const dBias = tf.sum(turned, 1);
    const rows = asMatrix(x);
    // xᵀ · dBefore, with the smaller of the two on the right (see matrix.ts).
    const dWeight =
      rows.size < dBefore.size ? transpose(multiply(turned, rows)) : multiply(transpose(rows), dBefore);
    return [dx, dWeight, dBias];
  },
});

/**
 * x · weight + bias, and GELU of it where asked for.
 *
 * @param x [..., in]
 * @param weight [in, out], as Hugging Face's `Conv1D` keeps it
 * @param bias [out]
 * @returns [..., out]
 */
export function linear(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  activation: Activation = "none",
): tf.Tensor {
  const width = x.shape[x.rank - 1];
  if (weight.rank !== 2 || weight.shape[0] !== width || bias.size !== weight.shape[1]) {
    throw invalid("weight of linear", `[${weight.shape}] with bias [${bias.shape}]`, `[${width}, n] and [n]`);
  }
  return runLinear({ x, weight, bias }, { activation });
}
