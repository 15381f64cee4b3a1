import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { define } from "./define.js";
import { asMatrix, sumRows } from "./matrix.js";

/**
 * Kernel `AttaccaLayerNorm`: x [..., width], weight [width], bias [width], attribute `epsilon` → y [..., width].
 * `AttaccaLayerNormGrad`: dy, x, weight, saved → dx, dWeight, dBias.
 * The composed form saves the normalised x and the reciprocal deviation of each row.
 */
export const runLayerNorm = define<{ epsilon: number }>({
  kernel: "AttaccaLayerNorm",
  inputs: ["x", "weight", "bias"],
  keeps: ["x", "weight"],
  composed({ x, weight, bias }, { epsilon }) {
    const rows = asMatrix(x);
    const centred = tf.sub(rows, tf.mean(rows, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normal = tf.mul(centred, scale);
    return { value: tf.reshape(tf.add(tf.mul(normal, weight), bias), x.shape), saved: [normal, scale] };
  },
  gradient(dy, { x, weight }, [normal, scale]) {
    const dRows = asMatrix(dy);
    const dNormal = tf.mul(dRows, weight);
    const along = tf.mul(normal, tf.mean(tf.mul(dNormal, normal), -1, true));
    const dx = tf.mul(tf.sub(tf.sub(dNormal, tf.mean(dNormal, -1, true)), along), scale);
    return [tf.reshape(dx, x.shape), sumRows(tf.mul(dRows, normal)), sumRows(dRows)];
  },
});

/**
 * Layer normalisation over the last axis (Ba, Kiros & Hinton 2016), with the biased variance.
 *
 * @param x [..., width]
 * @param weight [width]
 * @param bias [width]
 * @returns [..., width]
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const width = x.shape[x.rank - 1];
  if (weight.size !== width || bias.size !== width) {
    throw invalid("weight of layerNorm", `[${weight.shape}] with bias [${bias.shape}]`, `[${width}] each`);
  }
  return runLayerNorm({ x, weight, bias }, { epsilon });
}
