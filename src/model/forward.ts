import * as tf from "@tensorflow/tfjs-core";
import { invalid, unsupported } from "../errors.js";
import {
  type AttentionMode,
  type CachedPositions,
  cachedAttention,
  cachedLookaheadAttention,
  crossEntropy,
  dropout,
  embedding,
  headLoss,
  headNll,
  lookaheadAttention,
  residual,
  tokenNll,
} from "../ops/index.js";
import { attend } from "./attend.js";
import type { Cache } from "./cache.js";
import type { ModelConfig } from "./config.js";
import { decodeInOneCall } from "./decode.js";
import {
  attendToMemory,
  dropAt,
  feedForward,
  type Memory,
  memoryOf,
  normed,
  type Source,
} from "./encoder.js";
import { type Ids, idsTensor, rowsTensor } from "./ids.js";
import { HEAD, type Parameters, weightFormOf } from "./parameters.js";
import { headLogits, parameter, product, queriesKeysValues } from "./products.js";
import { turnsOf } from "./waves.js";

/** How the model is run. */
export interface ForwardOptions {
  /** What each position sees; "full" is another model than "causal". "causal" unless given. */
  readonly attention?: AttentionMode;
  /**
   * In place of `attention`: for each row, how many of its first positions all positions see, besides those before them. With a
   * cache only for the ids that are fed to it while it is empty; those that follow see them all as they are then.
   */
  readonly prefixes?: readonly number[];
  /** Dropout on, drawn from (seed, place, step); off unless given. */
  readonly training?: { readonly seed: number; readonly step: number };
  /**
   * "all" (unless given), or "last": only the last position of each row is followed through the last block and the head. What it comes to
   * is the same; three quarters of the last block's products are saved.
   */
  readonly positions?: "all" | "last";
  /** Positions before the ids, to which they are appended. Not for full attention, and not for training. */
  readonly cache?: Cache;
  /** What the encoder of a model that has one reads in this pass. */
  readonly source?: Source;
  /** In place of `source`: what `encodeSource` made of it, for any number of passes. It stays as it is. */
  readonly memory?: Memory;
}

/**
 * The decoder of GPT-2 (Radford et al. 2019) up to its head: the hidden state after the last norm. In a model with an encoder each
 * block attends to the source too, between its attention and its feed-forward layer.
 *
 * @param ids [batch, time]; with a cache, the new positions only
 * @returns [batch, time, n_embd]; [batch, 1, n_embd] of the last positions only
 * @throws AttaccaError `invalid` where there are more positions than n_positions; `missing` without a source for an encoder
 */
export function hidden(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  options: ForwardOptions = {},
): tf.Tensor3D {
  const { cache, training, prefixes, attention: mode = "causal" } = options;
  if (cache !== undefined && (mode !== "causal" || training !== undefined)) {
    throw invalid("cache", "with full attention or in training", "causal attention, not in training");
  }
  if (prefixes !== undefined && (mode !== "causal" || (cache?.length ?? 0) > 0)) {
    throw invalid("prefixes", "with full attention or behind other positions", "neither");
  }
  const lookahead = config.attention === "lookahead";
  if (lookahead && (mode !== "causal" || prefixes !== undefined)) {
    throw invalid("attention", "both directions for a model with lookahead keys", "causal");
  }
  if (training !== undefined) refuseRounded(parameters);
  const weight = (name: string): tf.Variable => parameter(parameters, name);
  const past = cache?.length ?? 0;
  const layers: CachedPositions[] = [];

  const pass = (): tf.Tensor3D => {
    const tokens = idsTensor(ids, config, past, cache?.batch ?? 0);
    const memory = memoryOf(parameters, config, options);
    let x = embedding(tokens, weight("wte.weight"), weight("wpe.weight"), past);
    x = dropout(x, dropAt(training, config.embd_pdrop, "embd"));
    const turns = turnsOf(config, past, tokens.shape[1]);
    for (let layer = 0; layer < config.n_layer; layer++) {
      const block = `h.${layer}`;
      const normal = normed(parameters, config, x, `${block}.ln_1`);
      const qkv = queriesKeysValues(parameters, normal, { block, heads: config.n_head, turns });
      const look = lookahead ? product(parameters, normal, `${block}.attn.c_look`) : undefined;
      let seen: tf.Tensor | undefined;
      if (cache === undefined || prefixes !== undefined) {
        const dropout = dropAt(training, config.attn_pdrop, `${block}.attn`);
        seen = look
          ? lookaheadAttention(qkv, look, config.n_head, { dropout })
          : attend(qkv, config.n_head, { mode, prefixes, dropout });
      }
      if (cache !== undefined) {
        const before = cache.layer(layer);
        const { y, ...positions } = look
          ? cachedLookaheadAttention(qkv, look, config.n_head, before)
          : cachedAttention(qkv, config.n_head, before);
        // Kept past this tidy; the cache takes them over once the whole pass has gone well.
        for (const tensor of Object.values(positions)) tf.keep(tensor);
        layers.push(positions);
        seen ??= y;
      }
      if (options.positions === "last" && layer === config.n_layer - 1) {
        x = lastPosition(x);
        seen = lastPosition(seen!);
      }
      x = residual(
        x,
        product(parameters, seen!, `${block}.attn.c_proj`),
        dropAt(training, config.resid_pdrop, `${block}.attn.resid`),
      );
      if (memory !== undefined) x = attendToMemory(parameters, config, x, { layer, memory, training });
      x = feedForward(parameters, config, x, { block, training });
    }
    return normed(parameters, config, x, "ln_f") as tf.Tensor3D;
  };
  try {
    const result = tf.tidy(pass);
    cache?.replace(layers);
    return result;
  } catch (error) {
    for (const positions of layers) tf.dispose(Object.values(positions));
    throw error;
  }
}

