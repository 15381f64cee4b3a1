/*
 * A few rows times a matrix, for generating: the matrix is read once from memory, in its own order, which is what
 * the time goes into. A task takes a stripe of columns (or, for a matrix that lies turned, of its rows), and all rows
 * of x go over it while it is in the cache.
 */
import { argument, parallel, scratchOfThread, setArgument, threadCount } from "./pool";
import { gelu, madd, sumLanes } from "./vector";

/** Columns of one task at most, a multiple of 4: what a thread has scratch memory for, with much to spare. */
const STRIPE = 1024;
/** Rows of x that go over the matrix together. */
const TOGETHER = 16;
/** Rows of a turned matrix that one task takes; a multiple of 4. */
const TURNED_STRIPE = 32;

const X: usize = 0;
const WEIGHT: usize = 4;
const BIAS: usize = 8;
const Y: usize = 12;
const ROWS: usize = 16;
const DEPTH: usize = 20;
const COLUMNS: usize = 24;
const FINISH: usize = 28;
const WIDTH: usize = 32;

/** What happens to x · weight + bias: it is y, it is added to y, or y is GELU of it. */
export const REPLACE = 0;
export const ADD = 1;
export const GELU = 2;

/** y [rows, columns] of x [rows, depth] and weight [depth, columns]; see `REPLACE` and the others for `finish`. */
export function multiplyRows(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  finish: i32,
): void {
  setArgument(X, x);
  setArgument(WEIGHT, weight);
  setArgument(BIAS, bias);
  setArgument(Y, y);
  setArgument(ROWS, rows);
  setArgument(DEPTH, depth);
  setArgument(COLUMNS, columns);
  setArgument(FINISH, finish);
  const threads = threadCount();
  // Long reads are fast ones, but a thread that comes late should find less left to do: two stripes for each.
  const even = (((columns + 2 * threads - 1) / (2 * threads) + 31) / 32) * 32;
  const width = max(32, min(STRIPE, even));
  setArgument(WIDTH, width);
  parallel(stripeTask.index, (columns + width - 1) / width);
}

function stripeTask(index: i32): void {
  const columns = <i32>argument(COLUMNS);
  const depth = <i32>argument(DEPTH);
  const first = index * <i32>argument(WIDTH);
  const count = min(<i32>argument(WIDTH), columns - first);
  const at = <usize>first * 4;
  for (let i = 0; i < <i32>argument(ROWS); i += TOGETHER) {
    const x = argument(X) + <usize>(i * depth) * 4;
    const y = argument(Y) + <usize>(i * columns) * 4 + at;
    const rows = min(TOGETHER, <i32>argument(ROWS) - i);
    stripe(
      x,
      argument(WEIGHT) + at,
      argument(BIAS) + at,
      y,
      rows,
      depth,
      columns,
      count,
      <i32>argument(FINISH),
    );
  }
}

/**
 * `count` columns of a few rows. Eight rows of the matrix at a time are read along the stripe, by all rows of x, and
 * the sums stay in the first-level cache: down a narrow column every step would be another page, which no
 * prefetcher follows.
 */
function stripe(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  count: i32,
  finish: i32,
): void {
  const row = <usize>columns * 4;
  const xRow = <usize>depth * 4;
  const bytes = <usize>count * 4;
  const sums = scratchOfThread();
  for (let i: usize = 0; i < <usize>rows; i++) memory.copy(sums + i * bytes, bias, bytes);
  let k = 0;
  for (; k + 8 <= depth; k += 8) {
    const at = weight + <usize>k * row;
    for (let i: usize = 0; i < <usize>rows; i++) {
      eightRows(x + i * xRow + <usize>k * 4, at, row, sums + i * bytes, bytes);
    }
  }
  for (; k < depth; k++) {
    const at = weight + <usize>k * row;
    for (let i: usize = 0; i < <usize>rows; i++) {
      oneRow(v128.load32_splat(x + i * xRow + <usize>k * 4), at, sums + i * bytes, bytes);
    }
  }
  for (let i: usize = 0; i < <usize>rows; i++) finishRow(sums + i * bytes, y + i * row, bytes, finish);
}

function finishRow(sums: usize, y: usize, bytes: usize, finish: i32): void {
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) finishFour(y + j, v128.load(sums + j), finish);
  for (; j < bytes; j += 4) finishOne(y + j, v128.load32_zero(sums + j), finish);
}

