import * as tf from "@tensorflow/tfjs-core";
import { type Bound, type KernelCall, register } from "../call.js";
import {
  COLUMNS,
  packProgram,
  type RowProduct,
  rowAttentionProgram,
  rowProductProgram,
  turnProgram,
} from "../shaders/decode.js";
import { embeddingProgram, THREADS } from "../shaders/elementwise.js";
import { int8ProductProgram } from "../shaders/int8.js";

/** Parameters of a block, and of the whole beside them: two embeddings before, the last norm after. */
const OF_BLOCK = 12;
const BEFORE = 2;
const OTHERS = 4;

/**
 * Five dispatches a block: queries, keys and values of normalised rows; attention; its projection onto the stream; GELU
 * of a product of normalised rows; its projection. One more where positions are rotary, one for the embedding before, one for the head after.
 */
function decode(call: KernelCall) {
  // Quantised, the head's matrix stands after the parameters, and scales go with the matrices in their order.
  const int8 = call.inputs.scales0 !== undefined;
  const given = Array.from({ length: call.count("parameter") }, (_, i) => call.input(`parameter${i}`));
  const parameters = int8 ? given.slice(0, -1) : given;
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

  let products = 0;
  const halves = call.attributes.halves === true && !int8;
  const product = (
    kind: RowProduct,
    columns: number,
    buffers: Record<string, Bound>,
    uniforms: Record<string, number> = {},
    depth = width,
  ): void => {
    const bound: Record<string, Bound> = int8
      ? { ...buffers, scales: call.input(`scales${products++}`) }
      : { ...buffers, weight: halves ? packed(call, buffers.weight as tf.TensorInfo) : buffers.weight };
    const program = int8 ? int8ProductProgram(kind, depth) : rowProductProgram(kind, halves);
    const groups = [Math.ceil(columns / COLUMNS), rows];
    call.run(program, { depth, columns, epsilon, ...uniforms }, bound, groups);
  };

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
    if (call.inputs.turns !== undefined) {
      const pairs = count / 2;
      call.run(
        turnProgram,
        { count: pairs, time, heads, depth: width / heads, capacity, layerFirst },
        { turns: call.input("turns"), place, q: wide, keys },
        call.groupsFor(pairs, THREADS),
      );
    }
    const seen = call.scratch(count);
    const scale = 1 / Math.sqrt(width / heads);
    call.run(
      rowAttentionProgram(capacity, width / heads),
      { time, heads, scale, layerFirst },
      { q: wide, keys, values, place, y: seen },
      [heads, rows],
    );
    product("residual", width, { x: seen, weight: wOut, bias: bOut, y: stream });
    const inner = bIn.shape[0];
    const active = call.scratch(rows * inner);
    product("gelu", inner, { x: stream, weight: wIn, bias: bIn, gain: gain2, shift: shift2, y: active });
    product("residual", width, { x: active, weight: wDown, bias: bDown, y: stream }, {}, inner);
  }
  const [gain, shift] = parameters.slice(-2);
  const weight = int8 ? given[given.length - 1] : tokens;
  product("head", vocabulary, { x: stream, weight, gain, shift, y: logits });
  return [logits, keys, values];
}

/** A matrix two numbers to a word, packed the first time that it is needed. */
function packed(call: KernelCall, matrix: tf.TensorInfo): tf.TensorInfo {
  return call.backend.keptWith(matrix, () => {
    const size = tf.util.sizeFromShape(matrix.shape);
    const count = Math.ceil(size / 2);
    const words = call.backend.makeTensorInfo([count], "int32");
    call.run(packProgram, { count, size }, { x: matrix, y: words }, call.groupsFor(count, 256));
    return words;
  });
}

/** `AttaccaInt8Linear`; see src/ops/int8.ts. */
function int8Linear(call: KernelCall) {
  const { rows, width: depth } = call.rowsAndWidth("x");
  const columns = call.size("scales");
  const y = call.output([...call.shape("x").slice(0, -1), columns]);
  const [x, weight, scales] = ["x", "weight", "scales"].map((name) => call.input(name));
  const biased = call.inputs.bias !== undefined;
  const [down, across] = call.groupsFor(rows, 1);
  call.run(
    int8ProductProgram(call.attributes.activation === "gelu_new" ? "linear gelu" : "linear", depth),
    { depth, columns, rows, biased: biased ? 1 : 0 },
    { x, weight, scales, bias: biased ? call.input("bias") : scales, y },
    [Math.ceil(columns / COLUMNS), down, across],
  );
  return [y];
}

/** `AttaccaDecode` and `AttaccaInt8Decode`, see src/ops/decode.ts, and `AttaccaInt8Linear`, see src/ops/int8.ts. */
export function registerDecode(): void {
  register("AttaccaDecode", decode);
  register("AttaccaInt8Decode", decode);
  register("AttaccaInt8Linear", int8Linear);
}
