/* Dropout of a whole tensor, alone or added to another one (how a block's output joins the stream). */
import { argument, argumentFloat, parallel, scratchOfThread, setArgument, setArgumentFloat } from "./pool";
import { firstWords, keepWords, secondWords } from "./threefry";

/** Values of one task; a multiple of 8. */
const CHUNK = 8192;

const X: usize = 0;
const BASE: usize = 4;
const Y: usize = 8;
const COUNT: usize = 12;
const KEY0: usize = 16;
const KEY1: usize = 20;
const LIMIT: usize = 24;
const KEEP: usize = 28;

/** y = x · mask, plus `base` unless that is 0; see threefry.ts for the mask. */
export function dropout(
  x: usize,
  base: usize,
  y: usize,
  count: i32,
  key0: i32,
  key1: i32,
  limit: i32,
  keep: f32,
): void {
  setArgument(X, x);
  setArgument(BASE, base);
  setArgument(Y, y);
  setArgument(COUNT, count);
  setArgument(KEY0, key0);
  setArgument(KEY1, key1);
  setArgument(LIMIT, limit);
  setArgumentFloat(KEEP, keep);
  parallel(task.index, (count + CHUNK - 1) / CHUNK);
}

function task(index: i32): void {
  const first = index * CHUNK;
  const last = min(first + CHUNK, <i32>argument(COUNT));
  const key0 = <i32>argument(KEY0);
  const key1 = <i32>argument(KEY1);
  const limit = <i32>argument(LIMIT);
  const keep = argumentFloat(KEEP);
  const x = argument(X);
  const y = argument(Y);
  const base = argument(BASE);
  for (let i = first; i < last; i += 8) {
    const counters = i32x4.add(i32x4.splat(i / 2), i32x4(0, 1, 2, 3));
    const even = keepWords(firstWords(key0, key1, counters), limit, keep);
    const odd = keepWords(secondWords(), limit, keep);
    const low = v128.shuffle<f32>(even, odd, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(even, odd, 2, 6, 3, 7);
    const at = <usize>i * 4;
    if (i + 8 <= last) {
      let a = f32x4.mul(v128.load(x + at), low);
      let b = f32x4.mul(v128.load(x + at, 16), high);
      if (base != 0) {
        a = f32x4.add(a, v128.load(base + at));
        b = f32x4.add(b, v128.load(base + at, 16));
      }
      v128.store(y + at, a);
      v128.store(y + at, b, 16);
    } else {
      lastValues(x + at, base == 0 ? 0 : base + at, y + at, last - i, low, high);
    }
  }
}

function lastValues(x: usize, base: usize, y: usize, count: i32, low: v128, high: v128): void {
  const mask = scratchOfThread();
  v128.store(mask, low);
  v128.store(mask, high, 16);
  for (let j: usize = 0; j < <usize>count * 4; j += 4) {
    const value = load<f32>(x + j) * load<f32>(mask + j);
    store<f32>(y + j, base == 0 ? value : value + load<f32>(base + j));
  }
}
