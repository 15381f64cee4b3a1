import { type Dataset, evaluationBatches, type TrainingBatches, trainingBatches } from "../dataset/index.js";
import { invalid } from "../errors.js";
import { limitBatches, type TrainOptions } from "../train/index.js";
import type { TrainRunOptions } from "./choices.js";

/** What a run reads. */
export interface RunBatches {
  readonly training: TrainingBatches;
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
  const training = trainingBatches(dataset.split("train"), { contextLength, batchSize, seed, transpose });
  const updatesPerEpoch = training.windowsPerEpoch / (batchSize * options.accumulation);
  const split = dataset.split("val");
  if (split.pieceCount === 0) return { training, updatesPerEpoch };
  const all = evaluationBatches(split, { contextLength, batchSize });
  return { training, validation: limitBatches(all, options.evalBatches), updatesPerEpoch };
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
