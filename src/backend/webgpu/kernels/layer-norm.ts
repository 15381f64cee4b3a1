import { type KernelCall, register } from "../call.js";
import { layerNormGradient, layerNormProgram } from "../shaders/rows.js";
import { sumColumns } from "./linear.js";

function forward(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("x");
  const y = call.output(call.shape("x"));
  const kept = call.attributes.save === true ? call.output([rows, 2]) : undefined;
  const [x, weight, bias] = ["x", "weight", "bias"].map((name) => call.input(name));
  call.run(
    layerNormProgram(kept !== undefined),
    { rows, width, epsilon: call.number("epsilon") },
    { x, weight, bias, y, ...(kept && { kept }) },
    call.groupsFor(rows, 1),
  );
  return kept === undefined ? [y] : [y, kept];
}

function backward(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("x");
  const [dy, x, weight, kept] = ["dy", "x", "weight", "saved0"].map((name) => call.input(name));
  const dx = call.output(call.shape("x"));
  call.run(layerNormGradient, { rows, width }, { dy, x, weight, kept, dx }, call.groupsFor(rows, 1));
  return [dx, ...sumColumns(call, "norm", rows, width, { x, kept })];
}

/** `AttaccaLayerNorm` and its gradient; see src/ops/layer-norm.ts. Saved: each row's mean and 1 / deviation. */
export function registerLayerNorm(): void {
  register("AttaccaLayerNorm", forward);
  register("AttaccaLayerNormGrad", backward);
}
