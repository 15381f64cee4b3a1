import { invalid } from "../errors.js";

/** How the learning rate changes over a run: linear warm-up, then half a cosine down to a floor. */
export interface Schedule {
  /** The highest learning rate, reached at the end of the warm-up; above 0. */
  readonly learningRate: number;
  /** Updates until the highest rate is reached; 0 = start there. A shorter run never reaches it. */
  readonly warmupSteps: number;
  /** Updates of the whole run, the warm-up included. */
  readonly steps: number;
  /** The floor as a share of the highest rate, 0 to 1; 1 = no decay. */
  readonly finalRatio: number;
}

/**
 * The learning rate of one update, a pure function of its number.
 *
 * Warm-up rises by equal parts, so that update 1 already moves the weights; the cosine (Loshchilov & Hutter 2017,
 * eq. 5, without restarts) reaches the floor exactly at the last update.
 *
 * @param step the update's number, 1 to `schedule.steps`; past the end the floor holds
 */
export function learningRateAt(schedule: Schedule, step: number): number {
  const { learningRate, warmupSteps, steps, finalRatio } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const floor = learningRate * finalRatio;
  if (step >= steps) return floor;
  const progress = (step - warmupSteps) / (steps - warmupSteps);
  return floor + (learningRate - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** @throws AttaccaError `invalid`, naming the field. */
export function checkSchedule(schedule: Schedule): void {
  const { learningRate, warmupSteps, steps, finalRatio } = schedule;
  if (!(Number.isFinite(learningRate) && learningRate > 0)) {
    throw invalid("learning rate", String(learningRate), "a number above 0");
  }
  if (!(Number.isInteger(steps) && steps >= 1))
    throw invalid("steps", String(steps), "a whole number from 1");
  if (!(Number.isInteger(warmupSteps) && warmupSteps >= 0)) {
    throw invalid("warm-up steps", String(warmupSteps), "a whole number from 0");
  }
  if (!(finalRatio >= 0 && finalRatio <= 1)) {
    throw invalid("final learning-rate ratio", String(finalRatio), "0 to 1");
  }
}
