import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { define, type Fused, hasKernel, runKernel } from "./define.js";
import { type Dropout, dropoutAttributes, dropoutMask } from "./dropout.js";
import { multiply, splitRows, transpose } from "./matrix.js";

/** Which positions a position sees: itself and those before it, or all. */
export type AttentionMode = "causal" | "full";

type AttentionAttributes = { heads: number; rate: number; key0: number; key1: number };
type ModeAttributes = AttentionAttributes & { mode: AttentionMode };
type PrefixAttributes = AttentionAttributes & { prefixes: readonly number[] };

/**
 * Kernel `AttaccaAttention`: qkv [batch, time, 3·width] (queries, keys, values, each heads × depth), attributes
 * `heads`, `mode` ("causal" or "full"), `rate`, `key0`, `key1` → y [batch, time, width]. Dropout falls on the
 * probabilities, whose word is counted over [batch, heads, time, time] (see `dropoutMask`); a rate of 0 drops
 * nothing. `AttaccaAttentionGrad`: dy, qkv, saved → dQkv.
 */
export const runAttention = defineAttention<ModeAttributes>("AttaccaAttention", ({ mode }, batch, time) => {
  const mask = mode === "causal" ? causalMask(time, time) : undefined;
  return new Array(batch).fill(mask);
});

/**
 * Kernel `AttaccaPrefixAttention`: as `AttaccaAttention`, with an attribute `prefixes` in place of `mode`: position i
 * of sequence b sees positions 0 … i and 0 … prefixes[b] − 1. `AttaccaPrefixAttentionGrad` likewise.
 */
export const runPrefixAttention = defineAttention<PrefixAttributes>(
  "AttaccaPrefixAttention",
  ({ prefixes }, _, time) => prefixes.map((prefix) => causalMask(time, time, prefix)),
);

/**
 * Attention under a mask for each sequence, [time, time] with 0 where a position may look; undefined hides nothing.
 *
 * The composed form goes head by head, with plain matrices only (see matrix.ts). It saves each head's
 * probabilities and dropout mask.
 */
function defineAttention<A extends AttentionAttributes>(
  kernel: string,
  masksOf: (attributes: A, batch: number, time: number) => readonly (tf.Tensor2D | undefined)[],
): Fused<A> {
  return define<A>({
    kernel,
    inputs: ["qkv"],
    composed({ qkv }, attributes, save) {
      const { batch, time, heads, depth, width } = sizesOf(qkv, attributes.heads);
      const parts = splitHeads(qkv, 3 * heads);
      const masks = masksOf(attributes, batch, time);
      const drops = attributes.rate === 0 ? undefined : dropsOf(batch * heads, time, attributes);
      const outputs: tf.Tensor[] = [];
      const saved: tf.Tensor[] = [];
      for (let head = 0; head < batch * heads; head++) {
        const { q, k, v } = placesOf(head, heads);
        const mask = masks[Math.floor(head / heads)];
        const output = tf.tidy(() => {
          const scores = tf.mul(multiply(parts[q], transpose(parts[k])), 1 / Math.sqrt(depth));
          const probabilities = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
          const kept = drops === undefined ? probabilities : tf.mul(probabilities, drops[head]);
          return { y: multiply(kept, parts[v]), probabilities };
        });
        outputs.push(output.y);
        if (save) saved.push(output.probabilities);
        else output.probabilities.dispose();
      }
      return { value: joinHeads(outputs, batch, time, width), saved: [...saved, ...(drops ?? [])] };
    },
    gradient(dy, { qkv }, saved, attributes) {
      const { batch, time, heads, depth, width } = sizesOf(qkv, attributes.heads);
      const parts = splitHeads(qkv, 3 * heads);
      const dRows = splitHeads(dy, heads);
      const drops = attributes.rate === 0 ? undefined : saved.slice(batch * heads);
      const dParts: tf.Tensor[] = new Array(3 * batch * heads);
      for (let head = 0; head < batch * heads; head++) {
        const { q, k, v } = placesOf(head, heads);
        const probabilities = saved[head];
        const gradients = tf.tidy(() => {
          const dHead = dRows[head];
          const kept = drops === undefined ? probabilities : tf.mul(probabilities, drops[head]);
          const dKept = multiply(dHead, transpose(parts[v]));
          const dProbabilities = drops === undefined ? dKept : tf.mul(dKept, drops[head]);
          const weighted = tf.mul(dProbabilities, probabilities);
          const dScores = tf.mul(
            tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true))),
            1 / Math.sqrt(depth),
          );
          return [
            multiply(dScores, parts[k]),
            multiply(transpose(dScores), parts[q]),
            multiply(transpose(kept), dHead),
          ];
        });
        [dParts[q], dParts[k], dParts[v]] = gradients;
      }
      return [joinHeads(dParts, batch, time, 3 * width)];
    },
  });
}

