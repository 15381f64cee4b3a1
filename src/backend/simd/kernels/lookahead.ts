import { joined } from "./attention.js";
import { type KernelCall, register } from "./call.js";
import { dropoutArguments } from "./dropout.js";

function sizesOf(call: KernelCall) {
  const [batch, time, width3] = call.shape("qkv");
  const heads = call.number("heads");
  return { batch, time, heads, width: width3 / 3, depth: width3 / 3 / heads };
}

/** Of so many products over pairs of positions, and so many that for each pair go over the positions in between. */
function productFlops(call: KernelCall, pairs: number, between: number): number {
  const { batch, time, heads, width } = sizesOf(call);
  return batch * (pairs * time ** 2 * width + (between * heads * time ** 3) / 3);
}

function forward(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const y = call.output([batch, time, width]);
  call.flops += productFlops(call, 4, 1);
  call.engine.lookaheadAttention(
    call.address("qkv"),
    call.address("look"),
    y.address,
    batch,
    heads,
    time,
    depth,
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.lookaheadScratch(time, depth)),
  );
  return [y.info];
}

function backward(call: KernelCall) {
  const { batch, time, heads, depth } = sizesOf(call);
  const dQkv = call.output(call.shape("qkv"));
  const dLook = call.output(call.shape("look"));
  call.flops += productFlops(call, 12, 3);
  call.engine.lookaheadGradient(
    call.address("qkv"),
    call.address("look"),
    call.address("dy"),
    dQkv.address,
    dLook.address,
    batch,
    heads,
    time,
    depth,
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.lookaheadGradientScratch(time, depth)),
  );
  return [dQkv.info, dLook.info];
}

function cached(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const past = call.inputs.lookahead === undefined ? 0 : call.shape("lookahead")[2];
  const y = call.output([batch, time, width]);
  const keys = joined(call, "keys", 1);
  const values = joined(call, "values", 2);
  const lookahead = call.output([batch, heads, past + time, 3 * depth]);
  const sums = call.output([batch, heads, past + time, depth]);
  call.engine.cachedLookahead(
    call.address("qkv"),
    call.address("look"),
    keys.address,
    values.address,
    past === 0 ? 0 : call.address("lookahead"),
    call.inputs.sums === undefined ? 0 : call.address("sums"),
    lookahead.address,
    sums.address,
    y.address,
    batch,
    heads,
    past,
    time,
    depth,
    call.scratchOfThreads(call.engine.cachedLookaheadScratch(past + time)),
  );
  return [y.info, keys.info, values.info, lookahead.info, sums.info];
}

/** `AttaccaLookaheadAttention` and its gradient, and `AttaccaCachedLookaheadAttention`; see src/ops/lookahead.ts. Nothing is saved. */
export function registerLookahead(): void {
  register("AttaccaLookaheadAttention", forward);
  register("AttaccaLookaheadAttentionGrad", backward);
  register("AttaccaCachedLookaheadAttention", cached);
}
