import type * as tf from "@tensorflow/tfjs-core";
import type { KernelCall } from "../call.js";
import { type MatmulVariant, matmulProgram } from "../shaders/matmul.js";

/** A product of row-major matrices. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** [rows, depth], or [depth, rows] if `turnedA`. */
  readonly a: tf.TensorInfo;
  /** [depth, columns], or [columns, depth] if `turnedB`. */
  readonly b: tf.TensorInfo;
  /** [rows, columns]. */
  readonly c: tf.TensorInfo;
  readonly turnedA?: boolean;
  readonly turnedB?: boolean;
  /** [columns] to add. */
  readonly bias?: tf.TensorInfo;
  /** GELU after the bias; a tensor is where the value before it is kept. */
  readonly gelu?: tf.TensorInfo | true;
  /** Adds to c. */
  readonly adds?: boolean;
  /** Where a and c begin in their tensors, in values. */
  readonly aFirst?: number;
  readonly cFirst?: number;
  /** Where b begins. */
  readonly bFirst?: number;
}

/** So many workgroups keep a large device busy. */
const ENOUGH_GROUPS = 192;

/** c = a · b, with what `product` asks for beside. */
export function multiply(call: KernelCall, product: Product): void {
  const { rows, columns, depth, a, b, c, bias, gelu } = product;
  if (rows === 0 || columns === 0) return;
  const groups = (tile: number): [number, number] => [Math.ceil(columns / tile), Math.ceil(rows / tile)];
  const [across, down] = groups(64);
  const tile = across * down >= ENOUGH_GROUPS ? 64 : 32;
  const variant: MatmulVariant = {
    turnedA: product.turnedA === true,
    turnedB: product.turnedB === true,
    bias: bias !== undefined,
    gelu: gelu === undefined ? "none" : gelu === true ? "plain" : "saved",
    adds: product.adds === true,
    tile,
  };
  const { aFirst = 0, bFirst = 0, cFirst = 0 } = product;
  call.run(
    matmulProgram(variant),
    { rows, columns, depth, aFirst, bFirst, cFirst },
    { a, b, c, ...(bias && { bias }), ...(typeof gelu === "object" && { before: gelu }) },
    groups(tile),
  );
}
