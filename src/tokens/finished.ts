import type { Tokenizer } from "./tokenizer.js";

/**
 * How many of the ids of a window stand in finished bars (for chorales, which know no bars: in finished quarters), when the id at
 * `length` is yet to come. The line before them is the last one at or before `length`; of the ids, only those below `length` are
 * looked at, so that nothing is known of what comes.
 *
 * @param ids a stream from its begin token on
 * @param start where the window begins
 * @returns 0 to `length` − `start`; 0 where the window's first bar isn't finished
 */
export function finishedIds(
  tokenizer: Pick<Tokenizer, "unitStart" | "isBoundary">,
  ids: ArrayLike<number>,
  start: number,
  length: number,
): number {
  const fromGrid = tokenizer.unitStart?.(length);
  if (fromGrid !== undefined) return Math.max(0, fromGrid - start);
  for (let index = length - 1; index > start; index--) {
    if (tokenizer.isBoundary(ids[index])) return index - start;
  }
  return 0;
}
