/*
 * A few rows times a matrix of signed bytes with a scale for each column: y = x · (bytes · scale) + bias, for generating.
 * Each row of x is rounded to whole numbers from -127 to 127 with a scale of its own, so that the sums are sums of whole
 * numbers: exact, whatever the order, the build and the number of threads.
 *
 * The bytes lie in panels of 16 columns, and in a panel by four depths: byte 64·(k / 4) + 4·c + k mod 4 belongs to column
 * c and depth k. Four vectors then hold four depths of all 16 columns, against one broadcast of four values of x: every
 * lane adds up its own column, and memory is read from the front to the back. What is missing to whole panels is 0.
 *
 * The relaxed build has an instruction for four products of bytes and their sum, but only its second operand's values
 * from 0 to 127 mean the same everywhere. So x goes in twice, what is above 0 and what is below, and the second sum is
 * subtracted from the first. A sum of two such products is 2 · 127 · 127 at most, below where an intermediate of 16 bits
 * would be cut off.
 */
import { finishFour, finishOne } from "./matvec";
import { argument, parallel, scratchOfThread, setArgument, threadCount } from "./pool";

/** Columns of a panel. */
const PANEL = 16;
/** Rows of x that one task rounds. */
const ROUNDED_TOGETHER = 8;
/** Rows of x that go over a panel together: what stays in the second-level cache. */
const TOGETHER = 64;
/** Panels of a task at most. */
const STRIPE = 64;
/** Below this largest value a row counts as zero: the reciprocal of its scale would be infinite. */
const SMALLEST: f32 = 1e-30;

const X: usize = 0;
const WEIGHT: usize = 4;
const SCALES: usize = 8;
const BIAS: usize = 12;
const Y: usize = 16;
const ROWS: usize = 20;
const DEPTH: usize = 24;
const COLUMNS: usize = 28;
const FINISH: usize = 32;
const ROUNDED: usize = 36;
const PANELS: usize = 40;

/** Bytes of a rounded row: two forms of four values in eight bytes. */
function roundedRow(depth: i32): usize {
  return (<usize>((depth + 3) >> 2)) << 3;
}

/** Bytes of working memory that `multiplyInt8` needs. */
export function int8Scratch(rows: i32, depth: i32): i32 {
  return rows * (<i32>roundedRow(depth) + 8);
}

/**
 * @param x [rows, depth] f32
 * @param weight panels of bytes, see above
 * @param scales [columns] f32
 * @param bias [columns] f32, or 0
 * @param y [rows, columns] f32
 * @param finish what happens to it: `REPLACE`, `ADD` or `GELU`
 * @param work int8Scratch(rows, depth) bytes
 */
export function multiplyInt8(
  x: usize,
  weight: usize,
  scales: usize,
  bias: usize,
  y: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  finish: i32,
  work: usize,
): void {
  setArgument(X, x);
  setArgument(WEIGHT, weight);
  setArgument(SCALES, scales);
  setArgument(BIAS, bias);
  setArgument(Y, y);
  setArgument(ROWS, rows);
  setArgument(DEPTH, depth);
  setArgument(COLUMNS, columns);
  setArgument(FINISH, finish);
  setArgument(ROUNDED, work);
  if (rows <= ROUNDED_TOGETHER) roundTask(0);
  else parallel(roundTask.index, (rows + ROUNDED_TOGETHER - 1) / ROUNDED_TOGETHER);
  const panels = (columns + PANEL - 1) / PANEL;
  const stripes = 2 * threadCount();
  const width = max(2, min(STRIPE, (panels + stripes - 1) / stripes));
  setArgument(PANELS, width);
  parallel(stripeTask.index, (panels + width - 1) / width);
}

/** The scales of all rows come first, then the rows. */
function roundTask(index: i32): void {
  const depth = <i32>argument(DEPTH);
  const rows = <i32>argument(ROWS);
  const scales = argument(ROUNDED);
  const rounded = scales + <usize>rows * 8;
  const last = min(rows, (index + 1) * ROUNDED_TOGETHER);
  for (let i = index * ROUNDED_TOGETHER; i < last; i++) {
    const x = argument(X) + <usize>(i * depth) * 4;
    store<f32>(scales + <usize>i * 8, roundRow(x, rounded + <usize>i * roundedRow(depth), depth));
  }
}

/** Rounds a row, ties to even; gives its scale. What isn't a number makes the scale none, and so all of the row's y. */
function roundRow(x: usize, to: usize, depth: i32): f32 {
  const end = x + <usize>(depth & ~3) * 4;
  let highs = f32x4.splat(0);
  for (let at = x; at < end; at += 16) highs = f32x4.max(highs, f32x4.abs(v128.load(at)));
  const tail = tailOf(end, depth & 3);
  highs = f32x4.max(highs, f32x4.abs(tail));
  const high = max<f32>(
    max<f32>(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
    max<f32>(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
  );
  const factor = f32x4.splat(high < SMALLEST ? <f32>0 : <f32>127 / high);
  for (let at = x; at < end; at += 16) {
    storeFour(to, f32x4.mul(v128.load(at), factor));
    to += 8;
  }
  if ((depth & 3) != 0) storeFour(to, f32x4.mul(tail, factor));
  return high / <f32>127;
}

/** The last one to three values, and zeros. */
function tailOf(at: usize, count: i32): v128 {
  let tail = f32x4.splat(0);
  if (count > 0) tail = f32x4.replace_lane(tail, 0, load<f32>(at));
  if (count > 1) tail = f32x4.replace_lane(tail, 1, load<f32>(at, 4));
  if (count > 2) tail = f32x4.replace_lane(tail, 2, load<f32>(at, 8));
  return tail;
}

/** Four rounded values in eight bytes: the positive and the negative ones as bytes, or all as 16-bit numbers. */
function storeFour(to: usize, values: v128): void {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(values));
  const halves = i16x8.narrow_i32x4_s(whole, whole);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const zero = i16x8.splat(0);
    const above = i16x8.max_s(halves, zero);
    const below = i16x8.max_s(i16x8.neg(halves), zero);
    const bytes = i8x16.narrow_i16x8_s(above, below);
    v128.store32_lane(to, bytes, 0);
    v128.store32_lane(to, bytes, 2, 4);
  } else {
    v128.store64_lane(to, halves, 0);
  }
}

