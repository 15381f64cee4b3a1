import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { joinHeads, splitHeads } from "./attention.js";
import { define } from "./define.js";
import { type Dropout, dropoutAttributes, dropoutMask } from "./dropout.js";
import { multiply, transpose } from "./matrix.js";

type CrossAttributes = {
  heads: number;
  lengths: readonly number[];
  rate: number;
  key0: number;
  key1: number;
};

/**
 * Kernel `AttaccaCrossAttention`: q [batch, time, width] and kv [batch, source, 2·width] (keys, values, each heads × depth),
 * attributes `heads`, `lengths`, `rate`, `key0`, `key1` → y [batch, time, width]. Each query of sequence b sees the source's
 * positions 0 … lengths[b] − 1. Dropout falls on the probabilities, whose word is counted over [batch, heads, time, source].
 * `AttaccaCrossAttentionGrad`: dy, q, kv, saved → dQ, dKv. The composed form saves each head's probabilities and dropout mask.
 */
export const runCrossAttention = define<CrossAttributes>({
  kernel: "AttaccaCrossAttention",
  inputs: ["q", "kv"],
  composed({ q, kv }, attributes, save) {
    const { heads, lengths, rate } = attributes;
    const { batch, time, source, width } = sizesOf(q, kv);
    const queries = splitHeads(q, heads);
    const parts = splitHeads(kv, 2 * heads);
    const masks = lengths.map((length) => (length === source ? undefined : lengthMask(length, source)));
    const drops = rate === 0 ? undefined : dropsOf(batch * heads, time, source, attributes);
    const outputs: tf.Tensor[] = [];
    const saved: tf.Tensor[] = [];
    for (let head = 0; head < batch * heads; head++) {
      const { k, v } = placesOf(head, heads);
      const mask = masks[Math.floor(head / heads)];
      const output = tf.tidy(() => {
        const scores = tf.mul(multiply(queries[head], transpose(parts[k])), 1 / Math.sqrt(width / heads));
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
  gradient(dy, { q, kv }, saved, { heads, rate }) {
    const { batch, time, source, width } = sizesOf(q, kv);
    const queries = splitHeads(q, heads);
    const parts = splitHeads(kv, 2 * heads);
    const dRows = splitHeads(dy, heads);
    const drops = rate === 0 ? undefined : saved.slice(batch * heads);
    const dQueries: tf.Tensor[] = [];
    const dParts: tf.Tensor[] = new Array(2 * batch * heads);
    for (let head = 0; head < batch * heads; head++) {
      const { k, v } = placesOf(head, heads);
      const probabilities = saved[head];
      [dQueries[head], dParts[k], dParts[v]] = tf.tidy(() => {
        const kept = drops === undefined ? probabilities : tf.mul(probabilities, drops[head]);
        const dKept = multiply(dRows[head], transpose(parts[v]));
        const dProbabilities = drops === undefined ? dKept : tf.mul(dKept, drops[head]);
        const weighted = tf.mul(dProbabilities, probabilities);
        const dScores = tf.mul(
          tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true))),
          1 / Math.sqrt(width / heads),
        );
        return [
          multiply(dScores, parts[k]),
          multiply(transpose(dScores), queries[head]),
          multiply(transpose(kept), dRows[head]),
        ];
      });
    }
    return [joinHeads(dQueries, batch, time, width), joinHeads(dParts, batch, source, 2 * width)];
  },
});

function sizesOf(q: tf.Tensor, kv: tf.Tensor) {
  const [batch, time, width] = q.shape as [number, number, number];
  return { batch, time, width, source: kv.shape[1]! };
}

/** Where head `head` of all batch × heads has its key and value among the 2·batch·heads matrices. */
function placesOf(head: number, heads: number): { k: number; v: number } {
  const k = Math.floor(head / heads) * 2 * heads + (head % heads);
  return { k, v: k + heads };
}

function dropsOf(count: number, time: number, source: number, attributes: CrossAttributes): tf.Tensor[] {
  const { rate, key0, key1 } = attributes;
  const size = time * source;
  const mask = dropoutMask(count * size, { rate, key: [key0, key1] });
  return Array.from({ length: count }, (_, i) =>
    tf.tensor2d(mask.subarray(i * size, (i + 1) * size), [time, source]),
  );
}

/** [source]: 0 up to `length`, then so low that softmax makes it exactly 0. */
function lengthMask(length: number, source: number): tf.Tensor1D {
  return tf.tensor1d(new Float32Array(source).fill(-1e9, length));
}

/**
 * Attention of a sequence's positions over all positions of another, its source (Vaswani et al. 2017, section 3.2.3).
 *
 * @param q [batch, time, width]: the queries, heads × depth
 * @param kv [batch, source, 2·width]: the source's keys and values side by side, each heads × depth
 * @param lengths for each sequence, how many of its source's positions are seen: 1 to `source`
 * @returns [batch, time, width]
 * @throws AttaccaError `invalid` where shapes or lengths don't fit
 */
export function crossAttention(
  q: tf.Tensor,
  kv: tf.Tensor,
  heads: number,
  options: { readonly lengths: readonly number[]; readonly dropout?: Dropout },
): tf.Tensor {
  const { lengths } = options;
  const [batch, , width] = q.shape;
  const fits = q.rank === 3 && kv.rank === 3 && kv.shape[0] === batch && kv.shape[2] === 2 * width!;
  if (!fits || width! % heads !== 0) {
    const found = `[${q.shape}] and [${kv.shape}]`;
    throw invalid(
      "q and kv of cross-attention",
      found,
      "[batch, time, width] and [batch, source, 2 · width]",
    );
  }
  const source = kv.shape[1]!;
  if (
    lengths.length !== batch ||
    lengths.some((length) => !Number.isInteger(length) || length < 1 || length > source)
  ) {
    throw invalid("lengths of cross-attention", `[${lengths}]`, `${batch} numbers from 1 to ${source}`);
  }
  return runCrossAttention({ q, kv }, { heads, lengths, ...dropoutAttributes(options.dropout) });
}
