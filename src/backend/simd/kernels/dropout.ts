import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "./call.js";

/** The attributes of a dropout as kernels want them: limit (0: nothing is dropped), key0, key1, keep. */
export function dropoutArguments(call: KernelCall): [number, number, number, number] {
  const rate = call.number("rate");
  // A word is a whole number, so `word >= rate · 2³²` is `word >= limit` for the next whole number.
  const limit = Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
  return [limit, call.number("key0"), call.number("key1"), 1 / (1 - rate)];
}

function drop(call: KernelCall, x: string, base?: string): tf.TensorInfo {
  const y = call.output(call.shape(x));
  const [limit, key0, key1, keep] = dropoutArguments(call);
  const count = tf.util.sizeFromShape(call.shape(x));
  const under = base === undefined ? 0 : call.address(base);
  call.engine.dropout(call.address(x), under, y.address, count, key0, key1, limit, keep);
  return y.info;
}

function residual(call: KernelCall) {
  if (call.number("rate") > 0) return [drop(call, "y", "x")];
  const sum = call.output(call.shape("x"));
  const count = tf.util.sizeFromShape(call.shape("x"));
  call.engine.elementwise(call.address("x"), call.address("y"), sum.address, count, 0, 0);
  return [sum.info];
}

function residualGradient(call: KernelCall) {
  const dy = call.inputs.dy!;
  return [call.alias(dy), call.number("rate") > 0 ? drop(call, "dy") : call.alias(dy)];
}

/** `AttaccaDropout`, `AttaccaResidual` and their gradients; see src/ops/dropout.ts. Nothing is saved. */
export function registerDropout(): void {
  register("AttaccaDropout", (call) => [drop(call, "x")]);
  register("AttaccaDropoutGrad", (call) => [drop(call, "dy")]);
  register("AttaccaResidual", residual);
  register("AttaccaResidualGrad", residualGradient);
}
