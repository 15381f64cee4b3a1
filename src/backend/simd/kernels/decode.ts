import { type KernelCall, register } from "./call.js";

/** Parameters of a block, and of the whole beside them: two embeddings and the last norm. */
const OF_BLOCK = 12;
const OTHERS = 4;

function decode(call: KernelCall) {
  const count = call.count("parameter");
  const layers = (count - OTHERS) / OF_BLOCK;
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("parameter0");
  // The product after GELU has the inner width as its rows.
  const inner = layers === 0 ? 0 : call.shape("parameter12")[0];
  const heads = call.number("heads");
  const [, , , capacity] = call.shape("keys");
  const logits = call.output([batch, time, vocabulary]);
  const keys = call.own("keys");
  const values = call.own("values");
  const list = call.scratch(count);
  const addresses = new Uint32Array(call.backend.engine.memory.buffer as ArrayBuffer, list, count);
  for (let i = 0; i < count; i++) addresses[i] = call.address(`parameter${i}`);
  call.engine.decode(
    list,
    call.address("ids"),
    call.backend.addressOf(keys),
    call.backend.addressOf(values),
    logits.address,
    call.scratchBytes(call.engine.decodeScratch(batch, time, width, inner, heads, capacity)),
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

/** `AttaccaDecode`; see src/ops/decode.ts. */
export function registerDecode(): void {
  register("AttaccaDecode", decode);
}
