import * as tf from "@tensorflow/tfjs-core";
import { type DecodeStep, decodeStep, hasDecode, type KeysAndValuesWithRoom } from "../ops/index.js";
import type { ModelConfig } from "./config.js";
import type { ForwardOptions } from "./forward.js";
import { type Ids, idsTensor } from "./ids.js";
import { type Parameters, weightFormOf } from "./parameters.js";
import { turnsOf } from "./waves.js";

/** From so many new positions on (over all sequences) the products of matrices are large enough for calls of their own. */
const MOST_POSITIONS = 32;

/**
 * `forward` for one or a few new positions after others, where the backend computes that in one call; else undefined.
 * The cache then keeps room for n_positions.
 *
 * With weights in int8 every pass goes this way, whole windows too: activations are rounded, and a sum taken in another order
 * could now and then fall on the other side of a rounding, which moves all that comes after it. So the same ids give the same
 * bits, whether they came one by one or all at once.
 */
export function decodeInOneCall(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  { cache, training, prefixes, source, memory, attention: mode = "causal" }: ForwardOptions,
): tf.Tensor3D | undefined {
  const int8 = weightFormOf(parameters) === "int8";
  const [batch, time] = ids instanceof tf.Tensor ? ids.shape : [ids.length, ids[0]?.length ?? 0];
  if (time === 0 || !hasDecode(int8) || training !== undefined) return undefined;
  if (mode !== "causal" || prefixes !== undefined || config.attention === "lookahead") return undefined;
  if (config.encoder_layers > 0 || source !== undefined || memory !== undefined) return undefined;
  const position = cache?.length ?? 0;
  // A first single token goes into room at once: moving the layers there later costs as much as ten steps.
  const starts = position === 0 && (cache === undefined || time > 1);
  if (!int8 && (starts || (time > 1 && time * batch > MOST_POSITIONS))) return undefined;
  const weights = inOrder(parameters, config);
  if (weights === undefined) return undefined;
  const tokens = idsTensor(ids, config, position, cache?.batch ?? 0);
  const capacity = cache === undefined ? time : config.n_positions;
  const { logits, keys, values } = decodeStep({
    ids: tokens,
    ...weights,
    turns: turnsOf(config, position, time),
    past: cache?.withRoom(capacity) ?? emptyRoom(config, batch, capacity),
    position,
    heads: config.n_head,
    epsilon: config.layer_norm_epsilon,
    halves: weightFormOf(parameters) === "f16",
  });
  cache?.replaceRoom({ keys, values }, position + time);
  return logits;
}

function emptyRoom(config: ModelConfig, batch: number, capacity: number): KeysAndValuesWithRoom {
  const { n_layer: layers, n_head: heads, n_embd: width } = config;
  const zeros = (): tf.Tensor => tf.zeros([layers, batch, heads, capacity, width / heads]);
  return { keys: zeros(), values: zeros() };
}

/** The tensors as the kernels take them; undefined where one is missing: the pass that takes them by name says which. */
function inOrder(
  parameters: Parameters,
  config: ModelConfig,
): Pick<DecodeStep, "parameters" | "scales"> | undefined {
  const tensors = [...parameters.values()];
  const count = 4 + 12 * config.n_layer;
  if (weightFormOf(parameters) !== "int8")
    return tensors.length === count ? { parameters: tensors } : undefined;
  const heads = count + 1;
  if (tensors.length !== heads + 4 * config.n_layer + 1) return undefined;
  return { parameters: tensors.slice(0, heads), scales: tensors.slice(heads) };
}
