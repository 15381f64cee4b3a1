import { expect, it } from "vitest";
import { newRunOptions } from "../../src/run/index.js";
import {
  type Arm,
  armRunOptions,
  arms,
  type Budget,
  type RunRecord,
  type SettingRecord,
  settings,
  studyReport,
} from "../../src/study/index.js";

const real = { pitchClasses: [1], intervals: [1], repetition: 0.1, outOfRange: 0 };

/** A run of four pieces whose loss is `loss` nats a token, and a little more or less by piece and seed. */
function recordOf(arm: Arm, budget: Budget, seed: number, loss: number): RunRecord {
  const pieces = [10, 20, 30, 40].map((tokens, i) => ({
    source: `piece ${i}`,
    tokens,
    nll: tokens * (loss + 0.01 * ((i + seed) % 2)),
  }));
  const name = arm === "A" ? `A-s${seed}` : `${arm}-${budget}-s${seed}`;
  const options = newRunOptions(armRunOptions(settings.pilot, { arm, seed, steps: 40 }));
  const training = { name, options, steps: 40, flops: 1e12, seconds: 1, tokens: 100, targets: 1234 };
  return {
    name,
    setting: "pilot",
    arm,
    budget,
    seed,
    machine: "m",
    attacca: "0",
    trainings: [{ ...training, validation: [[40, loss]] }],
    test: {
      tokens: 100,
      nllPerToken: pieces.reduce((sum, { nll }) => sum + nll, 0) / 100,
      nllPerNote: 1,
      fourGram: 2,
      pieces,
    },
    music: { decode: "cached", tokens: 10, notes: 5, seconds: 1, statistics: real },
  };
}

const cost = { flops: 1, seconds: 2 };
const costs = Object.fromEntries(arms.map((arm) => [arm, cost])) as SettingRecord["costs"];
const shared: SettingRecord = { costs, machine: "m", real };

it("a report compares each arm with the one that it differs from, seed by seed", () => {
  const runs = [0, 1].flatMap((seed) => [
    recordOf("A", "steps", seed, 1),
    recordOf("A0", "steps", seed, 1.5),
    recordOf("B", "steps", seed, 1.4),
    // The same loss as A, piece by piece.
    recordOf("C", "steps", seed, 1),
  ]);
  const files = studyReport("pilot", shared, runs);
  const tables = files.get("tables.md")!;
  const rowOf = (start: string): string => tables.split("\n").find((line) => line.startsWith(`| ${start}`))!;
  expect(rowOf("B less A0:")).toContain("| steps | −0.1000 (−0.1000 to −0.1000) | better |");
  expect(rowOf("B less A:")).toContain("| steps | +0.4000 (+0.4000 to +0.4000) | worse |");
  expect(rowOf("C less A:")).toContain("+0.0000 (+0.0000 to +0.0000) | no difference found |");
  expect(rowOf("A: causal")).toContain("| 2 | 40 | 1.00 | 80 | 1,234 | 1.0050 |");
  // What a setting doesn't measure has no column.
  expect(tables).not.toContain("parallel fifths |");
  expect([...files.keys()].sort()).toEqual(["control.svg", "curves.svg", "differences.svg", "tables.md"]);
});

it("a report of one arm has nothing to compare", () => {
  const files = studyReport("pilot", shared, [recordOf("A", "steps", 0, 1)]);
  expect([...files.keys()].sort()).toEqual(["curves.svg", "tables.md"]);
  expect(files.get("tables.md")).not.toContain("Who against whom");
});
