import { finishedIds, type Tokenizer } from "../tokens/index.js";

/** How a sequence that is longer than the context window is cut. */
export interface WindowRule {
  /** The most ids that the model can see. */
  readonly contextLength: number;
  /** Whether a window may begin at `ids[index]`; default: anywhere. */
  readonly boundaryAt?: (ids: ArrayLike<number>, index: number) => boolean;
  /** Windows begin at multiples of this; default 1. */
  readonly windowUnit?: number;
  /**
   * For attention by bars: how many of the ids from `start` on stand in finished bars, when the id at `length` is yet to come. It looks
   * at those before only.
   */
  readonly finished?: (ids: ArrayLike<number>, start: number, length: number) => number;
}

/** How windows on a tokenizer's streams may be cut. */
export function windowRuleOf(tokenizer: Tokenizer): Omit<WindowRule, "contextLength"> {
  const { windowUnit } = tokenizer;
  const boundaryAt = (ids: ArrayLike<number>, index: number): boolean =>
    tokenizer.boundaryAt?.(ids, index) ?? tokenizer.isBoundary(ids[index]);
  const finished = (ids: ArrayLike<number>, start: number, length: number): number =>
    finishedIds(tokenizer, ids, start, length);
  return { boundaryAt, windowUnit, finished };
}

/**
 * Where the window of a sequence begins, as an index into it: the model sees `ids[start … length − 1]` when it
 * predicts the id at `length`. Both ways of decoding ask this function, so both see the same window at every step.
 *
 * The window grows until the context is full. Then it is cut at a boundary (a bar line, for most tokenizers), so that about
 * three quarters of the context stay and a quarter is free to grow again: cached decoding runs the window again at each
 * cut, and cuts are thereby rare. Of the boundaries that leave between a quarter and three quarters of the context,
 * the first is taken; failing that, the last one before them that leaves room; failing that (a bar longer than
 * the context), the window is cut inside a bar, at half of the context.
 *
 * The start is a pure function of `ids[0 … length − 1]`, whether these were prompt or generated: for a long prompt the
 * cuts are gone through one after the other. `from` only saves that work: a start that this function gave for a shorter
 * prefix of the same ids.
 */
export function windowStart(ids: ArrayLike<number>, length: number, rule: WindowRule, from = 0): number {
  let start = from;
  while (length - start > rule.contextLength) start = cut(ids, start, start + rule.contextLength + 1, rule);
  return start;
}

/** The next start for a window from `start` that has grown to `length` − `start` ids, one more than fit. */
function cut(ids: ArrayLike<number>, start: number, length: number, rule: WindowRule): number {
  const { contextLength, boundaryAt = () => true, windowUnit: unit = 1 } = rule;
  const fits = (index: number): boolean => index % unit === 0 && boundaryAt(ids, index);
  const most = Math.max(1, Math.floor((contextLength * 3) / 4));
  const least = Math.max(1, Math.floor(contextLength / 4));
  for (let index = length - most; index <= length - least; index++) if (fits(index)) return index;
  for (let index = length - most - 1; index > start + 1; index--) if (fits(index)) return index;
  const middle = length - Math.max(1, Math.floor(contextLength / 2));
  return Math.min(Math.ceil(middle / unit) * unit, length - 1);
}
