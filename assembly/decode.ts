/*
 * A whole step of generating: the decoder of GPT-2 for one or a few new positions of each sequence, in one call. The
 * weights are streamed once (13 MB for the small model, 0.2 ms on one thread), and everything else is done between two
 * products of matrices while its few values are in the first-level cache.
 */
import { int8Scratch, multiplyInt8 } from "./int8";
import { layerNorm } from "./layer-norm";
import { ADD, dot, dotFour, GELU, multiplyRows, multiplyTurnedRows, REPLACE } from "./matvec";
import { argument, parallel, setArgument } from "./pool";
import { turnRow } from "./rotary";
import { exp, madd, sumLanes } from "./vector";

const QKV: usize = 0;
const KEYS: usize = 4;
const VALUES: usize = 8;
const Y: usize = 12;
const SCORES: usize = 16;
const HEADS: usize = 20;
const DEPTH: usize = 24;
const CAPACITY: usize = 28;
const POSITION: usize = 32;
const TIME: usize = 36;

/** Tensors of a block, in the order of its parameters: two norms, four products, each with weight and bias. */
const OF_BLOCK = 12;

/** Bytes of working memory that a step needs. */
export function decodeScratch(batch: i32, time: i32, width: i32, inner: i32, heads: i32, capacity: i32): i32 {
  const floats = batch * (time * (6 * width + inner + 2) + heads * (capacity + 4));
  return floats * 4 + int8Scratch(batch * time, max(width, inner));
}

function parameter(parameters: usize, index: i32): usize {
  return load<usize>(parameters + <usize>index * 4);
}

/**
 * @param parameters addresses of all parameters in the model's order; with `scales` the products' weights are bytes (see
 *   int8.ts), and after the last parameter comes the head's matrix in bytes
 * @param scales addresses of the bytes' scales, each at its matrix's place in `parameters`; or 0: all weights are floats
 * @param turns [time, depth] of rotary positions (see rotary.ts), or 0: the model has none
 * @param ids [batch, time] int32
 * @param keys,values [layers, batch, heads, capacity, depth]; positions `position` … `position` + time − 1 are written, those
 *   before are read
 * @param logits [batch, time, vocabulary]
 * @param work decodeScratch(…) bytes
 */
export function decode(
  parameters: usize,
  scales: usize,
  turns: usize,
  ids: usize,
  keys: usize,
  values: usize,
  logits: usize,
  work: usize,
  batch: i32,
  time: i32,
  layers: i32,
  width: i32,
  inner: i32,
  heads: i32,
  vocabulary: i32,
  capacity: i32,
  position: i32,
  epsilon: f32,
): void {
  const row = <usize>width * 4;
  const rows = batch * time;
  const x = work;
  const normal = x + <usize>rows * row;
  const qkv = normal + <usize>rows * row;
  const y = qkv + <usize>rows * 3 * row;
  const middle = y + <usize>rows * row;
  const kept = middle + <usize>(rows * inner) * 4;
  const scores = kept + <usize>rows * 8;
  const rounded = scores + <usize>(batch * heads * (capacity + 4)) * 4;
  for (let i = 0; i < rows; i++) {
    const id = max(0, min(load<i32>(ids + <usize>i * 4), vocabulary - 1));
    const token = parameter(parameters, 0) + <usize>id * row;
    const place = parameter(parameters, 1) + <usize>(position + (i % time)) * row;
    for (let j: usize = 0; j < row; j += 4) {
      store<f32>(x + <usize>i * row + j, load<f32>(token + j) + load<f32>(place + j));
    }
  }
  const layerBytes = <usize>batch * heads * capacity * (width / heads) * 4;
  for (let layer = 0; layer < layers; layer++) {
    const at = 2 + layer * OF_BLOCK;
    layerNorm(
      x,
      parameter(parameters, at),
      parameter(parameters, at + 1),
      normal,
      kept,
      rows,
      width,
      epsilon,
    );
    product(parameters, scales, rounded, at + 2, normal, qkv, rows, width, 3 * width, REPLACE);
    if (turns != 0) turnRows(qkv, turns, rows, time, heads, width / heads);
    const offset = <usize>layer * layerBytes;
    attend(
      qkv,
      keys + offset,
      values + offset,
      y,
      scores,
      batch,
      time,
      heads,
      width / heads,
      capacity,
      position,
    );
    product(parameters, scales, rounded, at + 4, y, x, rows, width, width, ADD);
    layerNorm(
      x,
      parameter(parameters, at + 6),
      parameter(parameters, at + 7),
      normal,
      kept,
      rows,
      width,
      epsilon,
    );
    product(parameters, scales, rounded, at + 8, normal, middle, rows, width, inner, GELU);
    product(parameters, scales, rounded, at + 10, middle, x, rows, inner, width, ADD);
  }
  const last = 2 + layers * OF_BLOCK;
  layerNorm(
    x,
    parameter(parameters, last),
    parameter(parameters, last + 1),
    normal,
    kept,
    rows,
    width,
    epsilon,
  );
  if (scales == 0) multiplyTurnedRows(normal, parameter(parameters, 0), logits, rows, width, vocabulary);
  else {
    const head = last + 2;
    multiplyInt8(
      normal,
      parameter(parameters, head),
      parameter(scales, head),
      0,
      logits,
      rows,
      width,
      vocabulary,
      REPLACE,
      rounded,
    );
  }
}