/** sums += eight values of x times eight rows. */
function eightRows(x: usize, weight: usize, row: usize, sums: usize, bytes: usize): void {
  const x0 = v128.load32_splat(x);
  const x1 = v128.load32_splat(x, 4);
  const x2 = v128.load32_splat(x, 8);
  const x3 = v128.load32_splat(x, 12);
  const x4 = v128.load32_splat(x, 16);
  const x5 = v128.load32_splat(x, 20);
  const x6 = v128.load32_splat(x, 24);
  const x7 = v128.load32_splat(x, 28);
  const w4 = weight + 4 * row;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    let low = weight + j;
    let high = w4 + j;
    let sum = madd(x0, v128.load(low), v128.load(sums + j));
    let other = f32x4.mul(x4, v128.load(high));
    low += row;
    high += row;
    sum = madd(x1, v128.load(low), sum);
    other = madd(x5, v128.load(high), other);
    low += row;
    high += row;
    sum = madd(x2, v128.load(low), sum);
    other = madd(x6, v128.load(high), other);
    sum = madd(x3, v128.load(low + row), sum);
    other = madd(x7, v128.load(high + row), other);
    v128.store(sums + j, f32x4.add(sum, other));
  }
  for (; j < bytes; j += 4) {
    let sum = load<f32>(sums + j);
    for (let k: usize = 0; k < 8; k++) sum += load<f32>(x + k * 4) * load<f32>(weight + k * row + j);
    store<f32>(sums + j, sum);
  }
}

function oneRow(x: v128, weight: usize, sums: usize, bytes: usize): void {
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) v128.store(sums + j, madd(x, v128.load(weight + j), v128.load(sums + j)));
  for (; j < bytes; j += 4) {
    v128.store32_lane(sums + j, madd(x, v128.load32_zero(weight + j), v128.load32_zero(sums + j)), 0);
  }
}

export function finishFour(to: usize, value: v128, finish: i32): void {
  if (finish == ADD) value = f32x4.add(v128.load(to), value);
  if (finish == GELU) value = gelu(value);
  v128.store(to, value);
}

export function finishOne(to: usize, value: v128, finish: i32): void {
  if (finish == ADD) value = f32x4.add(v128.load32_zero(to), value);
  if (finish == GELU) value = gelu(value);
  v128.store32_lane(to, value, 0);
}

/** y [rows, columns] of x [rows, depth] and weight [columns, depth], as the tied head has it. */
export function multiplyTurnedRows(
  x: usize,
  weight: usize,
  y: usize,
  rows: i32,
  depth: i32,
  columns: i32,
): void {
  setArgument(X, x);
  setArgument(WEIGHT, weight);
  setArgument(Y, y);
  setArgument(ROWS, rows);
  setArgument(DEPTH, depth);
  setArgument(COLUMNS, columns);
  parallel(turnedTask.index, (columns + TURNED_STRIPE - 1) / TURNED_STRIPE);
}

function turnedTask(index: i32): void {
  const columns = <i32>argument(COLUMNS);
  const depth = <i32>argument(DEPTH);
  const row = <usize>depth * 4;
  const first = index * TURNED_STRIPE;
  const last = min(first + TURNED_STRIPE, columns);
  for (let i: usize = 0; i < argument(ROWS); i++) {
    const x = argument(X) + i * row;
    const y = argument(Y) + i * columns * 4;
    let j = first;
    for (; j + 4 <= last; j += 4) {
      v128.store(y + <usize>j * 4, dotFour(argument(WEIGHT) + <usize>j * row, row, x, depth));
    }
    for (; j < last; j++) store<f32>(y + <usize>j * 4, dot(argument(WEIGHT) + <usize>j * row, x, depth));
  }
}

/** The dot products of four vectors, `row` bytes apart, with x. */
export function dotFour(from: usize, row: usize, x: usize, depth: i32): v128 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  const bytes = <usize>depth * 4;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    const value = v128.load(x + j);
    const at = from + j;
    a = madd(value, v128.load(at), a);
    b = madd(value, v128.load(at + row), b);
    c = madd(value, v128.load(at + 2 * row), c);
    d = madd(value, v128.load(at + 3 * row), d);
  }
  for (; j < bytes; j += 4) {
    const value = v128.load32_zero(x + j);
    const at = from + j;
    a = madd(value, v128.load32_zero(at), a);
    b = madd(value, v128.load32_zero(at + row), b);
    c = madd(value, v128.load32_zero(at + 2 * row), c);
    d = madd(value, v128.load32_zero(at + 3 * row), d);
  }
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 2, 4, 6), v128.shuffle<f32>(c, d, 1, 3, 5, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** One such dot product, in the same order of additions. */
export function dot(from: usize, x: usize, depth: i32): f32 {
  let sum = f32x4.splat(0);
  const bytes = <usize>depth * 4;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) sum = madd(v128.load(x + j), v128.load(from + j), sum);
  for (; j < bytes; j += 4) sum = madd(v128.load32_zero(x + j), v128.load32_zero(from + j), sum);
  return sumLanes(sum);
}
