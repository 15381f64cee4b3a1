/*
 * Rotary positions: queries and keys are turned by an angle for each pair of their numbers, which grows with the position.
 * A pair is a number of a head's first half and the one at its place in the second.
 */
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat } from "./pool";

/** Rows of a task. */
const CHUNK = 32;

const X: usize = 0;
const TURNS: usize = 4;
const Y: usize = 8;
const ROWS: usize = 12;
const TIME: usize = 16;
const HEADS: usize = 20;
const DEPTH: usize = 24;
const SIGN: usize = 28;

/**
 * y = x [rows, 3·width] (queries, keys, values, each heads × depth) with queries and keys turned, values as they are.
 *
 * @param turns [time, depth]: of each position half of a head's depth cosines, then as many sines; row i is position i mod time
 * @param sign 1, or −1 to turn back, as the gradient is
 */
export function rotary(
  x: usize,
  turns: usize,
  y: usize,
  rows: i32,
  time: i32,
  heads: i32,
  depth: i32,
  sign: f32,
): void {
  setArgument(X, x);
  setArgument(TURNS, turns);
  setArgument(Y, y);
  setArgument(ROWS, rows);
  setArgument(TIME, time);
  setArgument(HEADS, heads);
  setArgument(DEPTH, depth);
  setArgumentFloat(SIGN, sign);
  parallel(task.index, (rows + CHUNK - 1) / CHUNK);
}

function task(index: i32): void {
  const time = <i32>argument(TIME);
  const heads = <i32>argument(HEADS);
  const depth = <i32>argument(DEPTH);
  const width = <usize>(heads * depth) * 4;
  const last = min(index * CHUNK + CHUNK, <i32>argument(ROWS));
  for (let row = index * CHUNK; row < last; row++) {
    const x = argument(X) + <usize>row * 3 * width;
    const y = argument(Y) + <usize>row * 3 * width;
    turnRow(x, argument(TURNS) + <usize>((row % time) * depth) * 4, y, heads, depth, argumentFloat(SIGN));
    memory.copy(y + 2 * width, x + 2 * width, width);
  }
}

/** One row's queries and keys. `y` may be `x`. */
export function turnRow(x: usize, turns: usize, y: usize, heads: i32, depth: i32, sign: f32): void {
  const half = depth / 2;
  const far = <usize>half * 4;
  const signs = f32x4.splat(sign);
  for (let head = 0; head < 2 * heads; head++) {
    const from = x + <usize>(head * depth) * 4;
    const to = y + <usize>(head * depth) * 4;
    let i = 0;
    for (; i + 4 <= half; i += 4) {
      const at = <usize>i * 4;
      const a = v128.load(from + at);
      const b = v128.load(from + far + at);
      const cosine = v128.load(turns + at);
      const sine = f32x4.mul(v128.load(turns + far + at), signs);
      v128.store(to + at, f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
      v128.store(to + far + at, f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
    }
    for (; i < half; i++) {
      const at = <usize>i * 4;
      const a = load<f32>(from + at);
      const b = load<f32>(from + far + at);
      const cosine = load<f32>(turns + at);
      const sine = load<f32>(turns + far + at) * sign;
      store<f32>(to + at, a * cosine - b * sine);
      store<f32>(to + far + at, b * cosine + a * sine);
    }
  }
}
