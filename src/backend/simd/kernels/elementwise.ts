import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "./call.js";

const OPERATIONS = [tf.Add, tf.Sub, tf.Multiply, tf.RealDiv] as const;

/** 0 for equal shapes, 1 or 2 if the first or second operand is one number; undefined for anything else. */
function scalarsOf(call: KernelCall): number | undefined {
  const { a, b } = call.inputs;
  if (a!.dtype !== "float32" || b!.dtype !== "float32") return undefined;
  if (tf.util.arraysEqual(a!.shape, b!.shape)) return 0;
  if (tf.util.sizeFromShape(b!.shape) === 1 && b!.shape.length <= a!.shape.length) return 2;
  if (tf.util.sizeFromShape(a!.shape) === 1 && a!.shape.length <= b!.shape.length) return 1;
  return undefined;
}

/** Stock elementwise kernels for the shapes that training meets; the CPU's own for all others. */
export function registerElementwise(): void {
  OPERATIONS.forEach((name, operation) => {
    const general = tf.getKernel(name, "cpu");
    register(name, (call) => {
      const scalars = scalarsOf(call);
      if (scalars === undefined) return stock(general, call);
      const y = call.output(scalars === 1 ? call.shape("b") : call.shape("a"));
      const count = tf.util.sizeFromShape(y.info.shape);
      call.engine.elementwise(call.address("a"), call.address("b"), y.address, count, operation, scalars);
      return y.info;
    });
  });
}

/** Runs a kernel of tfjs's CPU backend over the engine's memory. */
export function stock(kernel: tf.KernelConfig, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const outputs = kernel.kernelFunc({ inputs: call.inputs, backend: call.backend, attrs: call.attributes });
  return Array.isArray(outputs)
    ? outputs.map((info) => call.backend.settle(info))
    : call.backend.settle(outputs);
}
