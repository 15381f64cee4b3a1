import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { type ModelConfig, nll, type Parameters } from "../model/index.js";
import { type Batch, countTargets, type EvaluationSource } from "./batch.js";
import { batchTensors, sourceTensors } from "./step.js";

/** What a model makes of a split. */
export interface Evaluation {
  /** Mean negative log-likelihood, nats a counted token. */
  readonly nllPerToken: number;
  /** Sum of the same. */
  readonly nll: number;
  /** How many tokens were counted. */
  readonly tokens: number;
}

/** How an evaluation shares the thread. */
export interface EvaluateOptions {
  /** Awaited after every batch, so that the event loop has its turns. */
  readonly pause?: () => Promise<void>;
  /** Called with every batch and the negative log-likelihood of its targets, `[batchSize × length]`; 0 where one isn't counted. */
  readonly onScores?: (batch: Batch, scores: Float32Array) => void;
}

/**
 * Scores every counted target of the batches, without dropout. The sum is kept in double precision, so it doesn't
 * depend on the size of the split.
 *
 * @throws AttaccaError `invalid` where nothing is counted
 */
export async function evaluate(
  parameters: Parameters,
  config: ModelConfig,
  source: EvaluationSource,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return (await evaluateUnlessAborted(parameters, config, source, { ...options, signal: undefined }))!;
}

/** `evaluate` that looks at a signal between batches, and gives undefined where it was aborted. */
export async function evaluateUnlessAborted(
  parameters: Parameters,
  config: ModelConfig,
  source: EvaluationSource,
  options: EvaluateOptions & { readonly signal: { readonly aborted: boolean } | undefined },
): Promise<Evaluation | undefined> {
  let sum = 0;
  let tokens = 0;
  for (const batch of source.batches()) {
    if (options.signal?.aborted) return undefined;
    const scores = await scoresOf(parameters, config, batch);
    for (const score of scores) sum += score;
    options.onScores?.(batch, scores);
    tokens += countTargets(batch);
    await options.pause?.();
  }
  if (tokens === 0) throw invalid("evaluation", "no token to score", "a split with at least one piece");
  return { nllPerToken: sum / tokens, nll: sum, tokens };
}

async function scoresOf(parameters: Parameters, config: ModelConfig, batch: Batch): Promise<Float32Array> {
  const [ids, targets] = batchTensors(batch);
  const source = sourceTensors(batch);
  let scores: tf.Tensor | undefined;
  try {
    const { prefixes, positions, batchSize, length } = batch;
    scores = nll(parameters, config, ids, targets, { prefixes, positions, source });
    const found = (await scores.data()) as Float32Array;
    if (positions !== "last") return found;
    const all = new Float32Array(batchSize * length);
    for (let row = 0; row < batchSize; row++) all[(row + 1) * length - 1] = found[row];
    return all;
  } finally {
    tf.dispose([ids, targets]);
    source?.ids.dispose();
    scores?.dispose();
  }
}