/**
 * The one forward pass: logits of the next token at each position.
 *
 * @param ids [batch, time]; with a cache, the new positions only
 * @returns [batch, time, vocab_size]; [batch, 1, vocab_size] of the last positions only
 */
export function forward(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  options: ForwardOptions = {},
): tf.Tensor3D {
  return tf.tidy(() => {
    const step = decodeInOneCall(parameters, config, ids, options);
    if (step !== undefined) return (options.positions === "last" ? lastPosition(step) : step) as tf.Tensor3D;
    return headLogits(parameters, hidden(parameters, config, ids, options)) as tf.Tensor3D;
  });
}

/** The last of x [batch, time, width]: [batch, 1, width]. */
function lastPosition(x: tf.Tensor): tf.Tensor {
  const [batch, time, width] = x.shape as [number, number, number];
  if (time === 1) return x;
  // The gradient of tfjs's own slice pads, and its kernel for that works out the place of every single value.
  const take = tf.customGrad((given) => ({
    value: tf.slice(given as tf.Tensor, [0, time - 1, 0], [batch, 1, width]),
    gradFunc: (dy: tf.Tensor) => [tf.concat([tf.zeros([batch, time - 1, width]), dy], 1)],
  }));
  return take(x);
}

/** Which tokens should have come: as `ids`, where a negative one isn't counted. */
export type Targets = Ids;

/**
 * The mean negative log-likelihood of the targets, in nats: what training makes small.
 *
 * @param targets [batch, time], of the last positions only [batch, 1]: the token after each id; `IGNORED` isn't counted
 * @param options.weights as `targets`: how much each target counts; 1 each unless given
 * @returns a scalar
 */
export function loss(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  targets: Targets,
  options: Omit<ForwardOptions, "cache"> & { readonly weights?: tf.Tensor2D } = {},
): tf.Scalar {
  return tf.tidy(() => {
    const wanted = targetsTensor(targets, config);
    if (weightFormOf(parameters) === "int8") {
      return crossEntropy(forward(parameters, config, ids, options), wanted, options.weights);
    }
    const state = hidden(parameters, config, ids, options);
    return headLoss(state, parameter(parameters, HEAD), wanted, options.weights);
  });
}

/**
 * `loss`, and its gradient with respect to every parameter.
 *
 * @returns the caller disposes of the scalar and the gradients
 */
export function lossAndGradients(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  targets: Targets,
  options: Omit<ForwardOptions, "cache"> & { readonly weights?: tf.Tensor2D } = {},
): { readonly loss: tf.Scalar; readonly gradients: Map<string, tf.Tensor> } {
  refuseRounded(parameters);
  const names = [...parameters.keys()];
  const { value, grads } = tf.valueAndGrads(() => loss(parameters, config, ids, targets, options))([
    ...parameters.values(),
  ]);
  return { loss: value as tf.Scalar, gradients: new Map(names.map((name, i) => [name, grads[i]])) };
}

/**
 * The negative log-likelihood of each target, in nats, for evaluation.
 *
 * @param targets as `loss` takes them
 * @returns as `targets`; 0 where a target isn't counted
 */
export function nll(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  targets: Targets,
  options: Omit<ForwardOptions, "training"> = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const wanted = targetsTensor(targets, config);
    if (weightFormOf(parameters) === "int8") {
      return tokenNll(forward(parameters, config, ids, options), wanted) as tf.Tensor2D;
    }
    const state = hidden(parameters, config, ids, options);
    return headNll(state, parameter(parameters, HEAD), wanted) as tf.Tensor2D;
  });
}

function refuseRounded(parameters: Parameters): void {
  const form = weightFormOf(parameters);
  if (form !== "f32") throw unsupported("training", `weights in ${form}`, "weights in f32");
}

function targetsTensor(targets: Targets, config: ModelConfig): tf.Tensor2D {
  if (targets instanceof tf.Tensor) return targets;
  return rowsTensor("target", targets, Number.NEGATIVE_INFINITY, config.vocab_size);
}
