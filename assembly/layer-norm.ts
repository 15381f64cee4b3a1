/*
 * Layer normalisation of rows (Ba, Kiros & Hinton 2016) and its gradient. A row is read three times, from the
 * first-level cache but for the first: mean, variance, value. Mean and reciprocal deviation are kept.
 */
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat } from "./pool";
import { addLines, firstRowOf, lastRowOf, partialLines } from "./rows";
import { madd, sumLanes } from "./vector";

const X: usize = 0;
const WEIGHT: usize = 4;
const BIAS: usize = 8;
const Y: usize = 12;
const KEPT: usize = 16;
const ROWS: usize = 20;
const WIDTH: usize = 24;
const EPSILON: usize = 28;
const DY: usize = 32;
const PARTS: usize = 36;

/** y = (x − mean) / √(variance + epsilon) · weight + bias; kept [rows, 2]: mean and reciprocal deviation. */
export function layerNorm(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  kept: usize,
  rows: i32,
  width: i32,
  epsilon: f32,
): void {
  setArgument(X, x);
  setArgument(WEIGHT, weight);
  setArgument(BIAS, bias);
  setArgument(Y, y);
  setArgument(KEPT, kept);
  setArgument(ROWS, rows);
  setArgument(WIDTH, width);
  setArgumentFloat(EPSILON, epsilon);
  parallel(forwardTask.index, partialLines(rows));
}

function forwardTask(index: i32): void {
  const width = <i32>argument(WIDTH);
  const bytes = <usize>width * 4;
  const weight = argument(WEIGHT);
  const bias = argument(BIAS);
  const last = lastRowOf(index, <i32>argument(ROWS));
  for (let i = firstRowOf(index); i < last; i++) {
    const x = argument(X) + <usize>i * bytes;
    const y = argument(Y) + <usize>i * bytes;
    const kept = argument(KEPT) + <usize>i * 8;
    const mean = sumOf(x, width) / <f32>width;
    const scale: f32 = 1 / sqrt<f32>(squaresAround(x, mean, width) / <f32>width + argumentFloat(EPSILON));
    store<f32>(kept, mean);
    store<f32>(kept, scale, 4);
    const means = f32x4.splat(mean);
    const scales = f32x4.splat(scale);
    let j: usize = 0;
    for (; j + 16 <= bytes; j += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + j), means), scales);
      v128.store(y + j, madd(normal, v128.load(weight + j), v128.load(bias + j)));
    }
    for (; j < bytes; j += 4) {
      store<f32>(y + j, (load<f32>(x + j) - mean) * scale * load<f32>(weight + j) + load<f32>(bias + j));
    }
  }
}

function sumOf(x: usize, width: i32): f32 {
  let sums = f32x4.splat(0);
  const bytes = <usize>width * 4;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) sums = f32x4.add(sums, v128.load(x + j));
  let sum = sumLanes(sums);
  for (; j < bytes; j += 4) sum += load<f32>(x + j);
  return sum;
}

function squaresAround(x: usize, mean: f32, width: i32): f32 {
  let sums = f32x4.splat(0);
  const means = f32x4.splat(mean);
  const bytes = <usize>width * 4;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    const centred = f32x4.sub(v128.load(x + j), means);
    sums = madd(centred, centred, sums);
  }
  let sum = sumLanes(sums);
  for (; j < bytes; j += 4) {
    const centred = load<f32>(x + j) - mean;
    sum += centred * centred;
  }
  return sum;
}

/**
 * dx [rows, width], dWeight [width] and dBias [width], one after the other at `dWeight`.
 *
 * @param parts partialLines(rows) · 2 · width floats to work in
 */
export function layerNormGradient(
  dy: usize,
  x: usize,
  weight: usize,
  kept: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  rows: i32,
  width: i32,
  parts: usize,
): void {
  setArgument(DY, dy);
  setArgument(X, x);
  setArgument(WEIGHT, weight);
  setArgument(KEPT, kept);
  setArgument(Y, dx);
  setArgument(ROWS, rows);
  setArgument(WIDTH, width);
  setArgument(PARTS, parts);
  parallel(backwardTask.index, partialLines(rows));
  addLines(parts, dWeight, partialLines(rows), width, 2 * width);
  addLines(parts + <usize>width * 4, dBias, partialLines(rows), width, 2 * width);
}

function backwardTask(index: i32): void {
  const width = <i32>argument(WIDTH);
  const bytes = <usize>width * 4;
  const dWeight = argument(PARTS) + <usize>index * 2 * bytes;
  memory.fill(dWeight, 0, 2 * bytes);
  const last = lastRowOf(index, <i32>argument(ROWS));
  for (let i = firstRowOf(index); i < last; i++) {
    const at = <usize>i * bytes;
    const kept = argument(KEPT) + <usize>i * 8;
    backwardRow(
      argument(DY) + at,
      argument(X) + at,
      argument(Y) + at,
      load<f32>(kept),
      load<f32>(kept, 4),
      dWeight,
    );
  }
}

/** One row of dx, and its share of dWeight and, behind that, of dBias. */
function backwardRow(dy: usize, x: usize, dx: usize, mean: f32, scale: f32, dWeight: usize): void {
  const width = <i32>argument(WIDTH);
  const bytes = <usize>width * 4;
  const weight = argument(WEIGHT);
  const dBias = dWeight + bytes;
  const means = f32x4.splat(mean);
  const scales = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  let products = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    const d = v128.load(dy + j);
    const normal = f32x4.mul(f32x4.sub(v128.load(x + j), means), scales);
    const inner = f32x4.mul(d, v128.load(weight + j));
    sums = f32x4.add(sums, inner);
    products = madd(inner, normal, products);
    v128.store(dWeight + j, madd(d, normal, v128.load(dWeight + j)));
    v128.store(dBias + j, f32x4.add(d, v128.load(dBias + j)));
  }
  let sum = sumLanes(sums);
  let product = sumLanes(products);
  for (; j < bytes; j += 4) {
    const d = load<f32>(dy + j);
    const normal = (load<f32>(x + j) - mean) * scale;
    sum += d * load<f32>(weight + j);
    product += d * load<f32>(weight + j) * normal;
    store<f32>(dWeight + j, load<f32>(dWeight + j) + d * normal);
    store<f32>(dBias + j, load<f32>(dBias + j) + d);
  }
  sum /= <f32>width;
  product /= <f32>width;
  const allSums = f32x4.splat(sum);
  const allProducts = f32x4.splat(product);
  for (j = 0; j + 16 <= bytes; j += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + j), means), scales);
    const inner = f32x4.sub(f32x4.mul(v128.load(dy + j), v128.load(weight + j)), allSums);
    v128.store(dx + j, f32x4.mul(scales, f32x4.sub(inner, f32x4.mul(normal, allProducts))));
  }
  for (; j < bytes; j += 4) {
    const normal = (load<f32>(x + j) - mean) * scale;
    store<f32>(dx + j, scale * (load<f32>(dy + j) * load<f32>(weight + j) - sum - normal * product));
  }
}
