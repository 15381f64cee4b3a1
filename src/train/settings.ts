import { invalid } from "../errors.js";
import { checkSchedule, type Schedule } from "./schedule.js";

/** Everything that decides what a training run computes, beside the model's shape and the data. */
export interface TrainingSettings extends Schedule {
  /** Decides the dropout masks; a whole number from 0. */
  readonly seed: number;
  /** Decoupled weight decay of matrices, 0 or more. */
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  /** The global gradient norm is scaled down to this; 0 = no limit. */
  readonly clip: number;
  /** Micro-batches whose gradient makes one update. */
  readonly accumulation: number;
  /** Updates between evaluations; the last update is evaluated in any case. */
  readonly evalEvery: number;
  /** Updates between saves of the last state; the last update is saved in any case. */
  readonly saveEvery: number;
  /** Evaluations in a row without a new best that end the run; 0 = no early stopping. */
  readonly patience: number;
}

/** @throws AttaccaError `invalid`, naming the field. */
export function checkSettings(settings: TrainingSettings): void {
  checkSchedule(settings);
  const within = (name: keyof TrainingSettings, good: (value: number) => boolean, expected: string): void => {
    if (!good(settings[name])) throw invalid(name, String(settings[name]), expected);
  };
  const count = (from: number) => (value: number) => Number.isSafeInteger(value) && value >= from;
  within("seed", count(0), "a whole number from 0");
  within("weightDecay", (value) => value >= 0, "0 or more");
  within("beta1", (value) => value >= 0 && value < 1, "0 to below 1");
  within("beta2", (value) => value >= 0 && value < 1, "0 to below 1");
  within("clip", (value) => value >= 0, "0 (no limit) or more");
  within("accumulation", count(1), "a whole number from 1");
  within("evalEvery", count(1), "a whole number from 1");
  within("saveEvery", count(1), "a whole number from 1");
  within("patience", count(0), "a whole number from 0");
}