function stripeTask(index: i32): void {
  const columns = <i32>argument(COLUMNS);
  const depth = <i32>argument(DEPTH);
  const rows = <i32>argument(ROWS);
  const row = roundedRow(depth);
  const first = index * <i32>argument(PANELS) * PANEL;
  const end = min(columns, first + <i32>argument(PANELS) * PANEL);
  const scales = argument(ROUNDED);
  const rounded = scales + <usize>rows * 8;
  for (let i = 0; i < rows; i += TOGETHER) {
    const last = min(rows, i + TOGETHER);
    for (let column = first; column < end; column += PANEL) {
      // Eight bytes of a rounded row stand against 64 of the panel.
      const panel = argument(WEIGHT) + <usize>(column / PANEL) * (row << 3);
      for (let r = i; r < last; r++) {
        const scale = load<f32>(scales + <usize>r * 8);
        panelTimesRow(panel, rounded + <usize>r * row, row, scale, r, column, columns);
      }
    }
  }
}

/** One row of x over one panel. */
function panelTimesRow(
  panel: usize,
  x: usize,
  bytes: usize,
  scale: f32,
  row: i32,
  column: i32,
  columns: i32,
): void {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  let e = i32x4.splat(0);
  let f = i32x4.splat(0);
  let g = i32x4.splat(0);
  let h = i32x4.splat(0);
  const end = x + bytes;
  if (ASC_FEATURE_RELAXED_SIMD) {
    for (; x < end; x += 8) {
      const above = v128.load32_splat(x);
      const below = v128.load32_splat(x, 4);
      const first = v128.load(panel);
      const second = v128.load(panel, 16);
      const third = v128.load(panel, 32);
      const fourth = v128.load(panel, 48);
      a = i32x4.relaxed_dot_i8x16_i7x16_add_s(first, above, a);
      b = i32x4.relaxed_dot_i8x16_i7x16_add_s(first, below, b);
      c = i32x4.relaxed_dot_i8x16_i7x16_add_s(second, above, c);
      d = i32x4.relaxed_dot_i8x16_i7x16_add_s(second, below, d);
      e = i32x4.relaxed_dot_i8x16_i7x16_add_s(third, above, e);
      f = i32x4.relaxed_dot_i8x16_i7x16_add_s(third, below, f);
      g = i32x4.relaxed_dot_i8x16_i7x16_add_s(fourth, above, g);
      h = i32x4.relaxed_dot_i8x16_i7x16_add_s(fourth, below, h);
      panel += 64;
    }
    a = i32x4.sub(a, b);
    c = i32x4.sub(c, d);
    e = i32x4.sub(e, f);
    g = i32x4.sub(g, h);
  } else {
    for (; x < end; x += 8) {
      const four = v128.load64_splat(x);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(panel), four));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 8), four));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 16), four));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 24), four));
      e = i32x4.add(e, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 32), four));
      f = i32x4.add(f, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 40), four));
      g = i32x4.add(g, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 48), four));
      h = i32x4.add(h, i32x4.dot_i16x8_s(v128.load8x8_s(panel, 56), four));
      panel += 64;
    }
    a = addPairs(a, b);
    c = addPairs(c, d);
    e = addPairs(e, f);
    g = addPairs(g, h);
  }
  const y = argument(Y) + <usize>(row * columns) * 4;
  finishSums(a, y, scale, column, columns);
  finishSums(c, y, scale, column + 4, columns);
  finishSums(e, y, scale, column + 8, columns);
  finishSums(g, y, scale, column + 12, columns);
}

/** Two columns lie in each operand, two sums of each: their four sums. */
function addPairs(low: v128, high: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

/** Four sums into y, as far as there are columns. No fused multiply-add: both builds give the same bits. */
function finishSums(sums: v128, y: usize, scale: f32, column: i32, columns: i32): void {
  const finish = <i32>argument(FINISH);
  const bias = argument(BIAS);
  const at = <usize>column * 4;
  const values = f32x4.convert_i32x4_s(sums);
  const factor = f32x4.splat(scale);
  if (column + 4 <= columns) {
    let value = f32x4.mul(values, f32x4.mul(factor, v128.load(argument(SCALES) + at)));
    if (bias != 0) value = f32x4.add(value, v128.load(bias + at));
    finishFour(y + at, value, finish);
    return;
  }
  const kept = scratchOfThread();
  v128.store(kept, values);
  for (let j = column; j < columns; j++) {
    const one = <usize>j * 4;
    const own = f32x4.mul(factor, v128.load32_zero(argument(SCALES) + one));
    let value = f32x4.mul(v128.load32_zero(kept + one - at), own);
    if (bias != 0) value = f32x4.add(value, v128.load32_zero(bias + one));
    finishOne(y + one, value, finish);
  }
}
