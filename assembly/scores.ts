/*
 * What attention does to scores of 8 queries that lie turned, [keys][8 queries], a query a lane: a maximum, a sum or a power
 * over the keys is plain vertical arithmetic.
 */
import { firstWords, keepAt, keepWords, secondWords } from "./threefry";
import { exp } from "./vector";

/** Puts −∞ where a key comes after its query, from key `from` on; lane l is query first + l. */
export function hideLaterKeys(scores: usize, first: i32, from: i32, seen: i32): void {
  const hidden = f32x4.splat(-Infinity);
  for (let j = from; j < seen; j++) {
    const at = scores + <usize>j * 32;
    const lane = i32x4.splat(j - first);
    v128.store(at, v128.bitselect(hidden, v128.load(at), i32x4.lt_s(i32x4(0, 1, 2, 3), lane)));
    v128.store(at, v128.bitselect(hidden, v128.load(at, 16), i32x4.lt_s(i32x4(4, 5, 6, 7), lane)), 16);
  }
}

/** What `softmax` leaves: maxima, sums, and the factors that powers become probabilities by. */
export let lowHighest: v128 = i32x4.splat(0);
export let highHighest: v128 = i32x4.splat(0);
export let lowSum: v128 = i32x4.splat(0);
export let highSum: v128 = i32x4.splat(0);
export let lowFactor: v128 = i32x4.splat(0);
export let highFactor: v128 = i32x4.splat(0);

/** Replaces scores by exp(score − maximum) in each lane. */
export function softmax(scores: usize, seen: i32): void {
  const end = scores + <usize>seen * 32;
  let a = v128.load(scores);
  let b = v128.load(scores, 16);
  for (let at = scores + 32; at < end; at += 32) {
    a = f32x4.max(a, v128.load(at));
    b = f32x4.max(b, v128.load(at, 16));
  }
  let aSum = f32x4.splat(0);
  let bSum = f32x4.splat(0);
  for (let at = scores; at < end; at += 32) {
    const low = exp(f32x4.sub(v128.load(at), a));
    const high = exp(f32x4.sub(v128.load(at, 16), b));
    v128.store(at, low);
    v128.store(at, high, 16);
    aSum = f32x4.add(aSum, low);
    bSum = f32x4.add(bSum, high);
  }
  lowHighest = a;
  highHighest = b;
  lowSum = aSum;
  highSum = bSum;
  lowFactor = f32x4.div(f32x4.splat(1), aSum);
  highFactor = f32x4.div(f32x4.splat(1), bSum);
}

/**
 * Dropout of scores (threefry.ts).
 *
 * @param firstRow the first query's place among those of all heads and sequences
 * @param keys how many keys a query has
 */
export function dropScores(
  scores: usize,
  firstRow: i32,
  seen: i32,
  keys: i32,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
): void {
  const rows = i32x4.splat(firstRow);
  const low = i32x4.add(rows, i32x4(0, 1, 2, 3));
  const high = i32x4.add(rows, i32x4(4, 5, 6, 7));
  dropLanes(scores, low, seen, keys, limit, key0, key1, keep);
  dropLanes(scores + 16, high, seen, keys, limit, key0, key1, keep);
}

/** Four lanes of all keys; `rows` are the queries. */
function dropLanes(
  scores: usize,
  rows: v128,
  seen: i32,
  keys: i32,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
): void {
  const first = i32x4.mul(rows, i32x4.splat(keys));
  const paired = (keys & 1) == 0;
  let next = i32x4.splat(0);
  for (let j = 0; j < seen; j++) {
    let factor: v128;
    if (paired && (j & 1) == 1) {
      factor = keepWords(next, limit, keep);
    } else if (paired) {
      // Where rows begin at even indexes, a counter's two words are those of two keys in turn.
      factor = keepWords(
        firstWords(key0, key1, i32x4.shr_u(i32x4.add(first, i32x4.splat(j)), 1)),
        limit,
        keep,
      );
      next = secondWords();
    } else {
      factor = keepAt(key0, key1, i32x4.add(first, i32x4.splat(j)), limit, keep);
    }
    const at = scores + <usize>j * 32;
    v128.store(at, f32x4.mul(v128.load(at), factor));
  }
}

export function storeLanes(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}

/** [depth][8 queries] · factor of the query → `count` rows of depth values, `row` bytes apart. */
export function storeTurned(
  from: usize,
  to: usize,
  row: usize,
  count: i32,
  depth: i32,
  low: v128,
  high: v128,
): void {
  let d = 0;
  for (; d + 4 <= depth; d += 4) {
    const at = from + <usize>d * 32;
    storeFour(at, to + <usize>d * 4, row, count, low);
    if (count > 4) storeFour(at + 16, to + <usize>d * 4 + 4 * row, row, count - 4, high);
  }
  for (; d < depth; d++) {
    const at = from + <usize>d * 32;
    storeLanes(at, f32x4.mul(v128.load(at), low), f32x4.mul(v128.load(at, 16), high));
    for (let i = 0; i < count; i++) {
      store<f32>(to + <usize>i * row + <usize>d * 4, load<f32>(at + <usize>i * 4));
    }
  }
}

function storeFour(from: usize, to: usize, row: usize, count: i32, factor: v128): void {
  const a = f32x4.mul(v128.load(from), factor);
  const b = f32x4.mul(v128.load(from, 32), factor);
  const c = f32x4.mul(v128.load(from, 64), factor);
  const d = f32x4.mul(v128.load(from, 96), factor);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(abLow, cdLow, 0, 2));
  if (count > 1) v128.store(to + row, v128.shuffle<f64>(abLow, cdLow, 1, 3));
  if (count > 2) v128.store(to + 2 * row, v128.shuffle<f64>(abHigh, cdHigh, 0, 2));
  if (count > 3) v128.store(to + 3 * row, v128.shuffle<f64>(abHigh, cdHigh, 1, 3));
}