function sizesOf(qkv: tf.Tensor, heads: number) {
  const [batch, time, width3] = qkv.shape as [number, number, number];
  const width = width3 / 3;
  return { batch, time, heads, width, depth: width / heads };
}

/** Where head `head` of all batch × heads has its query, key and value among the 3·batch·heads matrices. */
function placesOf(head: number, heads: number): { q: number; k: number; v: number } {
  const first = Math.floor(head / heads) * 3 * heads + (head % heads);
  return { q: first, k: first + heads, v: first + 2 * heads };
}

/** [batch, time, n·depth] → batch·n matrices [time, depth]. */
export function splitHeads(x: tf.Tensor, n: number): tf.Tensor[] {
  const [batch, time, width] = x.shape as [number, number, number];
  const apart = tf.transpose(tf.reshape(x, [batch, time, n, width / n]), [0, 2, 1, 3]);
  return splitRows(tf.reshape(apart, [batch * n * time, width / n]), batch * n);
}

/** batch·heads matrices [time, depth] → [batch, time, width]. */
export function joinHeads(outputs: tf.Tensor[], batch: number, time: number, width: number): tf.Tensor {
  const heads = outputs.length / batch;
  const stacked = tf.reshape(tf.concat(outputs, 0), [batch, heads, time, width / heads]);
  return tf.reshape(tf.transpose(stacked, [0, 2, 1, 3]), [batch, time, width]);
}

/**
 * [time, past + time]: 0 where a position may look, else so low that softmax makes it exactly 0. The first `prefix` positions
 * are seen by all.
 */
export function causalMask(time: number, total: number, prefix = 0): tf.Tensor2D {
  const mask = new Float32Array(time * total);
  for (let i = 0; i < time; i++) {
    const hidden = Math.min(total, Math.max(prefix, total - time + i + 1));
    mask.fill(-1e9, i * total + hidden, (i + 1) * total);
  }
  return tf.tensor2d(mask, [time, total]);
}

export function dropsOf(count: number, time: number, { rate, key0, key1 }: AttentionAttributes): tf.Tensor[] {
  const mask = dropoutMask(count * time * time, { rate, key: [key0, key1] });
  return Array.from({ length: count }, (_, i) =>
    tf.tensor2d(mask.subarray(i * time * time, (i + 1) * time * time), [time, time]),
  );
}

export function checkHeads(qkv: tf.Tensor, heads: number): void {
  if (qkv.rank !== 3 || qkv.shape[2]! % (3 * heads) !== 0) {
    throw invalid("qkv of attention", `[${qkv.shape}]`, `[batch, time, a multiple of ${3 * heads}]`);
  }
}

/**
 * Scaled dot-product attention of several heads (Vaswani et al. 2017), to be trained through.
 *
 * @param qkv [batch, time, 3·width]: queries, keys, values side by side, each heads × depth
 * @returns [batch, time, width]
 */
