import * as tf from "@tensorflow/tfjs-core";
import { dropoutMask } from "../../ops/index.js";

/** TensorFlow multiplies whole batches of matrices at once, so all heads go together; the composed form goes head by head. */
export interface AttentionAttributes {
  readonly heads: number;
  readonly mode: "causal" | "full";
  readonly rate: number;
  readonly key0: number;
  readonly key1: number;
}

/** Kernel `AttaccaAttention` out of TensorFlow's operations; saves the probabilities and the dropout mask. */
export function attentionForward(qkv: tf.Tensor, attributes: AttentionAttributes): tf.Tensor[] {
  return tf.tidy(() => {
    const { query, key, value } = apart(qkv, attributes.heads);
    const [, heads, time, depth] = query.shape;
    const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(depth));
    const seen = attributes.mode === "causal" ? tf.add(scores, causalMask(time)) : scores;
    const probabilities = tf.softmax(seen as tf.Tensor4D);
    if (attributes.rate === 0) return [together(tf.matMul(probabilities, value)), probabilities];
    const shape: [number, number, number, number] = [query.shape[0], heads, time, time];
    const drops = tf.tensor4d(dropoutMask(sizeOf(shape), dropoutOf(attributes)), shape);
    return [together(tf.matMul(tf.mul(probabilities, drops), value)), probabilities, drops];
  });
}

/** Kernel `AttaccaAttentionGrad`: the gradient of `qkv`. */
export function attentionBackward(
  dy: tf.Tensor,
  qkv: tf.Tensor,
  probabilities: tf.Tensor,
  drops: tf.Tensor | undefined,
  { heads }: AttentionAttributes,
): tf.Tensor {
  return tf.tidy(() => {
    const { query, key, value } = apart(qkv, heads);
    const [batch, time, width] = dy.shape as [number, number, number];
    const depth = width / heads;
    const dHeads = tf.transpose(tf.reshape(dy, [batch, time, heads, depth]), [0, 2, 1, 3]);
    const kept = drops === undefined ? probabilities : tf.mul(probabilities, drops);
    const dValue = tf.matMul(kept, dHeads, true, false);
    const dKept = tf.matMul(dHeads, value, false, true);
    const dProbabilities = drops === undefined ? dKept : tf.mul(dKept, drops);
    const weighted = tf.mul(dProbabilities, probabilities);
    const dScores = tf.mul(
      tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true))),
      1 / Math.sqrt(depth),
    );
    const dQuery = tf.matMul(dScores, key);
    const dKey = tf.matMul(dScores, query, true, false);
    return tf.concat([dQuery, dKey, dValue].map(together), 2);
  });
}

/** [batch, time, 3·width] → queries, keys and values, [batch, heads, time, depth] each. */
function apart(qkv: tf.Tensor, heads: number): Record<"query" | "key" | "value", tf.Tensor4D> {
  const [batch, time, width3] = qkv.shape as [number, number, number];
  const all = tf.reshape(qkv, [batch, time, 3 * heads, width3 / 3 / heads]);
  const [query, key, value] = tf.split(tf.transpose(all, [0, 2, 1, 3]), 3, 1) as tf.Tensor4D[];
  return { query, key, value };
}

/** [batch, heads, time, depth] → [batch, time, width]. */
function together(x: tf.Tensor): tf.Tensor {
  const [batch, heads, time, depth] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, time, heads * depth]);
}

/** [time, time]: 0 where a position may look, else so low that softmax makes it exactly 0. */
function causalMask(time: number): tf.Tensor2D {
  const mask = new Float32Array(time * time);
  for (let i = 0; i < time; i++) mask.fill(-1e9, i * time + i + 1, (i + 1) * time);
  return tf.tensor2d(mask, [time, time]);
}

function dropoutOf({ rate, key0, key1 }: AttentionAttributes): {
  rate: number;
  key: readonly [number, number];
} {
  return { rate, key: [key0, key1] };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
