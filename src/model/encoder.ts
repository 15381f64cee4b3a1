import * as tf from "@tensorflow/tfjs-core";
import { invalid, missing, unsupported } from "../errors.js";
import {
  crossAttention,
  type Dropout,
  dropout,
  dropoutOf,
  embedding,
  layerNorm,
  residual,
} from "../ops/index.js";
import { attend } from "./attend.js";
import type { ModelConfig } from "./config.js";
import { type Ids, idsTensor } from "./ids.js";
import type { Parameters } from "./parameters.js";
import { parameter, product, queriesKeysValues } from "./products.js";
import { turnsOf } from "./waves.js";

/** What an encoder reads: for each row of the decoder's batch, the ids of a source. */
export interface Source {
  /** [batch, source length]; what stands behind a row's length is never seen. */
  readonly ids: Ids;
  /** For each row, how many ids its source has; 1 to the source length. */
  readonly lengths: readonly number[];
}

/** What the decoder needs of an encoded source: its keys and values for the cross-attention of every block. */
export interface Memory {
  /** [batch, source length, 2 · n_embd] for each block of the decoder. */
  readonly layers: readonly tf.Tensor3D[];
  readonly lengths: readonly number[];
}

/** Dropout by seed and step, in training. */
type Training = { readonly seed: number; readonly step: number } | undefined;

/** The dropout of a place in a pass; none out of training. */
export function dropAt(training: Training, rate: number, place: string): Dropout | undefined {
  return training && dropoutOf(rate, training.seed, `dropout ${place}`, training.step);
}

/** The norm `name` over x. */
export function normed(parameters: Parameters, config: ModelConfig, x: tf.Tensor, name: string): tf.Tensor {
  const weight = (part: string): tf.Variable => parameter(parameters, `${name}.${part}`);
  return layerNorm(x, weight("weight"), weight("bias"), config.layer_norm_epsilon);
}

/** What follows attention in a block: the feed-forward layer, added to the stream. */
export function feedForward(
  parameters: Parameters,
  config: ModelConfig,
  x: tf.Tensor,
  { block, training }: { readonly block: string; readonly training: Training },
): tf.Tensor {
  const normal = normed(parameters, config, x, `${block}.ln_2`);
  const inner = product(parameters, normal, `${block}.mlp.c_fc`, "gelu_new");
  const outer = product(parameters, inner, `${block}.mlp.c_proj`);
  return residual(x, outer, dropAt(training, config.resid_pdrop, `${block}.mlp.resid`));
}

/**
 * Runs the encoder over sources: blocks like the decoder's in which every position of a source sees every other (Vaswani et al. 2017,
 * section 3.1), and of their last states the keys and values of each block of the decoder. It is run once for a source, however many
 * ids are decoded on it.
 *
 * @returns tensors that the caller disposes of with `disposeMemory`
 * @throws AttaccaError `unsupported` for a model without an encoder, `invalid` for ids or lengths that don't fit
 */
export function encodeSource(
  parameters: Parameters,
  config: ModelConfig,
  { ids, lengths }: Source,
  { training }: { readonly training?: { readonly seed: number; readonly step: number } } = {},
): Memory {
  if (config.encoder_layers === 0) {
    throw unsupported("a source", "a model without an encoder", "one that was trained with --task harmonize");
  }
  const layers = tf.tidy(() => {
    const tokens = idsTensor(ids, config, 0, 0);
    const [batch, length] = tokens.shape;
    const wrong = lengths.find((one) => !Number.isInteger(one) || one < 1 || one > length);
    if (lengths.length !== batch || wrong !== undefined) {
      throw invalid("lengths of sources", `[${lengths}]`, `${batch} numbers from 1 to ${length}`);
    }
    const weight = (name: string): tf.Variable => parameter(parameters, `encoder.${name}`);
    let x = embedding(tokens, weight("wte.weight"), weight("wpe.weight"), 0);
    x = dropout(x, dropAt(training, config.embd_pdrop, "encoder.embd"));
    const turns = turnsOf(config, 0, length);
    for (let layer = 0; layer < config.encoder_layers; layer++) {
      const block = `encoder.h.${layer}`;
      const normal = normed(parameters, config, x, `${block}.ln_1`);
      const qkv = queriesKeysValues(parameters, normal, { block, heads: config.n_head, turns });
      const seen = attend(qkv, config.n_head, {
        mode: "full",
        prefixes: lengths,
        dropout: dropAt(training, config.attn_pdrop, `${block}.attn`),
      });
      const output = product(parameters, seen, `${block}.attn.c_proj`);
      x = residual(x, output, dropAt(training, config.resid_pdrop, `${block}.attn.resid`));
      x = feedForward(parameters, config, x, { block, training });
    }
    const states = normed(parameters, config, x, "encoder.ln_f");
    return Array.from(
      { length: config.n_layer },
      (_, layer) => product(parameters, states, `h.${layer}.crossattention.c_attn`) as tf.Tensor3D,
    );
  });
  return { layers, lengths };
}

/** Frees an encoded source. */
export function disposeMemory({ layers }: Memory): void {
  tf.dispose([...layers]);
}

/** The memory that a pass is given, or makes of its source; undefined for a model without an encoder. */
export function memoryOf(
  parameters: Parameters,
  config: ModelConfig,
  given: { readonly source?: Source; readonly memory?: Memory; readonly training?: Training },
): Memory | undefined {
  const { source, memory, training } = given;
  if (config.encoder_layers === 0 && source === undefined && memory === undefined) return undefined;
  if (source !== undefined && memory !== undefined)
    throw invalid("source", "with a memory too", "one of both");
  if (source !== undefined) return encodeSource(parameters, config, source, { training });
  if (memory === undefined) {
    throw missing("source", "what the encoder reads", "The model harmonizes: attacca harmonize");
  }
  if (memory.layers.length === config.n_layer && config.encoder_layers > 0) return memory;
  throw invalid("memory", `of ${memory.layers.length} layers`, "one that this model's encoder made");
}

/** Cross-attention of block `layer` over a memory, added to the stream. */
export function attendToMemory(
  parameters: Parameters,
  config: ModelConfig,
  x: tf.Tensor,
  given: { readonly layer: number; readonly memory: Memory; readonly training: Training },
): tf.Tensor {
  const { layer, memory, training } = given;
  const block = `h.${layer}`;
  const place = `${block}.crossattention`;
  const q = product(parameters, normed(parameters, config, x, `${block}.ln_cross_attn`), `${place}.q_attn`);
  const seen = crossAttention(q, memory.layers[layer], config.n_head, {
    lengths: memory.lengths,
    dropout: dropAt(training, config.attn_pdrop, place),
  });
  const output = product(parameters, seen, `${place}.c_proj`);
  return residual(x, output, dropAt(training, config.resid_pdrop, `${place}.resid`));
}