export function attention(
  qkv: tf.Tensor,
  heads: number,
  options: { readonly mode?: AttentionMode; readonly dropout?: Dropout } = {},
): tf.Tensor {
  checkHeads(qkv, heads);
  return runAttention(
    { qkv },
    { heads, mode: options.mode ?? "causal", ...dropoutAttributes(options.dropout) },
  );
}

/**
 * Attention that is full over the first positions and causal behind them: a position sees itself, those before it, and all of its
 * sequence's prefix.
 *
 * @param qkv [batch, time, 3·width]
 * @param prefixes for each sequence, how many of its first positions all see: 0 or 1 is causal, `time` is full attention
 * @returns [batch, time, width]
 */
export function prefixAttention(
  qkv: tf.Tensor,
  heads: number,
  prefixes: readonly number[],
  options: { readonly dropout?: Dropout } = {},
): tf.Tensor {
  checkHeads(qkv, heads);
  const [batch, time] = qkv.shape as [number, number];
  const wrong = prefixes.find((prefix) => !Number.isInteger(prefix) || prefix < 0 || prefix > time);
  if (prefixes.length !== batch || wrong !== undefined) {
    const found = wrong === undefined ? `${prefixes.length} numbers` : String(wrong);
    throw invalid("prefixes of attention", found, `${batch} numbers from 0 to ${time}`);
  }
  return runPrefixAttention({ qkv }, { heads, prefixes, ...dropoutAttributes(options.dropout) });
}

/** Keys and values of one layer: [batch, heads, positions, depth] each. */
export interface KeysAndValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/** What a cache keeps of one layer's positions: with lookahead keys more than keys and values. */
export interface CachedPositions extends KeysAndValues {
  /** Queries, keys and values of the lookahead keys side by side, [batch, heads, positions, 3·depth]. */
  readonly lookahead?: tf.Tensor4D;
  /** The lookahead keys themselves, as they are seen from the last position, [batch, heads, positions, depth]. */
  readonly sums?: tf.Tensor4D;
}

/**
 * Causal attention of new positions over those before them and themselves; for generating, so without gradient.
 *
 * Kernel `AttaccaCachedAttention`: qkv [batch, time, 3·width], and if there is a past, `keys` and `values`
 * [batch, heads, past, depth]; attribute `heads` → y [batch, time, width], keys and values
 * [batch, heads, past + time, depth].
 *
 * @param qkv [batch, time, 3·width] of the new positions
 * @param past keys and values of the positions before them, if any; they stay as they are
 * @returns y [batch, time, width], and keys and values of all positions
 */
export function cachedAttention(
  qkv: tf.Tensor,
  heads: number,
  past?: KeysAndValues,
): KeysAndValues & { readonly y: tf.Tensor } {
  checkHeads(qkv, heads);
  const kernel = "AttaccaCachedAttention";
  if (hasKernel(kernel)) {
    const [y, keys, values] = runKernel(kernel, { qkv, ...past }, { heads });
    return { y, keys: keys as tf.Tensor4D, values: values as tf.Tensor4D };
  }
  return tf.tidy(() => {
    const { batch, time, width, depth } = sizesOf(qkv, heads);
    const apart = tf.transpose(tf.reshape(qkv, [batch, time, 3 * heads, depth]), [0, 2, 1, 3]);
    const [query, newKeys, newValues] = tf.split(apart, 3, 1) as tf.Tensor4D[];
    const keys = past === undefined ? newKeys : tf.concat([past.keys, newKeys], 2);
    const values = past === undefined ? newValues : tf.concat([past.values, newValues], 2);
    const scores = tf.mul(tf.matMul(query, keys, false, true), 1 / Math.sqrt(depth));
    const probabilities = tf.softmax(time === 1 ? scores : tf.add(scores, causalMask(time, keys.shape[2])));
    const outputs = tf.transpose(tf.matMul(probabilities as tf.Tensor4D, values), [0, 2, 1, 3]);
    return { y: tf.reshape(outputs, [batch, time, width]), keys, values };
  });
}
