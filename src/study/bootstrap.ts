import { randomStream } from "../random.js";

/** Scores of one run: a sum of negative log-likelihoods and a number of tokens for each piece, in the same order in all runs. */
export interface PieceSums {
  readonly tokens: readonly number[];
  readonly nll: readonly number[];
}

/** A mean with the interval in which it lies in 95 of 100 resamples. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 10_000;

/**
 * How many nats a token more `runs` have than `baseline`, run by run of the same seed: the paired bootstrap (Efron & Tibshirani
 * 1993) over pieces, and over seeds where there are several. A resample draws as many pieces and as many seeds as there are, with
 * putting back; both models are scored on what was drawn.
 *
 * @param keptSeeds draws pieces only: an interval for these very models, and not for others that might have been trained so
 */
export function pairedDifference(
  runs: readonly PieceSums[],
  baseline: readonly PieceSums[],
  keptSeeds = false,
): Interval {
  const seeds = runs.length;
  const pieces = runs[0].tokens.length;
  const differences = runs.map((run, seed) => run.nll.map((nll, piece) => nll - baseline[seed].nll[piece]));
  const { tokens } = runs[0];
  const meanOf = (chosenSeeds: readonly number[], chosenPieces: readonly number[]): number => {
    let sum = 0;
    let count = 0;
    for (const piece of chosenPieces) {
      for (const seed of chosenSeeds) sum += differences[seed][piece];
      count += tokens[piece] * chosenSeeds.length;
    }
    return sum / count;
  };
  const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const means = Array.from({ length: RESAMPLES }, (_, resample) => {
    const stream = randomStream(0, "bootstrap", resample);
    const draw = (count: number): number[] => all(count).map(() => stream.below(count));
    return meanOf(keptSeeds ? all(seeds) : draw(seeds), draw(pieces));
  }).sort((a, b) => a - b);
  return {
    mean: meanOf(all(seeds), all(pieces)),
    low: means[Math.floor(0.025 * RESAMPLES)],
    high: means[Math.ceil(0.975 * RESAMPLES) - 1],
  };
}
