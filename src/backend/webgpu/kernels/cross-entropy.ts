import type * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "../call.js";
import { scaleProgram, THREADS } from "../shaders/elementwise.js";
import {
  type CrossEntropyKind,
  crossEntropyProgram,
  meanLossProgram,
  totalWeightProgram,
} from "../shaders/loss.js";
import { multiply } from "./multiply.js";

/** Logits that are in memory at a time, in values: 64 MiB. */
const CHUNK = 2 ** 24;

function totalWeight(call: KernelCall, count: number): tf.TensorInfo {
  const total = call.scratch(1);
  call.run(totalWeightProgram, { count }, { weights: call.input("weights"), total }, [1]);
  return total;
}

function meanOf(call: KernelCall, losses: tf.TensorInfo, count: number, total: tf.TensorInfo): tf.TensorInfo {
  const mean = call.output([]);
  call.run(meanLossProgram, { count }, { losses, weights: call.input("weights"), total, mean }, [1]);
  return mean;
}

function rowLosses(
  call: KernelCall,
  kind: CrossEntropyKind,
  sizes: { rows: number; width: number; first: number },
  buffers: Record<string, tf.TensorInfo>,
): void {
  const targets = call.input("targets");
  call.run(crossEntropyProgram(kind), sizes, { targets, ...buffers }, call.groupsFor(sizes.rows, 1));
}

function crossEntropy(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("logits");
  const losses = call.scratch(rows);
  rowLosses(call, "loss", { rows, width, first: 0 }, { logits: call.input("logits"), losses });
  return [meanOf(call, losses, rows, totalWeight(call, rows))];
}

function crossEntropyGradient(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("logits");
  const dLogits = call.output(call.shape("logits"));
  const total = totalWeight(call, rows);
  const [logits, weights, dy] = ["logits", "weights", "dy"].map((name) => call.input(name));
  rowLosses(call, "gradient", { rows, width, first: 0 }, { logits, weights, total, dy, dLogits });
  return [dLogits];
}

/** Calls `each` for chunks of rows whose logits fit into memory, with a place for them. */
function inChunks(
  call: KernelCall,
  each: (logits: tf.TensorInfo, first: number, rows: number) => void,
): void {
  const { rows, width } = call.rowsAndWidth("hidden");
  const vocabulary = call.shape("tokens")[0];
  const most = Math.min(rows, Math.max(64, Math.floor(CHUNK / vocabulary)));
  const logits = call.scratch(most * vocabulary);
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first);
    multiply(call, {
      rows: count,
      columns: vocabulary,
      depth: width,
      a: call.input("hidden"),
      aFirst: first * width,
      b: call.input("tokens"),
      turnedB: true,
      c: logits,
    });
    each(logits, first, count);
  }
}

/**
 * The loss, and with `save` its gradients for dy = 1, chunk by chunk: so neither the logits nor their gradient are
 * ever whole in memory where there are many, and the logits are computed once.
 */
function headLoss(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("hidden");
  const vocabulary = call.shape("tokens")[0];
  const saves = call.attributes.save === true;
  const dHidden = saves ? call.output(call.shape("hidden")) : undefined;
  const dTokens = saves ? call.output([vocabulary, width]) : undefined;
  const total = totalWeight(call, rows);
  const losses = call.scratch(rows);
  inChunks(call, (logits, first, count) => {
    const sizes = { rows: count, width: vocabulary, first };
    if (dHidden === undefined || dTokens === undefined) {
      rowLosses(call, "loss", sizes, { logits, losses });
      return;
    }
    rowLosses(call, "in place", sizes, { logits, losses, weights: call.input("weights"), total });
    const slopes = { a: logits, columns: width } as const;
    multiply(call, {
      ...slopes,
      rows: count,
      depth: vocabulary,
      b: call.input("tokens"),
      c: dHidden,
      cFirst: first * width,
    });
    multiply(call, {
      ...slopes,
      turnedA: true,
      rows: vocabulary,
      depth: count,
      b: call.input("hidden"),
      bFirst: first * width,
      c: dTokens,
      adds: first > 0,
    });
  });
  const mean = meanOf(call, losses, rows, total);
  return dHidden === undefined || dTokens === undefined ? [mean] : [mean, dHidden, dTokens];
}

function headLossGradient(call: KernelCall) {
  const dy = call.input("dy");
  // The loss itself is what one differentiates: then dy is a 1 that has never been on the device.
  const one = call.backend.valuesOf(dy)?.[0] === 1;
  return ["saved0", "saved1"].map((name) => {
    if (one) return call.alias(call.input(name));
    const y = call.output(call.shape(name));
    const count = call.size(name);
    call.run(scaleProgram, { count }, { a: call.input(name), factor: dy, y }, call.groupsFor(count, THREADS));
    return y;
  });
}

function head(call: KernelCall) {
  const { rows, width } = call.rowsAndWidth("hidden");
  const columns = call.shape("tokens")[0];
  const logits = call.output([...call.shape("hidden").slice(0, -1), columns]);
  const [a, b] = [call.input("hidden"), call.input("tokens")];
  multiply(call, { rows, columns, depth: width, a, b, turnedB: true, c: logits });
  return [logits];
}

function headNll(call: KernelCall) {
  const width = call.shape("tokens")[0];
  const losses = call.output(call.shape("targets"));
  inChunks(call, (logits, first, rows) =>
    rowLosses(call, "loss", { rows, width, first }, { logits, losses }),
  );
  return [losses];
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
