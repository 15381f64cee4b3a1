import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { hasKernel, runKernel } from "./define.js";
import { geluGate } from "./gelu.js";
import type { Activation } from "./linear.js";
import { asMatrix, multiply, withWidth } from "./matrix.js";

const KERNEL = "AttaccaInt8Linear";

/** The largest whole number that a weight or an activation is rounded to; the smallest is its negative. */
const LARGEST = 127;
/** Columns that lie side by side in a kernel's matrix. */
const PANEL = 16;
/** Below this largest value a row of x counts as zero. */
const SMALLEST = 1e-30;

/** A matrix in whole numbers from -127 to 127, and for each column what 1 stands for: weight ≈ number · scale. */
export interface Quantised {
  /** [columns, depth] */
  readonly numbers: Int8Array<ArrayBuffer>;
  /** [columns] */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** A quantised matrix on the engine, for `int8Linear`. */
export interface Int8Matrix {
  /** As the backend wants it; see `int8Weight`. */
  readonly weight: tf.Tensor;
  /** [columns] */
  readonly scales: tf.Tensor;
}

/**
 * Rounds each column of a matrix to whole numbers, symmetrically: its largest absolute value becomes 127. Off by half a
 * scale at most. A column that holds what isn't a number gets such a scale.
 *
 * @param values [depth, columns], or [columns, depth] if `turned`
 */
export function quantise(values: Float32Array, depth: number, columns: number, turned = false): Quantised {
  const numbers = new Int8Array(columns * depth);
  const scales = new Float32Array(columns);
  const [next, step] = turned ? [depth, 1] : [1, columns];
  for (let column = 0; column < columns; column++) {
    let largest = 0;
    for (let k = 0; k < depth; k++) {
      const size = Math.abs(values[column * next + k * step]);
      if (!(size <= largest)) largest = size;
      if (Number.isNaN(largest)) break;
    }
    scales[column] = largest / LARGEST;
    const factor = largest === 0 ? 0 : LARGEST / largest;
    for (let k = 0; k < depth; k++) {
      numbers[column * depth + k] = Math.round(values[column * next + k * step] * factor);
    }
  }
  return { numbers, scales };
}

/**
 * A quantised matrix as a tensor for the backend in use. One with the kernel `AttaccaInt8Linear` gets four numbers in an int32:
 * [⌈columns / 16⌉, ⌈depth / 4⌉, 16], where the low byte of entry (p, g, c) is column 16·p + c at depth 4·g, and the next bytes
 * are the next depths; what is missing is 0. Another one gets them as float32, [depth, columns].
 */
export function int8Weight({ numbers, scales }: Quantised): tf.Tensor {
  const columns = scales.length;
  const depth = numbers.length / columns;
  if (!hasKernel(KERNEL)) {
    const turned = new Float32Array(numbers.length);
    for (let column = 0; column < columns; column++) {
      for (let k = 0; k < depth; k++) turned[k * columns + column] = numbers[column * depth + k];
    }
    return tf.tensor2d(turned, [depth, columns]);
  }
  const [panels, groups] = [Math.ceil(columns / PANEL), Math.ceil(depth / 4)];
  const bytes = new Int8Array(panels * groups * PANEL * 4);
  for (let column = 0; column < columns; column++) {
    const panel = Math.floor(column / PANEL) * groups;
    for (let k = 0; k < depth; k++) {
      const group = (panel + (k >> 2)) * PANEL + (column % PANEL);
      bytes[4 * group + (k & 3)] = numbers[column * depth + k];
    }
  }
  return tf.tensor3d(new Int32Array(bytes.buffer), [panels, groups, PANEL], "int32");
}

/**
 * x · (numbers · scales) + bias, and GELU of it where asked for, without a gradient: for generating. Each row of x is rounded
 * to whole numbers too, so that its largest absolute value becomes 127 (ties go to the even number), and the products are
 * added up as whole numbers. Where a sum stays below 2²⁴ (always, up to a depth of 1,040), every backend gives it exactly.
 *
 * Kernel `AttaccaInt8Linear`: x [..., in], weight (see `int8Weight`), scales [out], bias [out] or none, attribute
 * `activation` → y [..., out]: f32(sum) · (row's scale · column's scale) + bias.
 *
 * @param x [..., in]
 * @param bias [out]; none unless given
 * @returns [..., out]
 */
export function int8Linear(
  x: tf.Tensor,
  { weight, scales }: Int8Matrix,
  bias?: tf.Tensor,
  activation: Activation = "none",
): tf.Tensor {
  const depth = x.shape[x.rank - 1];
  const columns = scales.size;
  const packed = weight.dtype === "int32";
  const shape = packed ? [Math.ceil(columns / PANEL), Math.ceil(depth / 4), PANEL] : [depth, columns];
  if (!tf.util.arraysEqual(weight.shape, shape) || (bias !== undefined && bias.size !== columns)) {
    throw invalid("weight of int8Linear", `[${weight.shape}] with ${columns} scales`, `[${shape}]`);
  }
  if (packed) {
    const tensors = { x, weight, scales };
    return runKernel(KERNEL, bias === undefined ? tensors : { ...tensors, bias }, { activation })[0];
  }
  return tf.tidy(() => {
    const rows = asMatrix(x);
    const largest = tf.max(tf.abs(rows), -1, true);
    // Not a number stays so, and makes all of the row's y none.
    const factor = tf.where(tf.less(largest, SMALLEST), tf.zerosLike(largest), tf.div(LARGEST, largest));
    const sums = multiply(tf.round(tf.mul(rows, factor)), weight);
    const scale = tf.mul(tf.div(largest, LARGEST), tf.reshape(scales, [1, columns]));
    let y: tf.Tensor = tf.mul(sums, scale);
    if (bias !== undefined) y = tf.add(y, bias);
    if (activation === "gelu_new") y = tf.mul(y, geluGate(y));
    return tf.reshape(y, withWidth(x.shape, columns));
  });
}
