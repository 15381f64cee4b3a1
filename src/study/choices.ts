import type { TrainRunOptions } from "../run/index.js";

/** The sizes, by name, from the smallest. */
export const settingNames = ["pilot", "small", "medium", "pop"] as const;
export type SettingName = (typeof settingNames)[number];

/** What is compared: how a model attends, and what it learns from. */
export const arms = ["A", "A0", "B", "B1", "C", "K"] as const;
export type Arm = (typeof arms)[number];

/** In what the arms are made equal to arm A. */
export const budgets = ["steps", "flops", "time"] as const;
export type Budget = (typeof budgets)[number];

/** What an arm is, in a table's words. */
export const armNames: Readonly<Record<Arm, string>> = {
  A: "A: causal",
  A0: "A0: causal, one position",
  B: "B: full prefix",
  B1: "B′: full prefix from causal",
  C: "C: by bars",
  K: "K: lookahead keys",
};

/** What differs from arm A; B′ has half of its budget as A, and this is the other half. */
const armOptions: Readonly<Record<Arm, Partial<TrainRunOptions>>> = {
  A: {},
  A0: { lossPositions: "one" },
  B: { attention: "full" },
  B1: { attention: "full" },
  C: { attention: "bar" },
  K: { attention: "lookahead" },
};

/** A size of model and data in which the arms are compared. */
export interface Setting {
  readonly seeds: number;
  /** Of arm A; the other arms have `armOptions` over them, and steps as their budget says. */
  readonly options: Partial<TrainRunOptions> & { readonly steps: number };
  /** Targets of the test split that are scored, the same for each arm. */
  readonly targets: number;
  /** Test pieces that are gone on with, the ids that are given of each, and those that are generated. */
  readonly music: { readonly pieces: number; readonly prompt: number; readonly ids: number };
}

const shared: Partial<TrainRunOptions> = { backend: "simd", transpose: 5, dropout: 0.1, evalTargets: 512 };

/**
 * What a training of an arm is given.
 *
 * @param init checkpoint that it begins with; empty: random weights
 */
export function armRunOptions(
  { options }: Setting,
  {
    arm,
    seed,
    steps,
    init = "",
  }: { readonly arm: Arm; readonly seed: number; readonly steps: number; readonly init?: string },
): Partial<TrainRunOptions> {
  const warmupSteps = Math.min(options.warmupSteps ?? 0, Math.floor(steps / 10));
  return { ...options, ...armOptions[arm], seed, steps, init, warmupSteps };
}

/** The sizes. `pilot` only shows that every arm goes through; its numbers mean nothing. `pop` is for a dataset of REMI tokens. */
export const settings: Readonly<Record<SettingName, Setting>> = {
  pilot: {
    seeds: 2,
    options: {
      ...shared,
      layers: 1,
      heads: 2,
      width: 32,
      context: 64,
      batchSize: 8,
      steps: 40,
      learningRate: 3e-3,
      warmupSteps: 4,
      evalEvery: 20,
      evalTargets: 128,
      evalBatches: 8,
    },
    targets: 300,
    music: { pieces: 3, prompt: 65, ids: 64 },
  },
  small: {
    seeds: 5,
    options: {
      ...shared,
      layers: 2,
      heads: 4,
      width: 64,
      context: 64,
      batchSize: 16,
      steps: 3000,
      learningRate: 2e-3,
      warmupSteps: 100,
      evalEvery: 500,
    },
    targets: 8000,
    music: { pieces: 32, prompt: 65, ids: 256 },
  },
  medium: {
    seeds: 3,
    options: {
      ...shared,
      layers: 3,
      heads: 4,
      width: 128,
      context: 128,
      batchSize: 16,
      steps: 1500,
      learningRate: 1.5e-3,
      warmupSteps: 200,
      evalEvery: 1000,
    },
    targets: 8000,
    music: { pieces: 32, prompt: 65, ids: 256 },
  },
  pop: {
    seeds: 3,
    options: {
      ...shared,
      layers: 2,
      heads: 4,
      width: 96,
      context: 128,
      batchSize: 16,
      steps: 2000,
      learningRate: 2e-3,
      warmupSteps: 100,
      evalEvery: 500,
    },
    targets: 8000,
    music: { pieces: 16, prompt: 129, ids: 256 },
  },
};
