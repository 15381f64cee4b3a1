import { invalid } from "../errors.js";

/**
 * Where a run stands, beside its weights and moments: plain data. With them it is all that resuming needs, because
 * everything random is a function of (seed, step).
 */
export interface TrainingProgress {
  /** Updates done. */
  readonly step: number;
  /** The training loss, smoothed exponentially over about 20 updates; null before the first. */
  readonly smoothedLoss: number | null;
  /** The lowest that the smoothed loss has been: what divergence is told by. */
  readonly lowestLoss: number | null;
  /** The last evaluation, and after how many updates it was; 0 = none yet. */
  readonly validationLoss: number | null;
  readonly evaluatedStep: number;
  /** The best evaluation, and after how many updates it was. */
  readonly bestValidationLoss: number | null;
  readonly bestStep: number | null;
  /** Evaluations since the best one. */
  readonly evaluationsSinceBest: number;
}

/** A run that hasn't begun. */
export const NO_PROGRESS: TrainingProgress = {
  step: 0,
  smoothedLoss: null,
  lowestLoss: null,
  validationLoss: null,
  evaluatedStep: 0,
  bestValidationLoss: null,
  bestStep: null,
  evaluationsSinceBest: 0,
};

/** Weight of a new loss in the smoothed one. */
const SMOOTHING = 0.05;

/** The progress after one more update with this loss. */
export function afterUpdate(progress: TrainingProgress, loss: number): TrainingProgress {
  const before = progress.smoothedLoss ?? loss;
  const smoothedLoss = before + SMOOTHING * (loss - before);
  const lowestLoss = Math.min(progress.lowestLoss ?? smoothedLoss, smoothedLoss);
  return { ...progress, step: progress.step + 1, smoothedLoss, lowestLoss };
}

/** The progress after an evaluation. */
export function afterEvaluation(progress: TrainingProgress, validationLoss: number): TrainingProgress {
  const better = progress.bestValidationLoss === null || validationLoss < progress.bestValidationLoss;
  const evaluated = { ...progress, validationLoss, evaluatedStep: progress.step };
  return better
    ? { ...evaluated, bestValidationLoss: validationLoss, bestStep: progress.step, evaluationsSinceBest: 0 }
    : { ...evaluated, evaluationsSinceBest: progress.evaluationsSinceBest + 1 };
}

/**
 * Whether the loss has run away: the smoothed loss stands more than half of the uniform guess's loss, ln V, above its
 * lowest. Single bad batches don't move the smoothed loss that far; a learning rate that is too high does. Not less than half: where
 * a step learns from one position of each window, held notes and new ones take turns, and a run that does well was seen to swing by
 * a quarter (0.02 to 2.3 nats from one step to the next, 1.00 smoothed, of ln V = 4.13).
 */
export function hasDiverged(progress: TrainingProgress, vocabularySize: number): boolean {
  const { smoothedLoss, lowestLoss } = progress;
  if (smoothedLoss === null || lowestLoss === null) return false;
  return smoothedLoss - lowestLoss > Math.log(vocabularySize) / 2;
}

/**
 * Checks progress that was read from a file.
 *
 * @throws AttaccaError `invalid`, naming the field
 */
export function parseProgress(value: unknown): TrainingProgress {
  const record = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const count = (name: keyof TrainingProgress): number => {
    const found = record[name];
    if (Number.isSafeInteger(found) && (found as number) >= 0) return found as number;
    throw invalid(`training progress, ${name}`, JSON.stringify(found) ?? "nothing", "a whole number from 0");
  };
  const loss = (name: keyof TrainingProgress): number | null => {
    const found = record[name];
    if (found === null || (typeof found === "number" && Number.isFinite(found))) return found;
    throw invalid(`training progress, ${name}`, JSON.stringify(found) ?? "nothing", "a number or null");
  };
  return {
    step: count("step"),
    smoothedLoss: loss("smoothedLoss"),
    lowestLoss: loss("lowestLoss"),
    validationLoss: loss("validationLoss"),
    evaluatedStep: count("evaluatedStep"),
    bestValidationLoss: loss("bestValidationLoss"),
    bestStep: record.bestStep === null ? null : count("bestStep"),
    evaluationsSinceBest: count("evaluationsSinceBest"),
  };
}
