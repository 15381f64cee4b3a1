import type { TrainRunOptions } from "../run/index.js";
import type { Arm, Budget } from "./choices.js";
import type { MusicStatistics } from "./music.js";

/** What a model makes of one piece: the sum of the negative log-likelihoods of so many of its tokens, nats. */
export interface PieceLoss {
  readonly source: string;
  readonly tokens: number;
  readonly nll: number;
}

/** What is kept of one training. */
export interface TrainingRecord {
  readonly name: string;
  readonly options: TrainRunOptions;
  readonly steps: number;
  /** Of the matrix products of all steps; see `trainingFlops`. */
  readonly flops: number;
  /** Time that the steps took, without evaluations and saves. */
  readonly seconds: number;
  /** Ids that the model read, and targets that it learned from. */
  readonly tokens: number;
  readonly targets: number;
  /** Validation loss after so many steps. */
  readonly validation: readonly (readonly [step: number, loss: number])[];
}

/** What is kept of a run: `runs/NAME.json` in the study's folder. */
export interface RunRecord {
  readonly name: string;
  readonly setting: string;
  readonly arm: Arm;
  /** Arm A has one run for all budgets. */
  readonly budget: Budget;
  readonly seed: number;
  readonly machine: string;
  readonly attacca: string;
  readonly trainings: readonly TrainingRecord[];
  readonly test: {
    readonly tokens: number;
    readonly nllPerToken: number;
    readonly nllPerNote: number;
    readonly fourGram: number;
    readonly pieces: readonly PieceLoss[];
  };
  /** Test pieces gone on with, one after the other. */
  readonly music: {
    readonly decode: string;
    readonly tokens: number;
    readonly notes: number;
    readonly seconds: number;
    readonly statistics: MusicStatistics;
  };
}

/** What the runs of a setting have in common: `setting.json` in the study's folder. */
export interface SettingRecord {
  /** Its name; absent in a study's first records. */
  readonly setting?: string;
  /** What a step of each arm costs; measured once, on the machine that is named. */
  readonly costs: Readonly<Record<Arm, { readonly flops: number; readonly seconds: number }>>;
  readonly machine: string;
  /** The same spans of the test pieces as they were written. */
  readonly real: MusicStatistics;
}
