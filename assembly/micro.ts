/*
 * The micro-kernels: 6 × 8 values of C in 12 registers, 2 for the right panel and 1 for a value of the left
 * one, which is 15 of x86's 16. Per k: 8 loads, 12 multiply-adds. With fused multiply-add that is the machine's
 * limit of 2 × 4 lanes a cycle (66 GFLOP/s at 4.1 GHz, measured); without it half of that.
 */
import { madd } from "./vector";

/** C (6 × 8, rows `row` bytes apart) = left panel · right panel over `depth`, added to C if `add`. */
export function multiplyPanels(left: usize, right: usize, c: usize, row: usize, depth: i32, add: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load32_splat(left);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load32_splat(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load32_splat(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load32_splat(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load32_splat(left, 16);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
    a = v128.load32_splat(left, 20);
    c50 = madd(a, b0, c50);
    c51 = madd(a, b1, c51);
    left += 24;
    right += 32;
  }
  put(c, c00, c01, add);
  put(c + row, c10, c11, add);
  put(c + 2 * row, c20, c21, add);
  put(c + 3 * row, c30, c31, add);
  put(c + 4 * row, c40, c41, add);
  put(c + 5 * row, c50, c51, add);
}

/**
 * The same where the left matrix lies as right panels do: value (i, k) is at left + (k ÷ 8) · block + i · 32 +
 * (k mod 8) · 4. So what one product leaves in columns, the next one reads as rows without repacking.
 */
export function multiplyTurned(
  left: usize,
  block: usize,
  right: usize,
  c: usize,
  row: usize,
  blocks: i32,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (let j = 0; j < blocks; j++) {
    let from = left;
    for (let k = 0; k < 8; k++) {
      const b0 = v128.load(right);
      const b1 = v128.load(right, 16);
      let a = v128.load32_splat(from);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(from, 32);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(from, 64);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(from, 96);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      a = v128.load32_splat(from, 128);
      c40 = madd(a, b0, c40);
      c41 = madd(a, b1, c41);
      a = v128.load32_splat(from, 160);
      c50 = madd(a, b0, c50);
      c51 = madd(a, b1, c51);
      from += 4;
      right += 32;
    }
    left += block;
  }
  put(c, c00, c01, add);
  put(c + row, c10, c11, add);
  put(c + 2 * row, c20, c21, add);
  put(c + 3 * row, c30, c31, add);
  put(c + 4 * row, c40, c41, add);
  put(c + 5 * row, c50, c51, add);
}

/**
 * C (4 × 8, rows 32 bytes apart) = left · right panel over `depth`, where the left matrix lies across: value (i, k) is at left + k · 32 +
 * i · 4. So of a right panel's 8 columns either half can be read as rows. Its 8 registers of C are just enough to keep
 * the machine's multipliers busy.
 */
export function multiplyAcross(left: usize, right: usize, c: usize, depth: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load32_splat(left);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load32_splat(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load32_splat(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load32_splat(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    left += 32;
    right += 32;
  }
  put(c, c00, c01, false);
  put(c + 32, c10, c11, false);
  put(c + 64, c20, c21, false);
  put(c + 96, c30, c31, false);
}

function put(to: usize, low: v128, high: v128, add: bool): void {
  if (add) {
    low = f32x4.add(v128.load(to), low);
    high = f32x4.add(v128.load(to, 16), high);
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}
