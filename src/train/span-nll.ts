import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { isOnePass, type ModelConfig, maskIdOf, nll, type Parameters } from "../model/index.js";

/** What is scored of a window. */
export interface Span {
  /** The window's ids, at most as many as the context; the begin token, or what came before, first. */
  readonly ids: ArrayLike<number>;
  /** The positions to score, in the order of the chain rule. A causal model's order is always from left to right. */
  readonly positions: readonly number[];
  /** Passes computed at once, of a model with masked attention; default 16. */
  readonly batchSize?: number;
}

/**
 * The negative log-likelihood of each of some positions of a window, nats; their sum is that of the span.
 *
 * A model with masked attention sees all that isn't in the span, on both sides, and of the span what stands before a position in
 * the order given: one pass for each. A causal model (or one with lookahead keys) sees what is on the left, in one pass. Both are chain
 * rules over the same ids, so their sums are comparable.
 *
 * @returns in the order of `positions`
 * @throws AttaccaError `invalid` for positions outside the window, or twice; for the first of a causal model
 */
export async function spanNll(
  { parameters, config }: { readonly parameters: Parameters; readonly config: ModelConfig },
  { ids, positions, batchSize = 16 }: Span,
): Promise<Float64Array> {
  const least = isOnePass(config.attention) ? 1 : 0;
  for (const at of positions) {
    if (Number.isInteger(at) && at >= least && at < ids.length) continue;
    throw invalid("position to score", String(at), `${least} to ${ids.length - 1}`);
  }
  if (positions.length === 0 || new Set(positions).size !== positions.length) {
    throw invalid("positions to score", "none, or one twice", "at least one, each once");
  }
  return isOnePass(config.attention)
    ? leftNll(parameters, config, ids, positions)
    : gapNll(parameters, config, { ids, positions, batchSize });
}

async function leftNll(
  parameters: Parameters,
  config: ModelConfig,
  ids: ArrayLike<number>,
  positions: readonly number[],
): Promise<Float64Array> {
  const last = Math.max(...positions);
  const row = Array.from({ length: last }, (_, at) => ids[at]);
  const targets = row.map((_, at) => ids[at + 1]);
  const scores = await valuesOf(nll(parameters, config, [row], [targets]));
  return Float64Array.from(positions, (at) => scores[at - 1]);
}

async function gapNll(
  parameters: Parameters,
  config: ModelConfig,
  { ids, positions, batchSize }: Required<Span>,
): Promise<Float64Array> {
  const maskId = maskIdOf(config);
  const known = Array.from({ length: ids.length }, (_, at) => ids[at]);
  for (const at of positions) known[at] = maskId;
  const found = new Float64Array(positions.length);
  for (let first = 0; first < positions.length; first += batchSize) {
    const group = positions.slice(first, first + batchSize);
    const rows: number[][] = [];
    for (const at of group) {
      rows.push([...known]);
      known[at] = ids[at];
    }
    const targets = rows.map((row, i) => row.map((_, at) => (at === group[i] ? ids[at] : -1)));
    const prefixes = rows.map(({ length }) => length);
    const scores = await valuesOf(nll(parameters, config, rows, targets, { prefixes }));
    for (const [i, at] of group.entries()) found[first + i] = scores[i * ids.length + at];
  }
  return found;
}

async function valuesOf(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tf.dispose(tensor);
  }
}
