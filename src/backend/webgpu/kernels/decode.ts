import type * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "../call.js";
import { COLUMNS, type RowProduct, rowAttentionProgram, rowProductProgram } from "../shaders/decode.js";
import { embeddingProgram, THREADS } from "../shaders/elementwise.js";

/** Parameters of a block, and of the whole beside them: two embeddings before, the last norm after. */
const OF_BLOCK = 12;
const BEFORE = 2;
const OTHERS = 4;

/**
 * Five dispatches a block: queries, keys and values of normalised rows; attention; its projection onto the stream; GELU
 * of a product of normalised rows; its projection. One for the embedding before, one for the head after.
 */
function decode(call: KernelCall) {
  const parameters = Array.from({ length: call.count("parameter") }, (_, i) => call.input(`parameter${i}`));
  const layers = (parameters.length - OTHERS) / OF_BLOCK;
  const [batch, time] = call.shape("ids");
  const [tokens, positions] = parameters;
  const [vocabulary, width] = tokens.shape;
  const heads = call.number("heads");
  const capacity = call.shape("keys")[3];
  const rows = batch * time;
  const keys = call.own("keys");
  const values = call.own("values");
  const logits = call.output([batch, time, vocabulary]);
  const [stream, wide] = [call.scratch(rows * width), call.scratch(rows * width)];
  const position = call.number("position");
  // What changes from step to step has a buffer of its own, so that the uniforms are the same ones at each.
  const place = call.backend.constant(new Uint32Array([position, 0, 0, 0]), GPUBufferUsage.STORAGE);
  const epsilon = call.number("epsilon");

  const product = (
    kind: RowProduct,
    columns: number,
    buffers: Record<string, tf.TensorInfo | GPUBuffer>,
    uniforms: Record<string, number> = {},
    depth = width,
  ): void =>
    call.run(rowProductProgram(kind), { depth, columns, epsilon, ...uniforms }, buffers, [
      Math.ceil(columns / COLUMNS),
      rows,
    ]);

  const count = rows * width;
  call.run(
    embeddingProgram,
    { count, width, time, vocabulary, offset: position },
    { ids: call.input("ids"), tokens, positions, y: stream },
    call.groupsFor(count, THREADS),
  );
  for (let layer = 0; layer < layers; layer++) {
    const [gain1, shift1, wQkv, bQkv, wOut, bOut, gain2, shift2, wIn, bIn, wDown, bDown] = parameters.slice(
      BEFORE + OF_BLOCK * layer,
      BEFORE + OF_BLOCK * (layer + 1),
    );
    const layerFirst = layer * batch * capacity * width;
    product(
      "qkv",
      3 * width,
      { x: stream, weight: wQkv, bias: bQkv, gain: gain1, shift: shift1, place, y: wide, keys, values },
      { time, heads, capacity, layerFirst },
    );
    const seen = call.scratch(count);
    const scale = 1 / Math.sqrt(width / heads);
    call.run(
      rowAttentionProgram(capacity, width / heads),
      { time, heads, scale, layerFirst },
      { q: wide, keys, values, place, y: seen },
      [heads, rows],
    );
    product("residual", width, { x: seen, weight: wOut, bias: bOut, y: stream });
    const inner = wIn.shape[1]!;
    const active = call.scratch(rows * inner);
    product("gelu", inner, { x: stream, weight: wIn, bias: bIn, gain: gain2, shift: shift2, y: active });
    product("residual", width, { x: active, weight: wDown, bias: bDown, y: stream }, {}, inner);
  }
  const [gain, shift] = parameters.slice(-2);
  product("head", vocabulary, { x: stream, weight: tokens, gain, shift, y: logits });
  return [logits, keys, values];
}

/** `AttaccaDecode`; see src/ops/decode.ts. */
export function registerDecode(): void {
  register("AttaccaDecode", decode);
}
