/*
 * Sums over rows of [rows, width], as biases' gradients need them: each task sums a stretch of CHUNK rows into a
 * line of its own, then the lines are added in order. So the sum is the same for any number of threads.
 */
import { argument, parallel, setArgument } from "./pool";
import { geluSlope } from "./vector";

const CHUNK = 64;

const X: usize = 0;
const OUT: usize = 4;
const ROWS: usize = 8;
const WIDTH: usize = 12;
const PARTS: usize = 16;
const BEFORE: usize = 20;
const SLOPED: usize = 24;

/** How many lines of partial sums `rows` rows need. */
export function partialLines(rows: i32): i32 {
  return (rows + CHUNK - 1) / CHUNK;
}

/** The first row of the stretch that a task of this number sums, and the one after its last. */
export function firstRowOf(index: i32): i32 {
  return index * CHUNK;
}

export function lastRowOf(index: i32, rows: i32): i32 {
  return min(index * CHUNK + CHUNK, rows);
}

/**
 * out [width] = the sum of x's rows.
 *
 * @param parts partialLines(rows) · width floats to work in
 */
export function sumRows(x: usize, out: usize, rows: i32, width: i32, parts: usize): void {
  setArgument(X, x);
  setArgument(ROWS, rows);
  setArgument(WIDTH, width);
  setArgument(PARTS, parts);
  setArgument(BEFORE, 0);
  parallel(partTask.index, partialLines(rows));
  addLines(parts, out, partialLines(rows), width, width);
}

/**
 * The gradient before GELU, and its sum over rows: sloped = dy · gelu'(before), out [width] = Σ sloped.
 *
 * @param dy,before,sloped [rows, width]
 * @param parts partialLines(rows) · width floats to work in
 */
export function geluGradient(
  dy: usize,
  before: usize,
  sloped: usize,
  out: usize,
  rows: i32,
  width: i32,
  parts: usize,
): void {
  setArgument(X, dy);
  setArgument(ROWS, rows);
  setArgument(WIDTH, width);
  setArgument(PARTS, parts);
  setArgument(BEFORE, before);
  setArgument(SLOPED, sloped);
  parallel(partTask.index, partialLines(rows));
  addLines(parts, out, partialLines(rows), width, width);
}

function partTask(index: i32): void {
  const width = <i32>argument(WIDTH);
  const bytes = <usize>width * 4;
  const part = argument(PARTS) + <usize>index * bytes;
  const first = firstRowOf(index);
  const last = lastRowOf(index, <i32>argument(ROWS));
  const before = argument(BEFORE);
  memory.fill(part, 0, bytes);
  for (let i = first; i < last; i++) {
    const at = <usize>i * bytes;
    let from = argument(X) + at;
    if (before != 0) {
      const to = argument(SLOPED) + at;
      slopeRow(from, before + at, to, width);
      from = to;
    }
    addRow(from, part, width);
  }
}

function slopeRow(dy: usize, before: usize, to: usize, width: i32): void {
  let j: usize = 0;
  const whole = <usize>(width & ~3) * 4;
  for (; j < whole; j += 16) {
    v128.store(to + j, f32x4.mul(v128.load(dy + j), geluSlope(v128.load(before + j))));
  }
  for (; j < <usize>width * 4; j += 4) {
    const value = f32x4.mul(v128.load32_zero(dy + j), geluSlope(v128.load32_zero(before + j)));
    v128.store32_lane(to + j, value, 0);
  }
}

/** to += from, `width` floats. */
export function addRow(from: usize, to: usize, width: i32): void {
  let j: usize = 0;
  const whole = <usize>(width & ~3) * 4;
  for (; j < whole; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(from + j)));
  for (; j < <usize>width * 4; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(from + j));
}

/** out [width] = the sum of `count` lines, `stride` floats apart, in order. */
export function addLines(lines: usize, out: usize, count: i32, width: i32, stride: i32): void {
  memory.fill(out, 0, <usize>width * 4);
  for (let i = 0; i < count; i++) addRow(lines + <usize>i * <usize>stride * 4, out, width);
}
