import type * as tf from "@tensorflow/tfjs-core";
import { unsupported } from "../../../errors.js";
import { type KernelCall, register } from "../call.js";
import {
  type AttentionVariant,
  attentionBlock,
  attentionDelta,
  attentionGradientOfKeys,
  attentionGradientOfQueries,
  attentionProgram,
} from "../shaders/attention.js";
import { appendProgram } from "../shaders/decode.js";
import { dropoutUniforms } from "./dropout.js";

function sizesOf(call: KernelCall) {
  const [batch, time, width3] = call.shape("qkv");
  const heads = call.number("heads");
  const width = width3 / 3;
  return { batch, time, heads, width, depth: width / heads };
}

/** Positions that a workgroup takes, whose tiles of a block × depth, and of a block squared, are so many. */
function blockOf(call: KernelCall, tiles: number, squares: number): number {
  const { time, depth } = sizesOf(call);
  const { limits } = call.backend.device;
  const block = attentionBlock(time, depth, tiles, squares, limits);
  if (block > 0) return block;
  throw unsupported(
    "width of a head on webgpu",
    String(depth),
    `one whose blocks fit into the device's ${limits.maxComputeWorkgroupStorageSize} bytes of shared memory`,
    "Use more heads, or --backend simd",
  );
}

function variantOf(call: KernelCall, tiles: number, squares: number): AttentionVariant {
  return {
    depth: sizesOf(call).depth,
    block: blockOf(call, tiles, squares),
    causal: call.attributes.mode === "causal",
    drops: call.number("rate") > 0,
  };
}

function forward(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const variant = variantOf(call, 2, 1);
  const y = call.output([batch, time, width]);
  const logSums = call.attributes.save === true ? call.output([batch, heads, time]) : undefined;
  const qkv = call.input("qkv");
  const rows = 3 * width;
  call.run(
    attentionProgram(variant, logSums !== undefined),
    {
      time,
      count: time,
      scale: 1 / Math.sqrt(depth),
      qFirst: 0,
      kFirst: width,
      vFirst: 2 * width,
      qBatch: time * rows,
      qHead: depth,
      qRow: rows,
      kBatch: time * rows,
      kHead: depth,
      kRow: rows,
      ...(variant.drops && dropoutUniforms(call)),
    },
    { q: qkv, k: qkv, v: qkv, y, ...(logSums && { logSums }) },
    [Math.ceil(time / variant.block), heads, batch],
    variant.drops,
  );
  return logSums === undefined ? [y] : [y, call.alias(y), logSums];
}

function backward(call: KernelCall) {
  const { batch, time, heads, depth } = sizesOf(call);
  const [qkv, dy, y, logSums] = ["qkv", "dy", "saved0", "saved1"].map((name) => call.input(name));
  const count = batch * heads * time;
  const delta = call.scratch(Math.max(1, count));
  call.run(attentionDelta(depth), { count, time, heads }, { dy, y, delta }, call.groupsFor(count, 64));
  const dQkv = call.output(call.shape("qkv"));
  for (const [program, squares] of [
    [attentionGradientOfQueries, 1],
    [attentionGradientOfKeys, 2],
  ] as const) {
    const variant = variantOf(call, 4, squares);
    call.run(
      program(variant),
      { time, scale: 1 / Math.sqrt(depth), ...(variant.drops && dropoutUniforms(call)) },
      { qkv, dy, logSums, delta, dQkv },
      [Math.ceil(time / variant.block), heads, batch],
      variant.drops,
    );
  }
  return [dQkv];
}

/** Past and new keys (part 1) or values (part 2) together, [batch, heads, past + time, depth]. */
function joined(call: KernelCall, name: "keys" | "values", part: number): tf.TensorInfo {
  const { batch, time, heads, depth } = sizesOf(call);
  const past = call.inputs[name] === undefined ? 0 : call.shape(name)[2];
  const after = call.output([batch, heads, past + time, depth]);
  const count = batch * heads * (past + time) * depth;
  const qkv = call.input("qkv");
  const before = past === 0 ? qkv : call.input(name);
  const sizes = { count, past, time, heads, depth, part };
  call.run(appendProgram, sizes, { before, qkv, after }, call.groupsFor(count, 256));
  return after;
}

function cached(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const y = call.output([batch, time, width]);
  const keys = joined(call, "keys", 1);
  const values = joined(call, "values", 2);
  const count = keys.shape[2];
  const block = blockOf(call, 2, 1);
  call.run(
    attentionProgram({ depth, block, causal: true, drops: false }, false),
    {
      time,
      count,
      scale: 1 / Math.sqrt(depth),
      qFirst: 0,
      kFirst: 0,
      vFirst: 0,
      qBatch: 3 * time * width,
      qHead: depth,
      qRow: 3 * width,
      kBatch: heads * count * depth,
      kHead: count * depth,
      kRow: depth,
    },
    { q: call.input("qkv"), k: keys, v: values, y },
    [Math.ceil(time / block), heads, batch],
  );
  return [y, keys, values];
}

/** `AttaccaAttention` and its gradient; see src/ops/attention.ts. Saved: y, and each query's log Σ exp(score). `AttaccaCachedAttention` likewise. */
export function registerAttention(): void {
  register("AttaccaAttention", forward);
  register("AttaccaAttentionGrad", backward);
  register("AttaccaCachedAttention", cached);
}
