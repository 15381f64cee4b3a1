import type { KernelCall } from "./call.js";

/** A product of row-major matrices in the engine's memory. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** [rows, depth], or [depth, rows] if `turnedA`. */
  readonly a: number;
  /** [depth, columns], or [columns, depth] if `turnedB`. */
  readonly b: number;
  /** [rows, columns]. */
  readonly c: number;
  readonly turnedA?: boolean;
  readonly turnedB?: boolean;
  /** How many products, one after the other; 1 unless given. */
  readonly batch?: number;
  /** One matrix for all products of the batch. */
  readonly sameA?: boolean;
  readonly sameB?: boolean;
  /** [columns] to add. */
  readonly bias?: number;
  /** GELU after the bias; a number is where the value before it is kept. */
  readonly gelu?: number | true;
  /** Adds to c. */
  readonly add?: boolean;
}

/** c = a · b, with what `product` asks for beside. */
export function multiply(call: KernelCall, product: Product): void {
  const { rows, columns, depth, a, b, c, batch = 1, gelu } = product;
  if (rows === 0 || columns === 0 || batch === 0) return;
  call.flops += 2 * batch * rows * columns * depth;
  const packed = call.scratch(batch * call.engine.packedSize(depth, columns));
  call.engine.matmul(
    batch,
    rows,
    columns,
    depth,
    a,
    product.sameA ? 0 : rows * depth * 4,
    product.turnedA ? 4 : depth * 4,
    product.turnedA ? rows * 4 : 4,
    b,
    product.sameB ? 0 : columns * depth * 4,
    product.turnedB ? 4 : columns * 4,
    product.turnedB ? depth * 4 : 4,
    c,
    packed,
    product.bias ?? 0,
    gelu === undefined ? 0 : gelu === true ? 1 : gelu,
    product.add ? 1 : 0,
  );
}
