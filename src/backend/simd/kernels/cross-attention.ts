import { numbersAddress } from "./attention.js";
import { type KernelCall, register } from "./call.js";
import { dropoutArguments } from "./dropout.js";

function sizesOf(call: KernelCall) {
  const [batch, time, width] = call.shape("q");
  const source = call.shape("kv")[1];
  const heads = call.number("heads");
  return { batch, time, source, heads, width, depth: width / heads };
}

/** What tells the engine that queries see the keys of their source only, and how many. */
function lengthArguments(call: KernelCall): [prefix: number, prefixes: number] {
  return [-1, numbersAddress(call, call.attributes.lengths as readonly number[])];
}

/** Of so many products of time × length × depth. */
function productFlops(call: KernelCall, products: number): number {
  const { time, width } = sizesOf(call);
  const lengths = call.attributes.lengths as readonly number[];
  return 2 * products * time * width * lengths.reduce((sum, length) => sum + length, 0);
}

function forward(call: KernelCall) {
  const { batch, time, source, heads, width, depth } = sizesOf(call);
  const kv = call.address("kv");
  const y = call.output([batch, time, width]);
  const logSums = call.attributes.save ? call.output([batch, heads, time]) : undefined;
  const row = 8 * width;
  call.flops += productFlops(call, 2);
  call.engine.attention(
    call.address("q"),
    4 * time * width,
    4 * depth,
    4 * width,
    kv,
    kv + 4 * width,
    source * row,
    4 * depth,
    row,
    y.address,
    logSums?.address ?? 0,
    batch,
    heads,
    time,
    source,
    depth,
    ...lengthArguments(call),
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.attentionScratch(source, depth)),
  );
  return logSums === undefined ? [y.info] : [y.info, call.alias(y.info), logSums.info];
}

function backward(call: KernelCall) {
  const { batch, time, source, heads, width, depth } = sizesOf(call);
  const dQ = call.output([batch, time, width]);
  const dKv = call.output([batch, source, 2 * width]);
  call.flops += productFlops(call, 5);
  call.engine.attentionGradient(
    call.address("q"),
    4 * width,
    call.address("kv"),
    8 * width,
    call.address("saved0"),
    call.address("dy"),
    call.address("saved1"),
    dQ.address,
    dKv.address,
    batch,
    heads,
    time,
    source,
    depth,
    ...lengthArguments(call),
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.attentionGradientScratch(source, depth)),
  );
  return [dQ.info, dKv.info];
}

/** `AttaccaCrossAttention` and its gradient; see src/ops/cross-attention.ts. Saved: y, and each query's log Σ exp(score). */
export function registerCrossAttention(): void {
  register("AttaccaCrossAttention", forward);
  register("AttaccaCrossAttentionGrad", backward);
}
