import * as tf from "@tensorflow/tfjs-core";
import { invalid, missing, unsupported } from "../errors.js";
import { fromHalf, int8Weight, type Quantised, quantise, toHalf } from "../ops/index.js";
import { type RandomStream, randomStream } from "../random.js";
import type { PositionStart, WeightForm } from "./choices.js";
import type { ModelConfig } from "./config.js";
import { fillWithWaves } from "./waves.js";

/**
 * The model's parameters by their GPT-2 name, such as "h.0.attn.c_attn.weight", in `parameterShapes`' order.
 *
 * With weights in int8, "h.0.attn.c_attn.weight.int8" stands in its place (see `int8Weight`), and so for the other products.
 * At the end come "wte.weight.int8", for the tied head (the embedding stays), and "h.0.attn.c_attn.weight.scales" and so on,
 * the scales of all of these in their order.
 */
export type Parameters = ReadonlyMap<string, tf.Variable>;

/** The token embedding, which is the head's matrix too. */
export const HEAD = "wte.weight";

/** The name of a matrix's whole numbers, where it is quantised. */
export const int8Name = (name: string): string => `${name}.int8`;
/** The name of their scales. */
export const scalesName = (name: string): string => `${name}.scales`;

/** Parameters whose matrices are halves in 32 bits. */
const inHalves = new WeakSet<Parameters>();

/** The form of the products' weights. */
export function weightFormOf(parameters: Parameters): WeightForm {
  if (parameters.has(int8Name(HEAD))) return "int8";
  return inHalves.has(parameters) ? "f16" : "f32";
}

/** Name and shape of every parameter, in the order that everything else follows. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { n_embd: width, n_inner: inner } = config;
  const shapes = new Map<string, readonly number[]>();
  const norm = (name: string) => shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  const product = (name: string, from: number, to: number) =>
    shapes.set(`${name}.weight`, [from, to]).set(`${name}.bias`, [to]);
  const stack = (
    prefix: string,
    layers: number,
    has: { readonly look: boolean; readonly cross: boolean },
  ) => {
    shapes.set(`${prefix}wte.weight`, [config.vocab_size, width]);
    shapes.set(`${prefix}wpe.weight`, [config.n_positions, width]);
    for (let layer = 0; layer < layers; layer++) {
      const block = `${prefix}h.${layer}`;
      norm(`${block}.ln_1`);
      product(`${block}.attn.c_attn`, width, 3 * width);
      if (has.look) product(`${block}.attn.c_look`, width, 3 * width);
      product(`${block}.attn.c_proj`, width, width);
      if (has.cross) {
        // As GPT2Config's add_cross_attention names them.
        norm(`${block}.ln_cross_attn`);
        product(`${block}.crossattention.q_attn`, width, width);
        product(`${block}.crossattention.c_attn`, width, 2 * width);
        product(`${block}.crossattention.c_proj`, width, width);
      }
      norm(`${block}.ln_2`);
      product(`${block}.mlp.c_fc`, width, inner);
      product(`${block}.mlp.c_proj`, inner, width);
    }
    norm(`${prefix}ln_f`);
  };
  const encoded = config.encoder_layers > 0;
  stack("", config.n_layer, { look: config.attention === "lookahead", cross: encoded });
  if (encoded) stack("encoder.", config.encoder_layers, { look: false, cross: false });
  return shapes;
}

/** How the position embeddings begin. */
export interface InitialOptions {
  /** "sinusoidal" (unless "random"): the position embedding begins as waves and is learned from there. */
  readonly positions?: PositionStart;
  /**
   * How many of the decoder's positions one of an encoder's source stands for: its waves are as much slower, so that the same moment has
   * the same phase in both. Default: 1.
   */
  readonly sourceStep?: number;
}

/**
 * New parameters as GPT-2 begins (Radford et al. 2019, section 2.3): weights normal with deviation
 * `initializer_range`, divided by √(2·n_layer) where they lead back into the stream; biases 0; norms 1.
 * Each is a pure function of (seed, name).
 *
 * @param options see `InitialOptions`
 */
export function initialParameters(
  config: ModelConfig,
  seed: number,
  options: InitialOptions = {},
): Parameters {
  return parametersFrom(config, initialValues(config, seed, options));
}

/** The values of `initialParameters`, off the engine. */
export function initialValues(
  config: ModelConfig,
  seed: number,
  { positions = "sinusoidal", sourceStep = 1 }: InitialOptions = {},
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of parameterShapes(config)) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (/(^|\.)ln_\w+\.weight$/.test(name)) data.fill(1);
    else if (name === "wpe.weight" && positions === "sinusoidal") fillWithWaves(data, config);
    else if (name === "encoder.wpe.weight" && positions === "sinusoidal") {
      // A source's first id is the decoder's at 1: at 0 stands what came before.
      fillWithWaves(data, config, (position) => position * sourceStep + 1);
    } else if (/\.crossattention\.(q_attn|c_attn)\.weight$/.test(name) && positions === "sinusoidal") {
      fillWithLikeness(data, shape, config, randomStream(seed, name));
    } else if (name.endsWith(".weight")) {
      const deviation =
        config.initializer_range / (name.endsWith("c_proj.weight") ? Math.sqrt(2 * config.n_layer) : 1);
      const stream = randomStream(seed, name);
      for (let i = 0; i < data.length; i++) data[i] = deviation * stream.normal();
    }
    values.set(name, data);
  }
  return values;
}

