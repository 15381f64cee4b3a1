import type * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "./call.js";
import { FEW } from "./linear.js";
import { multiply } from "./multiply.js";

/** Rows whose logits are in memory at a time. */
const CHUNK = 512;

function floats(call: KernelCall, address: number, count: number): Float32Array {
  return new Float32Array(call.backend.engine.memory.buffer as ArrayBuffer, address, count);
}

/** Σ weight, at least so much that nothing counted gives 0. */
function totalWeight(call: KernelCall, rows: number): number {
  let total = 0;
  for (const weight of floats(call, call.address("weights"), rows)) total += weight;
  return Math.max(total, 1e-20);
}

/** Σ weight · loss / total as a scalar tensor. */
function meanOf(call: KernelCall, losses: number, rows: number, total: number): tf.TensorInfo {
  const mean = call.output([]);
  const each = floats(call, losses, rows);
  const weights = floats(call, call.address("weights"), rows);
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += weights[i] * each[i];
  floats(call, mean.address, 1)[0] = sum / total;
  return mean.info;
}

function crossEntropy(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("logits");
  const losses = call.scratch(rows);
  const total = totalWeight(call, rows);
  call.engine.crossEntropy(call.address("logits"), 0, call.address("targets"), 0, losses, rows, width, 1);
  return [meanOf(call, losses, rows, total)];
}

function crossEntropyGradient(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("logits");
  const dLogits = call.output(call.shape("logits"));
  const scale = floats(call, call.address("dy"), 1)[0] / totalWeight(call, rows);
  call.engine.crossEntropy(
    call.address("logits"),
    dLogits.address,
    call.address("targets"),
    call.address("weights"),
    call.scratch(rows),
    rows,
    width,
    scale,
  );
  return [dLogits.info];
}

/**
 * The loss, and with `save` its gradients for dy = 1, chunk by chunk: so neither the logits nor their gradient are
 * ever whole in memory, and the logits are computed once.
 */
function headLoss(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("hidden");
  const vocabulary = call.shape("tokens")[0];
  const hidden = call.address("hidden");
  const tokens = call.address("tokens");
  const saves = call.attributes.save === true;
  const dHidden = saves ? call.output(call.shape("hidden")) : undefined;
  const dTokens = saves ? call.output([vocabulary, width]) : undefined;
  const total = totalWeight(call, rows);
  const losses = call.scratch(rows);
  const logits = call.scratch(Math.min(CHUNK, rows) * vocabulary);
  for (let first = 0; first < rows; first += CHUNK) {
    const count = Math.min(CHUNK, rows - first);
    const from = hidden + 4 * first * width;
    multiply(call, {
      rows: count,
      columns: vocabulary,
      depth: width,
      a: from,
      b: tokens,
      turnedB: true,
      c: logits,
    });
    call.engine.crossEntropy(
      logits,
      saves ? logits : 0,
      call.address("targets") + 4 * first,
      call.address("weights") + 4 * first,
      losses + 4 * first,
      count,
      vocabulary,
      1 / total,
    );
    if (dHidden === undefined || dTokens === undefined) continue;
    multiply(call, {
      rows: count,
      columns: width,
      depth: vocabulary,
      a: logits,
      b: tokens,
      c: dHidden.address + 4 * first * width,
    });
    multiply(call, {
      rows: vocabulary,
      columns: width,
      depth: count,
      a: logits,
      turnedA: true,
      b: from,
      c: dTokens.address,
      add: first > 0,
    });
  }
  const mean = meanOf(call, losses, rows, total);
  return dHidden === undefined || dTokens === undefined ? [mean] : [mean, dHidden.info, dTokens.info];
}

function headLossGradient(call: KernelCall) {
  const dy = floats(call, call.address("dy"), 1)[0];
  return ["saved0", "saved1"].map((name) => {
    const info = call.inputs[name]!;
    if (dy === 1) return call.alias(info);
    const scaled = call.output(info.shape);
    const count = info.shape.reduce((product, axis) => product * axis, 1);
    call.engine.elementwise(call.address(name), call.address("dy"), scaled.address, count, 2, 2);
    return scaled.info;
  });
}

function head(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("hidden");
  const columns = call.shape("tokens")[0];
  const logits = call.output([...call.shape("hidden").slice(0, -1), columns]);
  if (rows <= FEW) {
    const [hidden, tokens] = [call.address("hidden"), call.address("tokens")];
    call.engine.multiplyTurnedRows(hidden, tokens, logits.address, rows, width, columns);
    return [logits.info];
  }
  multiply(call, {
    rows,
    columns,
    depth: width,
    a: call.address("hidden"),
    b: call.address("tokens"),
    turnedB: true,
    c: logits.address,
  });
  return [logits.info];
}

function headNll(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("hidden");
  const vocabulary = call.shape("tokens")[0];
  const nll = call.output(call.shape("targets"));
  const logits = call.scratch(Math.min(CHUNK, rows) * vocabulary);
  for (let first = 0; first < rows; first += CHUNK) {
    const count = Math.min(CHUNK, rows - first);
    multiply(call, {
      rows: count,
      columns: vocabulary,
      depth: width,
      a: call.address("hidden") + 4 * first * width,
      b: call.address("tokens"),
      turnedB: true,
      c: logits,
    });
    const targets = call.address("targets") + 4 * first;
    call.engine.crossEntropy(logits, 0, targets, 0, nll.address + 4 * first, count, vocabulary, 1);
  }
  return [nll.info];
}

/** The cross-entropy kernels; see src/ops/cross-entropy.ts. `AttaccaHeadLoss` saves its gradients for dy = 1. */
export function registerCrossEntropy(): void {
  register("AttaccaCrossEntropy", crossEntropy);
  register("AttaccaCrossEntropyGrad", crossEntropyGradient);
  register("AttaccaHeadLoss", headLoss);
  register("AttaccaHeadLossGrad", headLossGradient);
  register("AttaccaHead", head);
  register("AttaccaHeadNll", headNll);
}
