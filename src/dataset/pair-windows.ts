import type { Tokenizer } from "../tokens/index.js";

/** Where the bars of a framed stream begin, as indices of their first ids, ascending. */
export function barLines(ids: ArrayLike<number>, tokenizer: Tokenizer): number[] {
  const lines: number[] = [];
  for (let i = 0; i < ids.length; i++) if (tokenizer.isBoundary(ids[i])) lines.push(i);
  return lines;
}

/** The bar that the id at an index stands in; 0 for the begin token. */
export function barAt(lines: readonly number[], index: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle] <= index) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** What an encoder reads of a melody: the ids from `start` up to `end`, which are the bars before `endBar`. */
export interface MelodyPart {
  readonly start: number;
  readonly end: number;
  /** Infinity where the melody's end is in it: all bars behind that are known to be empty. */
  readonly endBar: number;
}

/**
 * A melody from a bar on: as many whole bars as fit `most` ids, and its end token where that fits too. Of a bar that is longer only the
 * beginning is taken. Where the melody has no such bar any more, its end token tells so.
 *
 * @param melody framed ids
 * @param lines of the melody; see `barLines`
 */
export function melodyFrom(
  melody: ArrayLike<number>,
  lines: readonly number[],
  bar: number,
  most: number,
): MelodyPart {
  const { length } = melody;
  if (bar >= lines.length) return { start: length - 1, end: length, endBar: Number.POSITIVE_INFINITY };
  const start = lines[bar];
  if (length - start <= most) return { start, end: length, endBar: Number.POSITIVE_INFINITY };
  const endBar = Math.max(bar + 1, barAt(lines, start + most));
  return { start, end: Math.min(start + most, lines[endBar] ?? length), endBar };
}

/** The last bar line behind `after` and at or before `wanted`; where a bar is too long for that, `wanted` itself. */
export function lineBefore(lines: readonly number[], wanted: number, after: number): number {
  const line = lines[barAt(lines, wanted)] ?? 0;
  return line > after && line <= wanted ? line : wanted;
}
