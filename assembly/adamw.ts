/*
 * AdamW (Loshchilov & Hutter 2019, algorithm 2) over all parameters in one call, in place, and the norm that
 * gradients are clipped by. The caller cuts the parameters into pieces and lists them, 24 bytes each.
 */
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat } from "./pool";
import { madd, sumLanes } from "./vector";

const PIECES: usize = 0;
const BETA1: usize = 4;
const BETA2: usize = 8;
const EPSILON: usize = 12;
const ROOT_SCALE: usize = 16;
const STEP_SIZE: usize = 20;
const CLIP: usize = 24;
const SUMS: usize = 28;

/**
 * @param pieces `count` times: pointers to parameter, gradient, first and second moment, how many values, and as
 *   a float what the parameter is multiplied with (1 − learning rate · decay)
 * @param rootScale 1 / √(1 − beta2^step)
 * @param stepSize learning rate / (1 − beta1^step)
 * @param clip what gradients are multiplied with
 */
export function adamW(
  pieces: usize,
  count: i32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  rootScale: f32,
  stepSize: f32,
  clip: f32,
): void {
  setArgument(PIECES, pieces);
  setArgumentFloat(BETA1, beta1);
  setArgumentFloat(BETA2, beta2);
  setArgumentFloat(EPSILON, epsilon);
  setArgumentFloat(ROOT_SCALE, rootScale);
  setArgumentFloat(STEP_SIZE, stepSize);
  setArgumentFloat(CLIP, clip);
  parallel(stepTask.index, count);
}

function stepTask(index: i32): void {
  const piece = argument(PIECES) + <usize>index * 24;
  const parameter = load<usize>(piece);
  const gradient = load<usize>(piece, 4);
  const first = load<usize>(piece, 8);
  const second = load<usize>(piece, 12);
  const bytes = load<usize>(piece, 16) * 4;
  const shrink = load<f32>(piece, 20);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    const g = v128.load(gradient + j);
    const m = v128.load(first + j);
    const v = v128.load(second + j);
    const p = v128.load(parameter + j);
    stepFour(p, g, m, v, shrink);
    v128.store(parameter + j, newParameter);
    v128.store(first + j, newFirst);
    v128.store(second + j, newSecond);
  }
  for (; j < bytes; j += 4) {
    const g = v128.load32_zero(gradient + j);
    const m = v128.load32_zero(first + j);
    const v = v128.load32_zero(second + j);
    stepFour(v128.load32_zero(parameter + j), g, m, v, shrink);
    v128.store32_lane(parameter + j, newParameter, 0);
    v128.store32_lane(first + j, newFirst, 0);
    v128.store32_lane(second + j, newSecond, 0);
  }
}

let newParameter: v128 = i32x4.splat(0);
let newFirst: v128 = i32x4.splat(0);
let newSecond: v128 = i32x4.splat(0);

function stepFour(p: v128, g: v128, m: v128, v: v128, shrink: f32): void {
  const beta1 = argumentFloat(BETA1);
  const beta2 = argumentFloat(BETA2);
  g = f32x4.mul(g, f32x4.splat(argumentFloat(CLIP)));
  m = madd(m, f32x4.splat(beta1), f32x4.mul(g, f32x4.splat(1 - beta1)));
  v = madd(v, f32x4.splat(beta2), f32x4.mul(f32x4.mul(g, g), f32x4.splat(1 - beta2)));
  const root = madd(
    f32x4.sqrt(v),
    f32x4.splat(argumentFloat(ROOT_SCALE)),
    f32x4.splat(argumentFloat(EPSILON)),
  );
  const move = f32x4.mul(f32x4.div(m, root), f32x4.splat(argumentFloat(STEP_SIZE)));
  newParameter = f32x4.sub(f32x4.mul(p, f32x4.splat(shrink)), move);
  newFirst = m;
  newSecond = v;
}

/** sums[i] = the sum of the squares of piece i's gradient, for `count` pieces as in `adamW`. */
export function sumSquares(pieces: usize, count: i32, sums: usize): void {
  setArgument(PIECES, pieces);
  setArgument(SUMS, sums);
  parallel(squaresTask.index, count);
}

function squaresTask(index: i32): void {
  const piece = argument(PIECES) + <usize>index * 24;
  const x = load<usize>(piece, 4);
  const bytes = load<usize>(piece, 16) * 4;
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 32 <= bytes; j += 32) {
    const low = v128.load(x + j);
    const high = v128.load(x + j, 16);
    a = madd(low, low, a);
    b = madd(high, high, b);
  }
  let sum = sumLanes(f32x4.add(a, b));
  for (; j < bytes; j += 4) sum += load<f32>(x + j) * load<f32>(x + j);
  store<f32>(argument(SUMS) + <usize>index * 4, sum);
}
