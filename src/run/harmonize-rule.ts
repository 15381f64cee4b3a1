import {
  type Dataset,
  type EvaluationOptions,
  evaluationBatches,
  pairEvaluationBatches,
  pairTrainingBatches,
  type Split,
  type TrainingBatches,
  type TrainingOptions,
  trainingBatches,
} from "../dataset/index.js";
import { unsupported } from "../errors.js";
import type { Tokenizer } from "../tokens/index.js";
import {
  type HarmonizeRule,
  harmonizeBatches,
  harmonizeEvaluation,
  type TrainOptions,
} from "../train/index.js";

/** How many ids of a window are left ahead of those that are scored, as `accompany` leaves them: a quarter. */
export function harmonizeAhead(contextLength: number): number {
  return Math.floor(contextLength / 4);
}

/**
 * How a tokenizer's windows are cut into melody and accompaniment.
 *
 * @throws AttaccaError `unsupported` for a tokenizer without voices on a fixed grid: it doesn't tell which of its notes are the melody
 */
export function harmonizeRule({ idsPerStep, voices, special, name }: Tokenizer): HarmonizeRule {
  if (idsPerStep === undefined || voices === undefined || voices.length !== idsPerStep) {
    throw unsupported(
      "harmonizing",
      `the tokenizer ${name}, in which no voice is the melody`,
      "chorale, which writes every 16th with an id for each voice, or melodies apart from the rest",
      "Make the dataset with: attacca tokenize … --tokenizer chorale, or attacca tokenize … --melody TRACK",
    );
  }
  const { begin, end, pad } = special;
  return { idsPerStep, special: new Set([begin, end, pad]), pad };
}

/**
 * Refuses a dataset that doesn't tell the melody from what is written to it.
 *
 * @throws AttaccaError `unsupported`
 */
export function checkTellsMelody({ manifest, tokenizer }: Pick<Dataset, "manifest" | "tokenizer">): void {
  if (manifest.preparation.melody === undefined) harmonizeRule(tokenizer);
}

/**
 * How many ids of a window one of its melody stands for: what a step of the tokenizer has; where melodies are kept apart, as many as the
 * training split has for each, rounded; else undefined.
 */
export function sourceStep({
  manifest,
  tokenizer,
}: Pick<Dataset, "manifest" | "tokenizer">): number | undefined {
  if (manifest.preparation.melody === undefined) return tokenizer.idsPerStep;
  let [ids, melody] = [0, 0];
  for (const piece of manifest.pieces) {
    if (piece.split !== "train") continue;
    ids += piece.length;
    melody += piece.melody?.length ?? 0;
  }
  return Math.max(1, Math.round(ids / Math.max(1, melody)));
}

/** Training batches with the melodies of their windows given: those that are kept apart, or the first of the tokenizer's voices. */
export function harmonizeTraining(split: Split, options: TrainingOptions): TrainingBatches {
  if (split.melody !== undefined) return pairTrainingBatches(split, options);
  const rule = harmonizeRule(split.tokenizer);
  const batches = trainingBatches(split, options);
  return Object.assign(harmonizeBatches(batches, rule), { windowsPerEpoch: batches.windowsPerEpoch });
}

/** A split with the melodies given, laid out so that each id of what is written to them is scored exactly once. */
export function harmonizeScoring(
  split: Split,
  options: Omit<EvaluationOptions, "ahead">,
): NonNullable<TrainOptions["validation"]> {
  if (split.melody !== undefined) return pairEvaluationBatches(split, options);
  const ahead = harmonizeAhead(options.contextLength);
  return harmonizeEvaluation(evaluationBatches(split, { ...options, ahead }), harmonizeRule(split.tokenizer));
}
