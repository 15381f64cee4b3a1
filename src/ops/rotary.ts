import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { checkHeads } from "./attention.js";
import { define } from "./define.js";

/**
 * Kernel `AttaccaRotary`: qkv [batch, time, 3·width] (queries, keys, values, each heads × depth), turns [time, depth] (of each
 * position depth / 2 cosines, then as many sines), attribute `heads` → y as qkv, with queries and keys turned:
 *
 *   y[i] = x[i]·cos[i] − x[i + depth/2]·sin[i],   y[i + depth/2] = x[i + depth/2]·cos[i] + x[i]·sin[i],   for i < depth/2.
 *
 * `AttaccaRotaryGrad`: dy, turns → dQkv, which is dy turned back.
 */
export const runRotary = define<{ heads: number }>({
  kernel: "AttaccaRotary",
  inputs: ["qkv"],
  constants: ["turns"],
  keeps: ["turns"],
  composed({ qkv, turns }, { heads }) {
    return { value: turned(qkv, turns, heads, 1) };
  },
  gradient(dy, { turns }, _, { heads }) {
    return [turned(dy, turns, heads, -1)];
  },
});

function turned(qkv: tf.Tensor, turns: tf.Tensor, heads: number, sign: number): tf.Tensor {
  const [batch, time, width3] = qkv.shape as [number, number, number];
  const [, depth] = turns.shape as [number, number];
  const half = depth / 2;
  const both = (2 * width3) / 3;
  const [queriesAndKeys, values] = tf.split(qkv, [both, width3 - both], 2);
  const [a, b] = tf.split(tf.reshape(queriesAndKeys, [batch, time, 2 * heads, depth]), 2, 3);
  const [cosine, sine] = tf.split(tf.reshape(turns, [1, time, 1, depth]), [half, half], 3);
  const signed = tf.mul(sine, sign);
  const first = tf.sub(tf.mul(a, cosine), tf.mul(b, signed));
  const second = tf.add(tf.mul(b, cosine), tf.mul(a, signed));
  return tf.concat([tf.reshape(tf.concat([first, second], 3), [batch, time, both]), values], 2);
}

/**
 * Rotary positions (RoPE; Su et al. 2021, arXiv 2104.09864, section 3.2.2): each pair of numbers of a query or key is turned by an angle
 * that grows with its position, so that their product tells how far apart the two are, wherever they stand. A pair is a number of a
 * head's first half and its fellow of the second, as in GPT-NeoX and Llama.
 *
 * @param qkv [batch, time, 3·width]: queries, keys, values side by side, each heads × depth
 * @param turns [time, depth]: of each position depth / 2 cosines, then as many sines
 * @returns as qkv; the values are as they were
 * @throws AttaccaError `invalid` for shapes that don't fit, and for an odd depth
 */
export function rotary(qkv: tf.Tensor, turns: tf.Tensor, heads: number): tf.Tensor {
  checkHeads(qkv, heads);
  const [, time, width3] = qkv.shape as [number, number, number];
  const depth = width3 / 3 / heads;
  if (depth % 2 !== 0) throw invalid("depth of a head", String(depth), "an even number for rotary positions");
  if (turns.rank !== 2 || turns.shape[0] !== time || turns.shape[1] !== depth) {
    throw invalid("turns of rotary positions", `[${turns.shape}]`, `[${time},${depth}]`);
  }
  return runRotary({ qkv, turns }, { heads });
}
