import { type Dataset, evaluationBatches, trainingBatches } from "../dataset/index.js";
import { invalid } from "../errors.js";
import { type AttentionKind, isOnePass } from "../model/index.js";
import { finishedIds } from "../tokens/index.js";
import {
  limitBatches,
  maskedBatches,
  maskedEvaluation,
  type PrefixRule,
  prefixEvaluation,
  sampledPrefixes,
  type TrainOptions,
} from "../train/index.js";
import type { TrainRunOptions } from "./choices.js";
import { harmonizeScoring, harmonizeTraining } from "./harmonize-rule.js";
import { maskRule } from "./mask-rule.js";

/** What a run reads. */
export interface RunBatches {
  readonly training: TrainOptions["batches"];
  /** How many of its batches make one step. */
  readonly accumulation: number;
  /** Absent where the dataset has no piece to validate with. */
  readonly validation?: TrainOptions["validation"];
  /** Batches in which every token of the training split has been seen once. */
  readonly updatesPerEpoch: number;
}

/**
 * The batches that a run's options cut from a dataset.
 *
 * @throws AttaccaError `invalid` where the training split is shorter than the context
 */
export function runBatches(dataset: Dataset, options: TrainRunOptions): RunBatches {
  const { context: contextLength, batchSize, seed, transpose } = options;
  checkLength(dataset, contextLength);
  const harmonizes = options.task === "harmonize";
  const batches = harmonizes ? harmonizeTraining : trainingBatches;
  const training = batches(dataset.split("train"), { contextLength, batchSize, seed, transpose });
  const updatesPerEpoch = training.windowsPerEpoch / (batchSize * options.accumulation);
  if (harmonizes) {
    const { accumulation } = options;
    return { training, accumulation, updatesPerEpoch, validation: validationBatches(dataset, options) };
  }
  if (options.attention === "masked") {
    const rule = maskRule(dataset.tokenizer);
    const { accumulation } = options;
    const read = { training: maskedBatches(training, rule, seed), accumulation, updatesPerEpoch };
    const validation = validationBatches(dataset, options);
    return validation ? { ...read, validation: maskedEvaluation(validation, rule) } : read;
  }
  const rule = prefixRule(options.attention as AttentionKind, dataset);
  const read = {
    training:
      options.lossPositions === "one"
        ? sampledPrefixes(training, { ...rule, count: options.prefixes, seed })
        : training,
    accumulation: options.accumulation * options.prefixes,
    updatesPerEpoch,
  };
  const all = validationBatches(dataset, options);
  if (all === undefined) return read;
  if (isOnePass(rule.attention)) return { ...read, validation: all };
  const idsInBatch = batchSize * contextLength;
  return {
    ...read,
    validation: prefixEvaluation(all, { ...rule, targets: options.evalTargets, idsInBatch }),
  };
}

/** The windows that validate a run, if there are any. */
function validationBatches(
  dataset: Dataset,
  { context: contextLength, batchSize, evalBatches, attention, task }: TrainRunOptions,
): TrainOptions["validation"] {
  const split = dataset.split("val");
  if (split.pieceCount === 0) return undefined;
  // Masked windows see both sides, and don't have to overlap.
  const stride = attention === "masked" ? contextLength : undefined;
  const batches = task === "harmonize" ? harmonizeScoring : evaluationBatches;
  return limitBatches(batches(split, { contextLength, batchSize, stride }), evalBatches);
}

/** What a model with this attention sees of a dataset's windows. */
export function prefixRule(attention: AttentionKind, { tokenizer }: Dataset): PrefixRule {
  return { attention, finished: (ids, length) => finishedIds(tokenizer, ids, 0, length) };
}

/**
 * Refuses a dataset that is too short to learn from.
 *
 * @throws AttaccaError `invalid`
 */
export function checkLength(dataset: Dataset, contextLength: number): void {
  const train = dataset.split("train");
  if (train.tokenCount - train.pieceCount >= contextLength) return;
  throw invalid(
    "train split",
    `${train.tokenCount.toLocaleString("en-GB")} tokens`,
    `more than the context length, ${contextLength}`,
    "Give more files, or a smaller context",
  );
}
