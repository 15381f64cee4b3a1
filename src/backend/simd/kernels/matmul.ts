import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "./call.js";
import { stock } from "./elementwise.js";
import { multiply } from "./multiply.js";

function batchMatMul(general: tf.KernelConfig, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const { a, b } = call.inputs;
  const turnedA = call.attributes.transposeA === true;
  const turnedB = call.attributes.transposeB === true;
  const aBatch = tf.util.sizeFromShape(a!.shape.slice(0, -2));
  const bBatch = tf.util.sizeFromShape(b!.shape.slice(0, -2));
  const same = tf.util.arraysEqual(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  if (a!.dtype !== "float32" || b!.dtype !== "float32" || !(same || aBatch === 1 || bBatch === 1)) {
    return stock(general, call);
  }
  const [aRows, aColumns] = a!.shape.slice(-2);
  const [bRows, bColumns] = b!.shape.slice(-2);
  const rows = turnedA ? aColumns : aRows;
  const depth = turnedA ? aRows : aColumns;
  const columns = turnedB ? bRows : bColumns;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  const c = call.output([...outer, rows, columns]);
  multiply(call, {
    rows,
    columns,
    depth,
    a: call.address("a"),
    b: call.address("b"),
    c: c.address,
    turnedA,
    turnedB,
    batch: Math.max(aBatch, bBatch),
    sameA: aBatch === 1,
    sameB: bBatch === 1,
  });
  return c.info;
}

/** tfjs's own product of matrices, on the engine's kernel. */
export function registerMatMul(): void {
  const general = tf.getKernel(tf.BatchMatMul, "cpu");
  register(tf.BatchMatMul, (call) => batchMatMul(general, call));
}