function turnRows(qkv: usize, turns: usize, rows: i32, time: i32, heads: i32, depth: i32): void {
  for (let i = 0; i < rows; i++) {
    const row = qkv + <usize>(i * 3 * heads * depth) * 4;
    turnRow(row, turns + <usize>((i % time) * depth) * 4, row, heads, depth, 1);
  }
}

function product(
  parameters: usize,
  scales: usize,
  rounded: usize,
  at: i32,
  x: usize,
  y: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  finish: i32,
): void {
  const weight = parameter(parameters, at);
  const bias = parameter(parameters, at + 1);
  if (scales == 0) multiplyRows(x, weight, bias, y, rows, depth, columns, finish);
  else {
    multiplyInt8(x, weight, parameter(scales, at), bias, y, rows, depth, columns, finish, rounded);
  }
}

function attend(
  qkv: usize,
  keys: usize,
  values: usize,
  y: usize,
  scores: usize,
  batch: i32,
  time: i32,
  heads: i32,
  depth: i32,
  capacity: i32,
  position: i32,
): void {
  setArgument(QKV, qkv);
  setArgument(KEYS, keys);
  setArgument(VALUES, values);
  setArgument(Y, y);
  setArgument(SCORES, scores);
  setArgument(HEADS, heads);
  setArgument(DEPTH, depth);
  setArgument(CAPACITY, capacity);
  setArgument(POSITION, position);
  setArgument(TIME, time);
  parallel(headTask.index, batch * heads);
}

/** One head of one sequence: appends its keys and values, and attends from each new position to all up to it. */
function headTask(index: i32): void {
  const heads = <i32>argument(HEADS);
  const depth = <i32>argument(DEPTH);
  const capacity = <i32>argument(CAPACITY);
  const time = <i32>argument(TIME);
  const row = <usize>depth * 4;
  const width = <usize>heads * row;
  const at = <usize>(index % heads) * row;
  const place = <usize>index * capacity * row;
  const keys = argument(KEYS) + place;
  const values = argument(VALUES) + place;
  const scores = argument(SCORES) + <usize>index * (capacity + 4) * 4;
  for (let t = 0; t < time; t++) {
    const sequence = <usize>((index / heads) * time + t);
    const count = <i32>argument(POSITION) + t + 1;
    const q = argument(QKV) + sequence * 3 * width + at;
    memory.copy(keys + <usize>(count - 1) * row, q + width, row);
    memory.copy(values + <usize>(count - 1) * row, q + 2 * width, row);
    const highest = scoreKeys(q, keys, scores, count, depth);
    const sum = powersOf(scores, count, highest);
    mixValues(values, scores, argument(Y) + sequence * width + at, count, depth, 1 / sum);
  }
}

/** Scores of all keys, scaled; gives the highest. */
export function scoreKeys(q: usize, keys: usize, scores: usize, count: i32, depth: i32): f32 {
  const row = <usize>depth * 4;
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  const scales = f32x4.splat(scale);
  let highest: f32 = -Infinity;
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    const four = f32x4.mul(dotFour(keys + <usize>j * row, row, q, depth), scales);
    v128.store(scores + <usize>j * 4, four);
    highest = max<f32>(highest, max<f32>(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)));
    highest = max<f32>(highest, max<f32>(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)));
  }
  for (; j < count; j++) {
    const score = dot(keys + <usize>j * row, q, depth) * scale;
    store<f32>(scores + <usize>j * 4, score);
    highest = max<f32>(highest, score);
  }
  return highest;
}

/** Replaces scores by powers, and gives their sum; up to three places behind the last are set to 0. */
export function powersOf(scores: usize, count: i32, highest: f32): f32 {
  const shift = f32x4.splat(highest);
  const end = scores + <usize>count * 4;
  for (let at = end; at < scores + <usize>((count + 3) & ~3) * 4; at += 4) store<f32>(at, -Infinity);
  let sums = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const powers = exp(f32x4.sub(v128.load(at), shift));
    v128.store(at, powers);
    sums = f32x4.add(sums, powers);
  }
  return sumLanes(sums);
}

/** y = Σ weight · value · factor, 16 dimensions at a time. */
export function mixValues(
  values: usize,
  weights: usize,
  y: usize,
  count: i32,
  depth: i32,
  factor: f32,
): void {
  const row = <usize>depth * 4;
  const factors = f32x4.splat(factor);
  let d: usize = 0;
  for (; d + 64 <= row; d += 64) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let e = f32x4.splat(0);
    let from = values + d;
    for (let j: usize = 0; j < <usize>count; j++) {
      const weight = v128.load32_splat(weights + j * 4);
      a = madd(weight, v128.load(from), a);
      b = madd(weight, v128.load(from, 16), b);
      c = madd(weight, v128.load(from, 32), c);
      e = madd(weight, v128.load(from, 48), e);
      from += row;
    }
    v128.store(y + d, f32x4.mul(a, factors));
    v128.store(y + d, f32x4.mul(b, factors), 16);
    v128.store(y + d, f32x4.mul(c, factors), 32);
    v128.store(y + d, f32x4.mul(e, factors), 48);
  }
  for (; d < row; d += 4) {
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < <usize>count; j++) {
      sum = madd(v128.load32_zero(weights + j * 4), v128.load32_zero(values + d + j * row), sum);
    }
    v128.store32_lane(y + d, f32x4.mul(sum, factors), 0);
  }
}
