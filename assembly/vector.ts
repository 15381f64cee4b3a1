/*
 * Four floats at a time: multiply-add in the build's own form, and elementary functions.
 *
 * `exp` is Cephes' expf (Moshier 1989, single/expf.c): its range reduction and its polynomial, relative error
 * below 2e-7 from -87.3 to 88.7.
 */

/** a · b + c; the relaxed build rounds once where the machine can. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes, as (0 + 1) + (2 + 3). */
export function sumLanes(v: v128): f32 {
  const first = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1);
  return first + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/**
 * e^x in each lane; 0 below -87.3, e^88 above 88, NaN for NaN. Adding 1.5·2²³ rounds to the nearest whole number and
 * leaves it in the low bits, from where it goes straight into the exponent.
 */
export function exp(x: v128): v128 {
  const low = f32x4.splat(-87.33654);
  const clamped = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88)), low);
  const rounder = f32x4.splat(12582912);
  const rounded = madd(clamped, f32x4.splat(1.44269504088896341), rounder);
  const n = f32x4.sub(rounded, rounder);
  let r = madd(n, f32x4.splat(-0.693359375), clamped);
  r = madd(n, f32x4.splat(2.1219444e-4), r);
  let p = madd(r, f32x4.splat(1.98756915e-4), f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  return v128.andnot(i32x4.add(p, i32x4.shl(rounded, 23)), f32x4.lt(x, low));
}

/** 1 / (1 + e^-x) in each lane. */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** 2·√(2/π) and the cubic term of GPT-2's GELU, x · sigmoid(GELU_SCALE · (x + GELU_CUBIC · x³)). */
const GELU_SCALE: f32 = 1.5957691216057308;
const GELU_CUBIC: f32 = 0.044715;

/** GPT-2's GELU ("gelu_new") in each lane. */
export function gelu(x: v128): v128 {
  const inner = madd(f32x4.mul(x, x), f32x4.splat(GELU_SCALE * GELU_CUBIC), f32x4.splat(GELU_SCALE));
  return f32x4.mul(x, sigmoid(f32x4.mul(x, inner)));
}

/** The derivative of `gelu` at x in each lane: gate · (1 + (1 − gate) · x · inner'). */
export function geluSlope(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const one = f32x4.splat(1);
  const inner = madd(square, f32x4.splat(GELU_SCALE * GELU_CUBIC), f32x4.splat(GELU_SCALE));
  const slope = madd(square, f32x4.splat(3 * GELU_SCALE * GELU_CUBIC), f32x4.splat(GELU_SCALE));
  const gate = sigmoid(f32x4.mul(x, inner));
  return f32x4.mul(gate, madd(f32x4.sub(one, gate), f32x4.mul(x, slope), one));
}
