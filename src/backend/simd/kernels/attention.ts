import { type KernelCall, register } from "./call.js";
import { dropoutArguments } from "./dropout.js";

function sizesOf(call: KernelCall) {
  const [batch, time, width3] = call.shape("qkv");
  const heads = call.number("heads");
  const width = width3 / 3;
  return { batch, time, heads, width, depth: width / heads };
}

/** Of so many products of time × time × depth; under a causal mask half of each is needed, and more behind a prefix. */
function productFlops(call: KernelCall, products: number): number {
  const { batch, time, width } = sizesOf(call);
  let pairs = 0;
  for (let row = 0; row < batch; row++) {
    const prefix =
      call.attributes.mode === "full" ? time : ((call.attributes.prefixes as number[])?.[row] ?? 0);
    pairs += (time * time + Math.min(time, prefix) ** 2) / 2;
  }
  return 2 * products * pairs * width;
}

/** What tells the engine which keys all queries see: one number for all sequences, or the address of one for each. */
function prefixArguments(call: KernelCall): [prefix: number, prefixes: number] {
  const prefixes = call.attributes.prefixes as readonly number[] | undefined;
  if (prefixes === undefined) return [call.attributes.mode === "full" ? call.shape("qkv")[1] : 0, 0];
  return [0, numbersAddress(call, prefixes)];
}

/** Where the engine finds whole numbers, one for each sequence. */
export function numbersAddress(call: KernelCall, numbers: readonly number[]): number {
  const address = call.scratch(numbers.length);
  const buffer = call.backend.engine.memory.buffer as ArrayBuffer;
  new Int32Array(buffer, address, numbers.length).set(numbers);
  return address;
}

function forward(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const qkv = call.address("qkv");
  const y = call.output([batch, time, width]);
  const logSums = call.attributes.save ? call.output([batch, heads, time]) : undefined;
  const row = 12 * width;
  call.flops += productFlops(call, 2);
  call.engine.attention(
    qkv,
    time * row,
    4 * depth,
    row,
    qkv + 4 * width,
    qkv + 8 * width,
    time * row,
    4 * depth,
    row,
    y.address,
    logSums?.address ?? 0,
    batch,
    heads,
    time,
    time,
    depth,
    ...prefixArguments(call),
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.attentionScratch(time, depth)),
  );
  return logSums === undefined ? [y.info] : [y.info, call.alias(y.info), logSums.info];
}

function backward(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const dQkv = call.output(call.shape("qkv"));
  call.flops += productFlops(call, 5);
  const qkv = call.address("qkv");
  call.engine.attentionGradient(
    qkv,
    12 * width,
    qkv + 4 * width,
    12 * width,
    call.address("saved0"),
    call.address("dy"),
    call.address("saved1"),
    dQkv.address,
    dQkv.address + 4 * width,
    batch,
    heads,
    time,
    time,
    depth,
    ...prefixArguments(call),
    ...dropoutArguments(call),
    call.scratchOfThreads(call.engine.attentionGradientScratch(time, depth)),
  );
  return [dQkv.info];
}

/** Past and new keys (offset 1) or values (offset 2) together, [batch, heads, past + time, depth]. */
export function joined(call: KernelCall, name: "keys" | "values", offset: number) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const past = call.inputs[name] === undefined ? 0 : call.shape(name)[2];
  const all = call.output([batch, heads, past + time, depth]);
  call.engine.appendPositions(
    past === 0 ? 0 : call.address(name),
    past,
    call.address("qkv") + 4 * offset * width,
    12 * time * width,
    12 * width,
    all.address,
    batch,
    heads,
    time,
    depth,
  );
  return all;
}

function cached(call: KernelCall) {
  const { batch, time, heads, width, depth } = sizesOf(call);
  const y = call.output([batch, time, width]);
  const keys = joined(call, "keys", 1);
  const values = joined(call, "values", 2);
  const count = keys.info.shape[2];
  call.engine.attention(
    call.address("qkv"),
    12 * time * width,
    4 * depth,
    12 * width,
    keys.address,
    values.address,
    4 * heads * count * depth,
    4 * count * depth,
    4 * depth,
    y.address,
    0,
    batch,
    heads,
    time,
    count,
    depth,
    0,
    0,
    0,
    0,
    0,
    1,
    call.scratchOfThreads(call.engine.attentionScratch(count, depth)),
  );
  return [y.info, keys.info, values.info];
}

/** `AttaccaAttention` and its gradient; see src/ops/attention.ts. Saved: y, and each query's log Σ exp(score). `AttaccaPrefixAttention` and `AttaccaCachedAttention` likewise. */
export function registerAttention(): void {
  register("AttaccaPrefixAttention", forward);
  register("AttaccaPrefixAttentionGrad", backward);
  register("AttaccaAttention", forward);
  register("AttaccaAttentionGrad", backward);
  register("AttaccaCachedAttention", cached);
}
