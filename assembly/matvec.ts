/*
 * A few rows times a matrix, for generating: the matrix is read once from memory, in its own order, which is what
 * the time goes into. A task takes a stripe of columns (or, for a matrix that lies turned, of its rows) and goes
 * over all rows of x, for which the stripe then lies in the second-level cache.
 */
import { argument, parallel, setArgument } from "./pool";
import { gelu, madd, sumLanes } from "./vector";

/** Columns of one task; a multiple of 4. */
const STRIPE = 128;
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
  parallel(stripeTask.index, (columns + STRIPE - 1) / STRIPE);
}

function stripeTask(index: i32): void {
  const columns = <i32>argument(COLUMNS);
  const depth = <i32>argument(DEPTH);
  const first = index * STRIPE;
  const count = min(STRIPE, columns - first);
  const at = <usize>first * 4;
  for (let i: usize = 0; i < argument(ROWS); i++) {
    const x = argument(X) + i * depth * 4;
    const y = argument(Y) + i * columns * 4 + at;
    stripe(x, argument(WEIGHT) + at, argument(BIAS) + at, y, depth, columns, count, <i32>argument(FINISH));
  }
}

/** `count` columns of one row; sums are kept in eight registers for 32 columns at a time. */
function stripe(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  depth: i32,
  columns: i32,
  count: i32,
  finish: i32,
): void {
  const row = <usize>columns * 4;
  let j = 0;
  for (; j + 32 <= count; j += 32) {
    const at = <usize>j * 4;
    let w = weight + at;
    let s0 = v128.load(bias + at);
    let s1 = v128.load(bias + at, 16);
    let s2 = v128.load(bias + at, 32);
    let s3 = v128.load(bias + at, 48);
    let s4 = v128.load(bias + at, 64);
    let s5 = v128.load(bias + at, 80);
    let s6 = v128.load(bias + at, 96);
    let s7 = v128.load(bias + at, 112);
    const end = x + <usize>depth * 4;
    for (let from = x; from < end; from += 4) {
      const value = v128.load32_splat(from);
      s0 = madd(value, v128.load(w), s0);
      s1 = madd(value, v128.load(w, 16), s1);
      s2 = madd(value, v128.load(w, 32), s2);
      s3 = madd(value, v128.load(w, 48), s3);
      s4 = madd(value, v128.load(w, 64), s4);
      s5 = madd(value, v128.load(w, 80), s5);
      s6 = madd(value, v128.load(w, 96), s6);
      s7 = madd(value, v128.load(w, 112), s7);
      w += row;
    }
    const to = y + at;
    finishFour(to, s0, finish);
    finishFour(to + 16, s1, finish);
    finishFour(to + 32, s2, finish);
    finishFour(to + 48, s3, finish);
    finishFour(to + 64, s4, finish);
    finishFour(to + 80, s5, finish);
    finishFour(to + 96, s6, finish);
    finishFour(to + 112, s7, finish);
  }
  for (; j < count; j++) {
    const at = <usize>j * 4;
    let sum = v128.load32_zero(bias + at);
    for (let k: usize = 0; k < <usize>depth; k++) {
      sum = madd(v128.load32_zero(x + k * 4), v128.load32_zero(weight + at + k * row), sum);
    }
    finishOne(y + at, sum, finish);
  }
}

function finishFour(to: usize, value: v128, finish: i32): void {
  if (finish == ADD) value = f32x4.add(v128.load(to), value);
  if (finish == GELU) value = gelu(value);
  v128.store(to, value);
}

function finishOne(to: usize, value: v128, finish: i32): void {
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
