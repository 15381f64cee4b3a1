import { type KernelCall, register } from "./call.js";

/** Parameters of a block, and of the whole beside them: two embeddings and the last norm. */
const OF_BLOCK = 12;
const OTHERS = 4;
/** Where a block's products stand among its parameters, and the bias whose size is the inner width. */
const PRODUCTS = [2, 4, 8, 10];
const INNER_BIAS = 9;

function decode(call: KernelCall, int8: boolean) {
  const count = call.count("parameter");
  const layers = Math.floor((count - OTHERS) / OF_BLOCK);
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("parameter0");
  const inner = layers === 0 ? 0 : call.shape(`parameter${2 + INNER_BIAS}`)[0];
  const heads = call.number("heads");
  const [, , , capacity] = call.shape("keys");
  const logits = call.output([batch, time, vocabulary]);
  const keys = call.own("keys");
  const values = call.own("values");
  const list = call.scratch(count);
  const scales = int8 ? call.scratch(count) : 0;
  const work = call.scratchBytes(call.engine.decodeScratch(batch, time, width, inner, heads, capacity));
  // Once all memory is taken: it may have grown.
  const buffer = call.backend.engine.memory.buffer as ArrayBuffer;
  const addresses = new Uint32Array(buffer, list, count);
  for (let i = 0; i < count; i++) addresses[i] = call.address(`parameter${i}`);
  if (int8) {
    const ofScales = new Uint32Array(buffer, scales, count);
    const products = Array.from({ length: layers }, (_, i) => PRODUCTS.map((at) => 2 + i * OF_BLOCK + at));
    for (const [i, at] of [...products.flat(), count - 1].entries())
      ofScales[at] = call.address(`scales${i}`);
  }
  call.engine.decode(
    list,
    scales,
    call.inputs.turns === undefined ? 0 : call.address("turns"),
    call.address("ids"),
    call.backend.addressOf(keys),
    call.backend.addressOf(values),
    logits.address,
    work,
    batch,
    time,
    layers,
    width,
    inner,
    heads,
    vocabulary,
    capacity,
    call.number("position"),
    call.number("epsilon"),
  );
  return [logits.info, keys, values];
}

/** `AttaccaDecode` and `AttaccaInt8Decode`; see src/ops/decode.ts. */
export function registerDecode(): void {
  register("AttaccaDecode", (call) => decode(call, false));
  register("AttaccaInt8Decode", (call) => decode(call, true));
}
