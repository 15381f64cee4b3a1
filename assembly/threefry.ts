/*
 * Threefry-2×32-20 (Salmon et al. 2011) on four counters at a time, the same bits as src/random.ts, and what
 * dropout makes of them: value i is kept where word i, which is word i mod 2 of counter ⌊i / 2⌋, isn't below a limit.
 */

const PARITY: i32 = 0x1bd11bda;

/** The first words of the four counters; `secondWords` has the second ones after the call. */
let second: v128 = i32x4.splat(0);

export function secondWords(): v128 {
  return second;
}

function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** Words of counters (`counters`, 0) under the key; gives the first words and leaves the second ones. */
export function firstWords(key0: i32, key1: i32, counters: v128): v128 {
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const k2 = i32x4.splat(key0 ^ key1 ^ PARITY);
  let x = i32x4.add(counters, k0);
  let y = k1;
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 13), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 15), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 26), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 6), x);
  x = i32x4.add(x, k1);
  y = i32x4.add(y, i32x4.add(k2, i32x4.splat(1)));
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 17), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 29), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 16), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 24), x);
  x = i32x4.add(x, k2);
  y = i32x4.add(y, i32x4.add(k0, i32x4.splat(2)));
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 13), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 15), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 26), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 6), x);
  x = i32x4.add(x, k0);
  y = i32x4.add(y, i32x4.add(k1, i32x4.splat(3)));
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 17), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 29), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 16), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 24), x);
  x = i32x4.add(x, k1);
  y = i32x4.add(y, i32x4.add(k2, i32x4.splat(4)));
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 13), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 15), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 26), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotate(y, 6), x);
  x = i32x4.add(x, k2);
  y = i32x4.add(y, i32x4.add(k0, i32x4.splat(5)));
  second = y;
  return x;
}

/** keep where the word isn't below the limit (both unsigned), else 0. */
export function keepWords(words: v128, limit: i32, keep: f32): v128 {
  // There is no unsigned comparison of bits: turning the top bit over makes the signed one do.
  const top = i32x4.splat(0x80000000);
  const kept = i32x4.ge_s(v128.xor(words, top), i32x4.splat(limit ^ 0x80000000));
  return v128.and(f32x4.splat(keep), kept);
}

/** What the values of four any indexes are multiplied with. */
export function keepAt(key0: i32, key1: i32, indexes: v128, limit: i32, keep: f32): v128 {
  const even = firstWords(key0, key1, i32x4.shr_u(indexes, 1));
  const odd = i32x4.eq(v128.and(indexes, i32x4.splat(1)), i32x4.splat(1));
  return keepWords(v128.bitselect(second, even, odd), limit, keep);
}
