import { type KernelCall, register } from "../call.js";
import { rotaryProgram, THREADS } from "../shaders/elementwise.js";

function turn(call: KernelCall, name: string, sign: number) {
  const [, , width3] = call.shape(name);
  const [time, depth] = call.shape("turns");
  const y = call.output(call.shape(name));
  const count = call.size(name);
  call.run(
    rotaryProgram,
    { count, width3, time, depth, sign },
    { x: call.input(name), turns: call.input("turns"), y },
    call.groupsFor(count, THREADS),
  );
  return [y];
}

/** `AttaccaRotary` and its gradient; see src/ops/rotary.ts. */
export function registerRotary(): void {
  register("AttaccaRotary", (call) => turn(call, "qkv", 1));
  register("AttaccaRotaryGrad", (call) => turn(call, "dy", -1));
}
