import type * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "../call.js";
import { addProgram, dropoutProgram, residualProgram, THREADS } from "../shaders/elementwise.js";

/** The attributes of a dropout as programs want them; limit 0 drops nothing. */
export function dropoutUniforms(call: KernelCall): {
  limit: number;
  key0: number;
  key1: number;
  keep: number;
} {
  const rate = call.number("rate");
  // A word is a whole number, so `word >= rate · 2³²` is `word >= limit` for the next whole number.
  const limit = Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
  return { limit, key0: call.number("key0"), key1: call.number("key1"), keep: 1 / (1 - rate) };
}

function drop(call: KernelCall, a: string, base?: string): tf.TensorInfo {
  const y = call.output(call.shape(a));
  const count = call.size(a);
  // The keys are other ones at each step.
  call.run(
    base === undefined ? dropoutProgram : residualProgram,
    { count, ...dropoutUniforms(call) },
    { a: call.input(a), y, ...(base !== undefined && { b: call.input(base) }) },
    call.groupsFor(Math.ceil(count / 2), THREADS),
    true,
  );
  return y;
}

function residual(call: KernelCall) {
  if (call.number("rate") > 0) return [drop(call, "y", "x")];
  const y = call.output(call.shape("x"));
  const count = call.size("x");
  call.run(
    addProgram,
    { count },
    { a: call.input("x"), b: call.input("y"), y },
    call.groupsFor(count, THREADS),
  );
  return [y];
}

function residualGradient(call: KernelCall) {
  const dy = call.input("dy");
  return [call.alias(dy), call.number("rate") > 0 ? drop(call, "dy") : call.alias(dy)];
}

/** `AttaccaDropout`, `AttaccaResidual` and their gradients; see src/ops/dropout.ts. Nothing is saved. */
export function registerDropout(): void {
  register("AttaccaDropout", (call) => [drop(call, "x")]);
  register("AttaccaDropoutGrad", (call) => [drop(call, "dy")]);
  register("AttaccaResidual", residual);
  register("AttaccaResidualGrad", residualGradient);
}
