import { type Arm, arms, type Budget, budgets } from "./choices.js";

/** What a step of an arm costs. */
export interface StepCost {
  readonly flops: number;
  readonly seconds: number;
}

/** One training: `A-half` is what B′ begins with. */
export interface Training {
  readonly name: string;
  readonly arm: Arm;
  readonly seed: number;
  readonly steps: number;
  /** Name of the training whose weights this one begins with. */
  readonly init?: string;
}

/** One entry of the study: an arm with a budget, which is the last training of its list. */
export interface PlannedRun {
  readonly name: string;
  readonly arm: Arm;
  readonly budget: Budget;
  readonly seed: number;
  readonly trainings: readonly Training[];
}

/** Which part of a study is done. */
export interface Choice {
  readonly arms: readonly Arm[];
  readonly budgets: readonly Budget[];
  readonly seeds: readonly number[];
}

/** The whole of it. */
export const everything = (seeds: number): Choice => ({
  arms,
  budgets,
  seeds: Array.from({ length: seeds }, (_, seed) => seed),
});

/**
 * The runs of a study, each as many steps long as makes it equal to `steps` steps of arm A in its budget. Arm A has one run for all
 * budgets. B′ spends half of its budget as A.
 */
export function plan(steps: number, costs: Readonly<Record<Arm, StepCost>>, choice: Choice): PlannedRun[] {
  const stepsOf = (arm: Arm, budget: Budget, share: number): number => {
    const ratio = budget === "steps" ? 1 : costs.A[UNITS[budget]] / costs[arm][UNITS[budget]];
    return Math.max(1, Math.round(share * steps * ratio));
  };
  const runs: PlannedRun[] = [];
  for (const seed of choice.seeds) {
    for (const arm of choice.arms) {
      for (const budget of choice.budgets) {
        if (arm === "A" && budget !== choice.budgets[0]) continue;
        const name = arm === "A" ? `A-s${seed}` : `${arm}-${budget}-s${seed}`;
        const trainings: Training[] = [];
        if (arm === "B1") {
          trainings.push({ name: `A-half-s${seed}`, arm: "A", seed, steps: stepsOf("A", "steps", 0.5) });
        }
        trainings.push({
          name,
          arm,
          seed,
          steps: stepsOf(arm, budget, arm === "B1" ? 0.5 : 1),
          init: trainings[0]?.name,
        });
        runs.push({ name, arm, budget, seed, trainings });
      }
    }
  }
  return runs;
}

const UNITS = { flops: "flops", time: "seconds" } as const;