/**
 * Queries and keys of cross-attention begin as the states themselves, so that what is like in both is seen first: their waves, and so the
 * same moment of source and target, in heads of high frequencies sharply and in those of low ones from afar. Values begin as noise.
 */
function fillWithLikeness(
  data: Float32Array,
  [rows, columns]: readonly number[],
  { initializer_range }: ModelConfig,
  stream: RandomStream,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const noise = initializer_range * stream.normal();
      data[row * columns + column] = column < rows ? noise + (row === column ? 1 : 0) : noise;
    }
  }
}

/**
 * Parameters with the values given, float32 by name; other names in `values` are left alone.
 *
 * @param options.weights "f32" unless given. With "f16" the weights of the products and the embedding of tokens are rounded to
 *   16-bit floats (nothing is lost of a checkpoint that is stored so): a step of generating reads half of the bytes on WebGPU, and
 *   elsewhere it is the same model without a gain. With "int8" the weights of the products (c_attn, both c_proj, c_fc, and the tied
 *   head) are quantised, for generating and scoring: a quarter of the bytes, at some cost in likelihood. Embeddings, norms and
 *   biases stay floats. They are for the backend in use now: another one may want them in another form.
 * @throws AttaccaError `missing` or `invalid`, naming the tensor, for f16 also one with a number past 65,504; `unsupported` for int8 with lookahead keys or an encoder
 */
export function parametersFrom(
  config: ModelConfig,
  values: ReadonlyMap<string, Float32Array>,
  { weights = "f32" }: { readonly weights?: WeightForm } = {},
): Parameters {
  if (weights === "int8" && config.attention === "lookahead") {
    throw unsupported("weights", "int8 for a model with lookahead keys", "f32");
  }
  if (weights === "int8" && config.encoder_layers > 0) {
    throw unsupported("weights", "int8 for a model with an encoder", "f32");
  }
  const shapes = parameterShapes(config);
  for (const [name, shape] of shapes) {
    const data = values.get(name);
    const size = shape.reduce((a, b) => a * b, 1);
    if (data === undefined) throw missing(`parameter ${name}`, `float32 [${shape}]`);
    if (data.length !== size)
      throw invalid(`parameter ${name}`, `${data.length} numbers`, `${size} ([${shape}])`);
  }
  const names = weights === "f16" ? [...shapes.keys()] : [];
  const rounded = names.filter((name) => name === HEAD || PRODUCT.test(name));
  const halves = new Map(rounded.map((name) => [name, halvesOf(name, values.get(name)!)]));
  const parameters = new Map<string, tf.Variable>();
  // Not tracked by a tidy around: variables live until they are disposed of.
  const set = (name: string, make: () => tf.Tensor, trainable = true): void => {
    parameters.set(
      name,
      tf.tidy(() => tf.variable(make(), trainable)),
    );
  };
  const matrices = new Map<string, Quantised>();
  for (const [name, shape] of shapes) {
    const data = values.get(name)!;
    if (weights === "int8" && PRODUCT.test(name)) {
      const matrix = quantise(data, shape[0], shape[1]);
      matrices.set(name, matrix);
      set(int8Name(name), () => int8Weight(matrix), false);
    } else {
      set(name, () => tf.tensor(halves.get(name) ?? data, [...shape], "float32"), weights === "f32");
    }
  }
  if (weights === "f16") inHalves.add(parameters);
  if (weights !== "int8") return parameters;
  const tokens = quantise(values.get(HEAD)!, config.n_embd, config.vocab_size, true);
  set(int8Name(HEAD), () => int8Weight(tokens), false);
  for (const [name, { scales }] of [...matrices, [HEAD, tokens] as const]) {
    set(scalesName(name), () => tf.tensor1d(scales), false);
  }
  return parameters;
}

/** Names of matrices of products, but for the head. */
const PRODUCT = /\.c_\w+\.weight$/;

function halvesOf(name: string, values: Float32Array): Float32Array {
  const rounded = fromHalf(toHalf(values));
  const i = rounded.findIndex((value, at) => !Number.isFinite(value) && Number.isFinite(values[at]));
  if (i >= 0) throw invalid(`parameter ${name}`, `${values[i]}`, "at most 65,504 in f16");
  return rounded;
}

/** The parameters' values by name, copied off the engine. */
export async function parameterValues(parameters: Parameters): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, variable] of parameters) values.set(name, Float32Array.from(await variable.data()));
  return values;
}

/** Frees the parameters. */
export function disposeParameters(parameters: Parameters): void {
  for (const variable of parameters.values()) variable.dispose();
}
