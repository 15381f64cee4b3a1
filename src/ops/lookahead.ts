import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { type CachedPositions, causalMask, checkHeads, dropsOf } from "./attention.js";
import { define, hasKernel, type Named, runKernel } from "./define.js";
import { type Dropout, dropoutAttributes } from "./dropout.js";

type LookaheadAttributes = { heads: number; rate: number; key0: number; key1: number };

/**
 * Kernel `AttaccaLookaheadAttention`: qkv and look [batch, time, 3·width] (queries, keys, values, each heads × depth), attributes
 * `heads`, `rate`, `key0`, `key1` → y [batch, time, width]. Dropout falls on the probabilities, as in `AttaccaAttention`.
 * `AttaccaLookaheadAttentionGrad`: dy, qkv, look, saved → dQkv, dLook.
 *
 * With queries Q, keys K, values V out of qkv and Q′, K′, V′ out of look, for each head:
 *
 *   A = Q·V′ᵀ / √depth where j ≤ t,   B = sigmoid(Q′·K′ᵀ / √depth) where j > s,   U = A·Bᵀ [t, s],
 *   y = softmax(Q·Kᵀ / √depth − U∘sigmoid(U), over s ≤ t) · V.
 *
 * The composed form saves the probabilities, U, A, B and the dropout mask.
 */
export const runLookaheadAttention = define<LookaheadAttributes>({
  kernel: "AttaccaLookaheadAttention",
  inputs: ["qkv", "look"],
  composed({ qkv, look }, attributes) {
    const { heads, rate } = attributes;
    const [batch, time] = qkv.shape as [number, number, number];
    const [q, k, v] = threeOf(qkv, heads);
    const [lookQ, lookK, lookV] = threeOf(look, heads);
    const scale = 1 / Math.sqrt(q.shape[3]);
    const { reached, later } = borders(time, 0);
    const a = tf.mul(tf.mul(times(q, lookV, false, true), scale), reached);
    const b = tf.mul(tf.sigmoid(tf.mul(times(lookQ, lookK, false, true), scale)), later);
    const u = times(a, b, false, true);
    const scores = tf.sub(tf.mul(times(q, k, false, true), scale), tf.mul(u, tf.sigmoid(u)));
    const probabilities = tf.softmax(tf.add(scores, causalMask(time, time)));
    const drops =
      rate === 0
        ? []
        : [tf.reshape(tf.stack(dropsOf(batch * heads, time, attributes)), [batch, heads, time, time])];
    const kept = drops.length === 0 ? probabilities : tf.mul(probabilities, drops[0]);
    return { value: joined([times(kept, v)]), saved: [probabilities, u, a, b, ...drops] };
  },
  gradient(dy, { qkv, look }, [probabilities, u, a, b, drops], { heads }) {
    const [q, k, v] = threeOf(qkv, heads);
    const [lookQ, lookK, lookV] = threeOf(look, heads);
    const [dOutput] = partsOf(dy, heads, 1);
    const time = qkv.shape[1]!;
    const scale = 1 / Math.sqrt(q.shape[3]);
    const dropped = (x: tf.Tensor): tf.Tensor => (drops === undefined ? x : tf.mul(x, drops));
    const weighted = tf.mul(dropped(times(dOutput, v, false, true)), probabilities);
    const dScores = tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true)));
    const gate = tf.sigmoid(u);
    // The slope of U∘sigmoid(U).
    const dU = tf.neg(tf.mul(dScores, tf.mul(gate, tf.add(1, tf.mul(u, tf.sub(1, gate))))));
    const dA = tf.mul(tf.mul(times(dU, b), borders(time, 0).reached), scale);
    const dB = tf.mul(tf.mul(times(dU, a, true), tf.mul(b, tf.sub(1, b))), scale);
    const direct = tf.mul(dScores, scale);
    return [
      joined([
        tf.add(times(direct, k), times(dA, lookV)),
        times(direct, q, true),
        times(dropped(probabilities), dOutput, true),
      ]),
      joined([times(dB, lookK), times(dB, lookQ, true), times(dA, q, true)]),
    ];
  },
});

/** Products of the matrices in the last two axes. */
function times(a: tf.Tensor, b: tf.Tensor, turnA = false, turnB = false): tf.Tensor {
  return tf.matMul(a, b, turnA, turnB);
}

/** [batch, time, n·width] → n tensors [batch, heads, time, depth]. */
function partsOf(x: tf.Tensor, heads: number, n: number): tf.Tensor4D[] {
  const [batch, time, all] = x.shape as [number, number, number];
  const apart = tf.transpose(tf.reshape(x, [batch, time, n * heads, all / n / heads]), [0, 2, 1, 3]);
  return n === 1 ? [apart as tf.Tensor4D] : (tf.split(apart, n, 1) as tf.Tensor4D[]);
}

const threeOf = (x: tf.Tensor, heads: number): tf.Tensor4D[] => partsOf(x, heads, 3);

/** Tensors [batch, heads, time, depth], side by side → [batch, time, n·width]. */
function joined(parts: tf.Tensor[]): tf.Tensor {
  const all = parts.length === 1 ? parts[0] : tf.concat(parts, 1);
  const [batch, heads, time, depth] = all.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(all, [0, 2, 1, 3]), [batch, time, heads * depth]);
}

/**
 * Which of the new positions `past` … `past + time − 1` come into a key: 1 or 0.
 *
 * @returns reached [time, time]: column j isn't after row t; later [past + time, time]: column j is after row s
 */
