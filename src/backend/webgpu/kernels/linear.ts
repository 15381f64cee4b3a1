import type * as tf from "@tensorflow/tfjs-core";
import { type Bound, type KernelCall, register } from "../call.js";
import {
  COLUMNS_OF_PART,
  type ColumnSums,
  joinColumnsProgram,
  ROWS_OF_PART,
  sumColumnsProgram,
} from "../shaders/rows.js";
import { multiply } from "./multiply.js";

function forward(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const columns = call.shape("weight")[1];
  const y = call.output([...call.shape("x").slice(0, -1), columns]);
  const activates = call.attributes.activation === "gelu_new";
  const before = activates && call.attributes.save === true ? call.output([rows, columns]) : undefined;
  multiply(call, {
    rows,
    columns,
    depth,
    a: call.input("x"),
    b: call.input("weight"),
    c: y,
    bias: call.input("bias"),
    gelu: before ?? (activates ? true : undefined),
  });
  return before === undefined ? [y] : [y, before];
}

/** Sums over the rows: one tensor [width], or two of a layer norm. `more` is what the kind binds beside dy. */
export function sumColumns(
  call: KernelCall,
  kind: ColumnSums,
  rows: number,
  width: number,
  more: Readonly<Record<string, Bound>> = {},
): tf.TensorInfo[] {
  const two = kind === "norm";
  const count = Math.ceil(rows / ROWS_OF_PART);
  const parts = call.scratch(Math.max(1, count * width * (two ? 2 : 1)));
  const columns = Math.ceil(width / COLUMNS_OF_PART);
  const dy = call.input("dy");
  call.run(sumColumnsProgram(kind), { rows, width }, { dy, parts, ...more }, [columns, count]);
  const sums = two ? [call.output([width]), call.output([width])] : [call.output([width])];
  const targets = { first: sums[0], ...(two && { second: sums[1] }) };
  call.run(joinColumnsProgram(two), { count, width }, { parts, ...targets }, [columns]);
  return sums;
}

function backward(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const columns = call.shape("weight")[1];
  const [x, weight] = [call.input("x"), call.input("weight")];
  const dx = call.output(call.shape("x"));
  const dWeight = call.output([depth, columns]);
  let dy = call.input("dy");
  let dBias: tf.TensorInfo;
  if (call.attributes.activation === "gelu_new") {
    const sloped = call.scratch(rows * columns);
    [dBias] = sumColumns(call, "gelu", rows, columns, { before: call.input("saved0"), sloped });
    dy = sloped;
  } else {
    [dBias] = sumColumns(call, "plain", rows, columns);
  }
  multiply(call, { rows, columns: depth, depth: columns, a: dy, b: weight, turnedB: true, c: dx });
  multiply(call, { rows: depth, columns, depth: rows, a: x, turnedA: true, b: dy, c: dWeight });
  return [dx, dWeight, dBias];
}

/** `AttaccaLinear` and its gradient; see src/ops/linear.ts. With GELU the value before it is saved. */
export function registerLinear(): void {
  register("AttaccaLinear", forward);
  register("AttaccaLinearGrad", backward);
}
