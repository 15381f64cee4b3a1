/*
 * Cross-entropy of rows of logits: the loss of each, and where asked for d loss / d logits, which may replace the
 * logits in place. A row is read three times: its maximum, its sum of powers, its gradient.
 */
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat } from "./pool";
import { exp, sumLanes } from "./vector";

/** Rows of one task. */
const CHUNK = 16;

const LOGITS: usize = 0;
const SLOPES: usize = 4;
const TARGETS: usize = 8;
const WEIGHTS: usize = 12;
const LOSSES: usize = 16;
const ROWS: usize = 20;
const VOCABULARY: usize = 24;
const SCALE: usize = 28;

/**
 * @param logits [rows, vocabulary]
 * @param slopes [rows, vocabulary]: scale · weight · (softmax − one-hot); may be `logits`; 0 for none
 * @param targets [rows] int32; one outside the vocabulary gives a loss and a gradient of 0
 * @param weights [rows]; 0 for 1 each (only the gradient is weighted)
 * @param losses [rows]: −log softmax(logits)[target]
 */
export function crossEntropy(
  logits: usize,
  slopes: usize,
  targets: usize,
  weights: usize,
  losses: usize,
  rows: i32,
  vocabulary: i32,
  scale: f32,
): void {
  setArgument(LOGITS, logits);
  setArgument(SLOPES, slopes);
  setArgument(TARGETS, targets);
  setArgument(WEIGHTS, weights);
  setArgument(LOSSES, losses);
  setArgument(ROWS, rows);
  setArgument(VOCABULARY, vocabulary);
  setArgumentFloat(SCALE, scale);
  parallel(task.index, (rows + CHUNK - 1) / CHUNK);
}

function task(index: i32): void {
  const vocabulary = <i32>argument(VOCABULARY);
  const bytes = <usize>vocabulary * 4;
  const slopes = argument(SLOPES);
  const weights = argument(WEIGHTS);
  const last = min(index * CHUNK + CHUNK, <i32>argument(ROWS));
  for (let i = index * CHUNK; i < last; i++) {
    const at = <usize>i * 4;
    const logits = argument(LOGITS) + <usize>i * bytes;
    const target = load<i32>(argument(TARGETS) + at);
    const real = target >= 0 && target < vocabulary;
    const highest = maximum(logits, bytes);
    const sum = sumOfPowers(logits, bytes, highest);
    const loss: f32 = real ? NativeMathf.log(sum) + highest - load<f32>(logits + <usize>target * 4) : 0;
    store<f32>(argument(LOSSES) + at, loss);
    if (slopes == 0) continue;
    let scale = argumentFloat(SCALE);
    if (weights != 0) scale *= load<f32>(weights + at);
    const to = slopes + <usize>i * bytes;
    if (!real || scale == 0) memory.fill(to, 0, bytes);
    else {
      slopeRow(logits, to, bytes, highest, scale / sum);
      const hot = to + <usize>target * 4;
      store<f32>(hot, load<f32>(hot) - scale);
    }
  }
}

function maximum(x: usize, bytes: usize): f32 {
  let highest = f32x4.splat(-Infinity);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) highest = f32x4.max(highest, v128.load(x + j));
  let all = max<f32>(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1));
  all = max<f32>(all, max<f32>(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3)));
  for (; j < bytes; j += 4) all = max<f32>(all, load<f32>(x + j));
  return all;
}

function sumOfPowers(x: usize, bytes: usize, highest: f32): f32 {
  const shift = f32x4.splat(highest);
  let sums = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) sums = f32x4.add(sums, exp(f32x4.sub(v128.load(x + j), shift)));
  let sum = sumLanes(sums);
  for (; j < bytes; j += 4) sum += f32x4.extract_lane(exp(f32x4.splat(load<f32>(x + j) - highest)), 0);
  return sum;
}

function slopeRow(x: usize, to: usize, bytes: usize, highest: f32, scale: f32): void {
  const shift = f32x4.splat(highest);
  const scales = f32x4.splat(scale);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    v128.store(to + j, f32x4.mul(exp(f32x4.sub(v128.load(x + j), shift)), scales));
  }
  for (; j < bytes; j += 4) {
    const power = exp(f32x4.sub(v128.load32_zero(x + j), shift));
    v128.store32_lane(to + j, f32x4.mul(power, scales), 0);
  }
}
