import { type Interval, type PieceSums, pairedDifference } from "./bootstrap.js";
import { type Arm, armNames, arms, type Budget, budgets } from "./choices.js";
import type { RunRecord } from "./record.js";

/** The runs of an arm in a budget, and how they differ from arm A's runs of the same seeds. */
export interface Group {
  readonly arm: Arm;
  readonly budget: Budget;
  readonly label: string;
  readonly runs: readonly RunRecord[];
  readonly difference?: Interval;
}

export function groupsOf(runs: readonly RunRecord[]): Group[] {
  const baseline = new Map(runs.filter(({ arm }) => arm === "A").map((run) => [run.seed, run]));
  return arms.flatMap((arm) =>
    budgets.flatMap((budget): Group[] => {
      const chosen = runs
        .filter((run) => run.arm === arm && run.budget === budget)
        .sort((a, b) => a.seed - b.seed);
      if (chosen.length === 0) return [];
      const label = arm === "A" ? armNames.A : `${armNames[arm]}, equal ${budgetNames[budget]}`;
      const paired = chosen.filter(({ seed }) => baseline.has(seed));
      if (arm === "A" || paired.length === 0) return [{ arm, budget, label, runs: chosen }];
      const difference = pairedDifference(
        paired.map(sumsOf),
        paired.map(({ seed }) => sumsOf(baseline.get(seed)!)),
      );
      return [{ arm, budget, label, runs: chosen, difference }];
    }),
  );
}

function sumsOf({ test }: RunRecord): PieceSums {
  return { tokens: test.pieces.map(({ tokens }) => tokens), nll: test.pieces.map(({ nll }) => nll) };
}

export function total(run: RunRecord, field: "steps" | "flops" | "targets"): number {
  return run.trainings.reduce((sum, training) => sum + training[field], 0);
}

/** An arm against another that isn't A, or against A, in one budget. */
export interface Comparison {
  readonly label: string;
  readonly budget: Budget;
  /** Over pieces and seeds, and over pieces alone. */
  readonly interval: Interval;
  readonly keptSeeds: Interval;
}

/** What the study asks: each arm less the one that differs from it in what is asked. */
export const QUESTIONS = [
  ["B", "A0", "B less A0: both learn from one position of each window; only the attention differs"],
  ["B", "A", "B less A: the attention, and the thinner signal of training"],
  ["B1", "A", "B′ less A: the same, from causal weights"],
  ["B1", "B", "B′ less B: half of the budget causal, and none of it"],
  ["C", "A", "C less A: sight of whole finished bars, and one bar of each window to learn from"],
  ["K", "A", "K less A: keys that are renewed, and a quarter more weights in each block"],
] as const;

export function comparisonsOf(groups: readonly Group[]): Comparison[] {
  return QUESTIONS.flatMap(([arm, other, label]) =>
    budgets.flatMap((budget): Comparison[] => {
      const runs = groups.find((group) => group.arm === arm && group.budget === budget)?.runs ?? [];
      const others = groups.find(
        (group) => group.arm === other && (other === "A" || group.budget === budget),
      )?.runs;
      const pairs = runs.flatMap((run) => {
        const same = others?.find(({ seed }) => seed === run.seed);
        return same === undefined ? [] : [[sumsOf(run), sumsOf(same)] as const];
      });
      if (pairs.length === 0) return [];
      const [own, baseline] = [pairs.map(([one]) => one), pairs.map(([, two]) => two)];
      const [interval, keptSeeds] = [false, true].map((kept) => pairedDifference(own, baseline, kept));
      return [{ label, budget, interval, keptSeeds }];
    }),
  );
}

export const budgetNames: Readonly<Record<Budget, string>> = { steps: "steps", flops: "FLOPs", time: "time" };
