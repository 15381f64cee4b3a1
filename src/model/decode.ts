import * as tf from "@tensorflow/tfjs-core";
import { decodeStep, hasDecode } from "../ops/index.js";
import type { ModelConfig } from "./config.js";
import type { ForwardOptions } from "./forward.js";
import { type Ids, idsTensor } from "./ids.js";
import { type Parameters, parameterShapes } from "./parameters.js";

/** From so many new positions on (over all sequences) the products of matrices are large enough for calls of their own. */
const MOST_POSITIONS = 32;

/**
 * `forward` for one or a few new positions after others, where the backend computes that in one call; else undefined.
 * The cache then keeps room for n_positions.
 */
export function decodeInOneCall(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  { cache, training, attention: mode = "causal" }: ForwardOptions,
): tf.Tensor3D | undefined {
  const time = ids instanceof tf.Tensor ? ids.shape[1] : (ids[0]?.length ?? 0);
  if (cache === undefined || cache.length === 0 || time === 0) return undefined;
  if (time > 1 && time * cache.batch > MOST_POSITIONS) return undefined;
  if (!hasDecode() || mode !== "causal" || training !== undefined) return undefined;
  // The kernel takes them by their order; where one is missing, the pass that takes them by name says which.
  if (parameters.size !== parameterShapes(config).size) return undefined;
  const position = cache.length;
  const tokens = idsTensor(ids, config, position, cache.batch);
  const { logits, keys, values } = decodeStep({
    ids: tokens,
    parameters: [...parameters.values()],
    past: cache.withRoom(config.n_positions)!,
    position,
    heads: config.n_head,
    epsilon: config.layer_norm_epsilon,
  });
  cache.replaceRoom({ keys, values }, position + time);
  return logits;
}
