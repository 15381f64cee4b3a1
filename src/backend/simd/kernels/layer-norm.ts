import { type KernelCall, register } from "./call.js";

function forward(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("x");
  const y = call.output(call.shape("x"));
  const kept = call.attributes.save ? call.output([rows, 2]) : undefined;
  call.engine.layerNorm(
    call.address("x"),
    call.address("weight"),
    call.address("bias"),
    y.address,
    kept?.address ?? call.scratch(2 * rows),
    rows,
    width,
    call.number("epsilon"),
  );
  return kept === undefined ? [y.info] : [y.info, kept.info];
}

function backward(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("x");
  const dx = call.output(call.shape("x"));
  const dWeight = call.output([width]);
  const dBias = call.output([width]);
  call.engine.layerNormGradient(
    call.address("dy"),
    call.address("x"),
    call.address("weight"),
    call.address("saved0"),
    dx.address,
    dWeight.address,
    dBias.address,
    rows,
    width,
    call.scratch(call.engine.partialLines(rows) * 2 * width),
  );
  return [dx.info, dWeight.info, dBias.info];
}

/** `AttaccaLayerNorm` and its gradient; see src/ops/layer-norm.ts. Saved: each row's mean and 1 / deviation. */
export function registerLayerNorm(): void {
  register("AttaccaLayerNorm", forward);
  register("AttaccaLayerNormGrad", backward);
}
