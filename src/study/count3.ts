import { randomStream } from "../random.js";

/**
 * The number of ordered pairs (i, j) of places from 1 to n with x_i + x_j + x_n ≡ 0 mod n, taken mod n (Ewer et al. 2024,
 * section 6), for n = `ids.length`.
 */
export function count3(ids: readonly number[]): number {
  const n = ids.length;
  const residues = new Array<number>(n).fill(0);
  for (const id of ids) residues[id % n]++;
  const last = ids[n - 1];
  let pairs = 0;
  for (const id of ids) pairs += residues[(((-id - last) % n) + n) % n];
  return pairs % n;
}

/** How sequences are made. */
export interface Count3Options {
  /** Ids in a sequence; also the size of the vocabulary. */
  readonly length: number;
  /** Ids that are random; each that follows is the `count3` of those before it. */
  readonly given: number;
}

/** A sequence of `length` + 1 ids, a function of (purpose, number). */
export function count3Sequence({ length, given }: Count3Options, purpose: string, number: number): number[] {
  const stream = randomStream(0, purpose, number);
  const ids = Array.from({ length: given }, () => stream.below(length));
  while (ids.length <= length) ids.push(count3(ids));
  return ids;
}
