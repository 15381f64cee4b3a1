/* Sums, differences, products and quotients of two tensors of one shape, or of a tensor and a number. */
import { argument, parallel, setArgument } from "./pool";

/** Values of one task; a multiple of 4. */
const CHUNK = 16384;

const A: usize = 0;
const B: usize = 4;
const Y: usize = 8;
const COUNT: usize = 12;
const OPERATION: usize = 16;
const SCALARS: usize = 20;

/**
 * y [count] = a ∘ b.
 *
 * @param operation 0 add, 1 subtract, 2 multiply, 3 divide
 * @param scalars 1 if a is one number, 2 if b is one, else 0
 */
export function elementwise(a: usize, b: usize, y: usize, count: i32, operation: i32, scalars: i32): void {
  setArgument(A, a);
  setArgument(B, b);
  setArgument(Y, y);
  setArgument(COUNT, count);
  setArgument(OPERATION, operation);
  setArgument(SCALARS, scalars);
  parallel(task.index, (count + CHUNK - 1) / CHUNK);
}

function task(index: i32): void {
  const scalars = <i32>argument(SCALARS);
  const first = <usize>index * CHUNK * 4;
  const last = min(first + CHUNK * 4, argument(COUNT) * 4);
  const a = argument(A);
  const b = argument(B);
  const y = argument(Y);
  const operation = <i32>argument(OPERATION);
  const aStep: usize = scalars == 1 ? 0 : 1;
  const bStep: usize = scalars == 2 ? 0 : 1;
  const aSplat = v128.load32_splat(a);
  const bSplat = v128.load32_splat(b);
  let j = first;
  for (; j + 16 <= last; j += 16) {
    const left = aStep == 0 ? aSplat : v128.load(a + j);
    const right = bStep == 0 ? bSplat : v128.load(b + j);
    v128.store(y + j, combine(left, right, operation));
  }
  for (; j < last; j += 4) {
    const left = v128.load32_splat(a + j * aStep);
    v128.store32_lane(y + j, combine(left, v128.load32_splat(b + j * bStep), operation), 0);
  }
}

function combine(a: v128, b: v128, operation: i32): v128 {
  if (operation == 0) return f32x4.add(a, b);
  if (operation == 1) return f32x4.sub(a, b);
  if (operation == 2) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}
