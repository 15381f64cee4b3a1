import { type KernelCall, register } from "./call.js";
import { multiply } from "./multiply.js";

/** Up to so many rows, packing the weights costs more than it saves. */
export const FEW = 4;

function forward(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const columns = call.shape("weight")[1];
  const y = call.output([...call.shape("x").slice(0, -1), columns]);
  if (rows <= FEW && !call.attributes.save) {
    const finish = call.attributes.activation === "gelu_new" ? 2 : 0;
    const [x, weight, bias] = ["x", "weight", "bias"].map((name) => call.address(name));
    call.engine.multiplyRows(x, weight, bias, y.address, rows, depth, columns, finish);
    return [y.info];
  }
  const activates = call.attributes.activation === "gelu_new";
  const before = activates && call.attributes.save ? call.output([rows, columns]) : undefined;
  multiply(call, {
    rows,
    columns,
    depth,
    a: call.address("x"),
    b: call.address("weight"),
    c: y.address,
    bias: call.address("bias"),
    gelu: before?.address ?? (activates ? true : undefined),
  });
  return before === undefined ? [y.info] : [y.info, before.info];
}

function backward(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const columns = call.shape("weight")[1];
  const x = call.address("x");
  const weight = call.address("weight");
  const dx = call.output(call.shape("x"));
  const dWeight = call.output([depth, columns]);
  const dBias = call.output([columns]);
  const parts = call.scratch(call.engine.partialLines(rows) * columns);
  let dy = call.address("dy");
  if (call.attributes.activation === "gelu_new") {
    const sloped = call.scratch(rows * columns);
    call.engine.geluGradient(dy, call.address("saved0"), sloped, dBias.address, rows, columns, parts);
    dy = sloped;
  } else {
    call.engine.sumRows(dy, dBias.address, rows, columns, parts);
  }
  multiply(call, { rows, columns: depth, depth: columns, a: dy, b: weight, turnedB: true, c: dx.address });
  multiply(call, { rows: depth, columns, depth: rows, a: x, turnedA: true, b: dy, c: dWeight.address });
  return [dx.info, dWeight.info, dBias.info];
}

/** `AttaccaLinear` and its gradient; see src/ops/linear.ts. With GELU the value before it is saved. */
export function registerLinear(): void {
  register("AttaccaLinear", forward);
  register("AttaccaLinearGrad", backward);
}
