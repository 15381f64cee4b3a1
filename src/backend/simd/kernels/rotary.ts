import { type KernelCall, register } from "./call.js";

function turn(call: KernelCall, name: string, sign: number) {
  const { rows } = call.rowsAndWidth(name);
  const [time, depth] = call.shape("turns");
  const y = call.output(call.shape(name));
  call.engine.rotary(
    call.address(name),
    call.address("turns"),
    y.address,
    rows,
    time,
    call.number("heads"),
    depth,
    sign,
  );
  return [y.info];
}

/** `AttaccaRotary` and its gradient; see src/ops/rotary.ts. */
export function registerRotary(): void {
  register("AttaccaRotary", (call) => turn(call, "qkv", 1));
  register("AttaccaRotaryGrad", (call) => turn(call, "dy", -1));
}
