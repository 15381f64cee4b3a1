import { type KernelCall, register } from "./call.js";

function int8Linear(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const [columns] = call.shape("scales");
  const y = call.output([...call.shape("x").slice(0, -1), columns]);
  if (rows === 0) return [y.info];
  call.flops += 2 * rows * depth * columns;
  call.engine.multiplyInt8(
    call.address("x"),
    call.address("weight"),
    call.address("scales"),
    call.inputs.bias === undefined ? 0 : call.address("bias"),
    y.address,
    rows,
    depth,
    columns,
    call.attributes.activation === "gelu_new" ? 2 : 0,
    call.scratchBytes(call.engine.int8Scratch(rows, depth)),
  );
  return [y.info];
}

/** `AttaccaInt8Linear`; see src/ops/int8.ts. */
export function registerInt8(): void {
  register("AttaccaInt8Linear", int8Linear);
}
