import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { keyOf } from "../random.js";
import { define } from "./define.js";

/** Which values to drop: a rate, and the key that decides (see `dropoutOf`). */
export interface Dropout {
  /** Share of values set to 0, from 0 to below 1; the others are divided by 1 − rate. */
  readonly rate: number;
  /** A key of src/random.ts: two unsigned 32-bit words. */
  readonly key: readonly [number, number];
}

/** The dropout of one place in the model at one step: a pure function of (seed, purpose, step). */
export function dropoutOf(rate: number, seed: number, purpose: string, step: number): Dropout {
  if (!(rate >= 0 && rate < 1)) throw invalid("dropout rate", String(rate), "0 to below 1");
  return { rate, key: keyOf(seed, purpose, step) };
}

/**
 * What a tensor is multiplied with: value i is 0 where Threefry word i is below rate · 2³², else
 * 1 / (1 − rate). Word i is word i mod 2 of counter ⌊i / 2⌋. Kernels compute the same bits.
 */
export function dropoutMask(count: number, { rate, key }: Dropout): Float32Array {
  const mask = new Float32Array(count);
  const limit = rate * 2 ** 32;
  const keep = 1 / (1 - rate);
  const [key0, key1] = key;
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  // threefry2x32 once more, written out: called for millions of words a step, it may not allocate.
  for (let i = 0; i < count; i += 2) {
    let a = ((i >>> 1) + key0) | 0;
    let b = key1 | 0;
    for (let group = 0; group < 5; group++) {
      if ((group & 1) === 0) {
        a = (a + b) | 0;
        b = ((b << 13) | (b >>> 19)) ^ a;
        a = (a + b) | 0;
        b = ((b << 15) | (b >>> 17)) ^ a;
        a = (a + b) | 0;
        b = ((b << 26) | (b >>> 6)) ^ a;
        a = (a + b) | 0;
        b = ((b << 6) | (b >>> 26)) ^ a;
      } else {
        a = (a + b) | 0;
        b = ((b << 17) | (b >>> 15)) ^ a;
        a = (a + b) | 0;
        b = ((b << 29) | (b >>> 3)) ^ a;
        a = (a + b) | 0;
        b = ((b << 16) | (b >>> 16)) ^ a;
        a = (a + b) | 0;
        b = ((b << 24) | (b >>> 8)) ^ a;
      }
      // Keys 1 and 2, 2 and 0, 0 and 1, 1 and 2, 2 and 0.
      const even = group % 3;
      a = (a + (even === 0 ? key1 : even === 1 ? key2 : key0)) | 0;
      b = (b + (even === 0 ? key2 : even === 1 ? key0 : key1) + group + 1) | 0;
    }
    if (a >>> 0 >= limit) mask[i] = keep;
    if (b >>> 0 >= limit && i + 1 < count) mask[i + 1] = keep;
  }
  return mask;
}

type DropoutAttributes = { rate: number; key0: number; key1: number };

/** A dropout as attributes of a kernel. No dropout is a rate of 0. */
export function dropoutAttributes(dropout: Dropout | undefined): DropoutAttributes {
  return { rate: dropout?.rate ?? 0, key0: dropout?.key[0] ?? 0, key1: dropout?.key[1] ?? 0 };
}

function maskLike(x: tf.Tensor, { rate, key0, key1 }: DropoutAttributes): tf.Tensor {
  return tf.tensor(dropoutMask(x.size, { rate, key: [key0, key1] }), x.shape);
}

/**
 * Kernel `AttaccaDropout`: x, attributes `rate`, `key0`, `key1` → y of the same shape (see `dropoutMask`).
 * `AttaccaDropoutGrad`: dy, saved → dx. The composed form saves the mask.
 */
export const runDropout = define<DropoutAttributes>({
  kernel: "AttaccaDropout",
  inputs: ["x"],
  keeps: [],
  composed({ x }, attributes) {
    const mask = maskLike(x, attributes);
    return { value: tf.mul(x, mask), saved: [mask] };
  },
  gradient: (dy, _, [mask]) => [tf.mul(dy, mask)],
});

/** x with some values dropped and the others scaled up (Srivastava et al. 2014). Any shape. */
export function dropout(x: tf.Tensor, drop: Dropout | undefined): tf.Tensor {
  return drop === undefined || drop.rate === 0 ? x : runDropout({ x }, dropoutAttributes(drop));
}

/**
 * Kernel `AttaccaResidual`: x, y of one shape, attributes `rate`, `key0`, `key1` → x + dropout(y); a rate of 0
 * drops nothing. `AttaccaResidualGrad`: dy, saved → dx, dY. The composed form saves the mask, if there is one.
 */
export const runResidual = define<DropoutAttributes>({
  kernel: "AttaccaResidual",
  inputs: ["x", "y"],
  keeps: [],
  composed({ x, y }, attributes) {
    if (attributes.rate === 0) return { value: tf.add(x, y) };
    const mask = maskLike(y, attributes);
    return { value: tf.add(x, tf.mul(y, mask)), saved: [mask] };
  },
  // Each gradient is a tensor of its own: the tape disposes of one when it has summed it up.
  gradient: (dy, _, [mask]) => [tf.clone(dy), mask === undefined ? tf.clone(dy) : tf.mul(dy, mask)],
});

/** x + dropout(y): how a block's output joins the stream. x and y have one shape. */
export function residual(x: tf.Tensor, y: tf.Tensor, drop?: Dropout): tf.Tensor {
  if (!tf.util.arraysEqual(x.shape, y.shape)) {
    throw invalid("shape of residual", `[${y.shape}]`, `[${x.shape}]`);
  }
  return runResidual({ x, y }, dropoutAttributes(drop));
}