function borders(time: number, past: number): { reached: tf.Tensor2D; later: tf.Tensor2D } {
  const total = past + time;
  const reached = new Float32Array(time * time);
  const later = new Float32Array(total * time);
  for (let row = 0; row < time; row++) reached.fill(1, row * time, row * time + row + 1);
  for (let row = 0; row < total; row++) {
    later.fill(1, row * time + Math.max(0, Math.min(time, row - past + 1)), (row + 1) * time);
  }
  return { reached: tf.tensor2d(reached, [time, time]), later: tf.tensor2d(later, [total, time]) };
}

/**
 * Causal attention with lookahead keys (CASTLE; Song et al. 2025, arXiv 2509.07301), to be trained through. The key of a
 * position is renewed as what comes after it unfolds: seen from position t, position s ≤ t has besides its own key a lookahead key
 *
 *   u_s = Σ sigmoid(q′_s · k′_j / √depth) v′_j   over j = s + 1 … t,
 *
 * and the score q_t·k_s / √depth − SiLU(q_t·u_s / √depth). Nothing after t comes in, so it is causal.
 *
 * @param qkv [batch, time, 3·width]: queries q, keys k, values v side by side, each heads × depth
 * @param look [batch, time, 3·width]: q′, k′, v′ likewise
 * @returns [batch, time, width]
 */
export function lookaheadAttention(
  qkv: tf.Tensor,
  look: tf.Tensor,
  heads: number,
  options: { readonly dropout?: Dropout } = {},
): tf.Tensor {
  checkPair(qkv, look, heads);
  return runLookaheadAttention({ qkv, look }, { heads, ...dropoutAttributes(options.dropout) });
}

/**
 * `lookaheadAttention` of new positions over those before them and themselves; for generating, so without gradient. A step adds what
 * the new positions bring to the lookahead keys of those before. Where these sums were dropped (the cache was cut), they are
 * computed again from all positions.
 *
 * Kernel `AttaccaCachedLookaheadAttention`: qkv and look [batch, time, 3·width], and if there is a past, `keys`, `values`, `lookahead` and (if
 * they weren't dropped) `sums`, as in `CachedPositions`; attribute `heads` → y [batch, time, width], and the four of all positions.
 *
 * @param past what is kept of the positions before them, if any; it stays as it is
 * @returns y [batch, time, width], and what is to be kept of all positions
 */
export function cachedLookaheadAttention(
  qkv: tf.Tensor,
  look: tf.Tensor,
  heads: number,
  past?: CachedPositions,
): CachedPositions & { readonly y: tf.Tensor } {
  checkPair(qkv, look, heads);
  const kernel = "AttaccaCachedLookaheadAttention";
  if (hasKernel(kernel)) {
    const [y, ...kept] = runKernel(kernel, { qkv, look, ...present(past) }, { heads });
    const [keys, values, lookahead, sums] = kept as tf.Tensor4D[];
    return { y, keys, values, lookahead, sums };
  }
  return tf.tidy(() => {
    const [q, newKeys, newValues] = threeOf(qkv, heads);
    const [lookQ, lookK, lookV] = threeOf(look, heads);
    const [, , time, depth] = q.shape;
    const scale = 1 / Math.sqrt(depth);
    const added = tf.concat([lookQ, lookK, lookV], 3);
    const before = past?.lookahead;
    const after = (x: tf.Tensor4D | undefined, more: tf.Tensor4D): tf.Tensor4D =>
      x === undefined ? more : tf.concat([x, more], 2);
    const keys = after(past?.keys, newKeys);
    const values = after(past?.values, newValues);
    const lookahead = after(before, added);
    const pastSums = before && (past?.sums ?? sumsOf(before));
    const sums = after(pastSums, tf.zerosLike(lookV));
    const pastTime = before?.shape[2] ?? 0;
    const { reached, later } = borders(time, pastTime);
    const allLookQ = tf.slice4d(lookahead, [0, 0, 0, 0], [-1, -1, -1, depth]);
    const b = tf.mul(tf.sigmoid(tf.mul(times(allLookQ, lookK, false, true), scale)), later);
    const a = tf.mul(tf.mul(times(q, lookV, false, true), scale), reached);
    const u = tf.add(tf.mul(times(q, sums, false, true), scale), times(a, b, false, true));
    const scores = tf.sub(tf.mul(times(q, keys, false, true), scale), tf.mul(u, tf.sigmoid(u)));
    const probabilities = tf.softmax(time === 1 ? scores : tf.add(scores, causalMask(time, pastTime + time)));
    const newSums = tf.add(sums, times(b, lookV)) as tf.Tensor4D;
    return { y: joined([times(probabilities, values)]), keys, values, lookahead, sums: newSums };
  });
}

function present(past: CachedPositions | undefined): Named {
  return Object.fromEntries(Object.entries(past ?? {}).filter(([, tensor]) => tensor !== undefined));
}

/** The lookahead keys of all positions, seen from the last one: [batch, heads, positions, depth]. */
function sumsOf(lookahead: tf.Tensor4D): tf.Tensor4D {
  const [lookQ, lookK, lookV] = tf.split(lookahead, 3, 3) as tf.Tensor4D[];
  const { later } = borders(lookQ.shape[2], 0);
  const scores = tf.mul(times(lookQ, lookK, false, true), 1 / Math.sqrt(lookQ.shape[3]));
  return times(tf.mul(tf.sigmoid(scores), later), lookV) as tf.Tensor4D;
}

function checkPair(qkv: tf.Tensor, look: tf.Tensor, heads: number): void {
  checkHeads(qkv, heads);
  if (look.shape.join() !== qkv.shape.join()) {
    throw invalid("look of attention", `[${look.shape}]`, `[${qkv.shape}], as qkv`);
  }
}
