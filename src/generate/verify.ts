import { weightFormOf } from "../model/index.js";
import { createDecoder, type LanguageModel } from "./decoder.js";
import { type WindowRule, windowStart } from "./window.js";

/** A model, and the sequences on which both ways of decoding are compared. */
export interface VerifyOptions extends LanguageModel, Omit<WindowRule, "contextLength"> {
  /** Whole sequences, the prompt included; each at least `promptLength` long. */
  readonly sequences: readonly ArrayLike<number>[];
  /** Ids of each sequence that were given; 1 or more. */
  readonly promptLength: number;
  /** Called, and waited for, after each position: how many of how many are done. */
  readonly onProgress?: (done: number, total: number) => void | Promise<void>;
  readonly signal?: { readonly aborted: boolean };
}

/** How far cached decoding and recomputing are apart on given sequences. */
export interface Verification {
  /** Logit vectors that were compared: one for each generated id. */
  readonly positions: number;
  /** The largest absolute difference of two logits. */
  readonly maxDifference: number;
  /** Where it was found, as an index into the sequence. */
  readonly worst: { readonly sample: number; readonly position: number };
  /** Times that a window was cut, over all samples. */
  readonly slides: number;
  /** What difference is allowed: `LOGIT_TOLERANCE`, or `INT8_LOGIT_TOLERANCE`. */
  readonly tolerance: number;
  /** Whether the difference is within it. */
  readonly agrees: boolean;
}

/** Cached and recomputed logits may differ by rounding, and no more: sums are taken in another order. */
export const LOGIT_TOLERANCE = 1e-4;

/**
 * The same for weights in int8. The simd engine gives the same bits both ways. On another, a difference in the last bit can fall
 * on the other side of a rounding, which moves what comes after it by as much as quantising itself did.
 */
export const INT8_LOGIT_TOLERANCE = 0.5;

/**
 * Proves on given sequences that cached decoding equals recomputing: both go through the sequences in step, fed with
 * the ids that are there, and their logits are compared at every position from the prompt's end on.
 *
 * @throws AttaccaError `invalid` for ids outside the vocabulary, `unsupported` for full attention
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { sequences, promptLength, onProgress, signal } = options;
  const rule: WindowRule = { ...options, contextLength: options.config.n_positions };
  const cached = createDecoder(options, "cached", rule);
  const recompute = createDecoder(options, "recompute", rule);
  const total = sequences.reduce((sum, ids) => sum + ids.length - promptLength, 0);
  const starts = sequences.map(() => -1);
  const prefixes = sequences.map((ids) => Array.from(ids).slice(0, promptLength));
  let result: Verification = {
    positions: 0,
    maxDifference: 0,
    worst: { sample: 0, position: promptLength },
    slides: 0,
    tolerance: weightFormOf(options.parameters) === "int8" ? INT8_LOGIT_TOLERANCE : LOGIT_TOLERANCE,
    agrees: true,
  };
  try {
    for (let position = promptLength; result.positions < total && !signal?.aborted; position++) {
      const rows = [...sequences.keys()].filter((sample) => position < sequences[sample].length);
      const step = rows.map((sample) => {
        const ids = prefixes[sample];
        return { sample, ids, start: windowStart(ids, position, rule, Math.max(0, starts[sample])) };
      });
      let { slides } = result;
      for (const { sample, start } of step) {
        if (starts[sample] !== -1 && starts[sample] !== start) slides++;
        starts[sample] = start;
      }
      const [ours, theirs] = [await cached.next(step), await recompute.next(step)];
      let { maxDifference, worst } = result;
      for (const [row, { sample }] of step.entries()) {
        const difference = largestDifference(ours[row], theirs[row]);
        // Not `>`: a difference that isn't a number is the worst of all.
        if (!(difference <= maxDifference)) {
          maxDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
          worst = { sample, position };
        }
      }
      const positions = result.positions + step.length;
      const { tolerance } = result;
      const agrees = maxDifference <= tolerance;
      result = { positions, maxDifference, worst, slides, tolerance, agrees };
      for (const sample of rows) prefixes[sample].push(sequences[sample][position]);
      await onProgress?.(positions, total);
    }
  } finally {
    cached.dispose();
    recompute.dispose();
  }
  return result;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
