import * as tf from "@tensorflow/tfjs-core";
import { decodeStep, hasDecode } from "../ops/index.js";
import type { ModelConfig } from "./config.js";
import type { ForwardOptions } from "./forward.js";
import { type Ids, idsTensor } from "./ids.js";
import type { Parameters } from "./parameters.js";

/**
 * `forward` for one new position after others, where the backend computes that in one call; else undefined.
 * The cache then keeps room for n_positions.
 */
export function decodeInOneCall(
  parameters: Parameters,
  config: ModelConfig,
  ids: Ids,
  { cache, training, attention: mode = "causal" }: ForwardOptions,
): tf.Tensor3D | undefined {
  const time = ids instanceof tf.Tensor ? ids.shape[1] : (ids[0]?.length ?? 0);
  if (cache === undefined || cache.length === 0 || time !== 1) return undefined;
  if (!hasDecode() || mode !== "causal" || training !== undefined) return undefined;
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
  cache.replaceRoom({ keys, values }, position + 1);
  return logits;
}
