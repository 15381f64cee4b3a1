/**
 * Makes the study's tables and plots of what its runs have kept:
 *
 *     node build/scripts/study/tables.js
 *
 * Run it in the project's folder. For every setting in docs/study it writes tables.md, differences.svg and curves.svg; the same records
 * give the same bytes.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Interval, type PieceSums, pairedDifference } from "./bootstrap.js";
import { distances, type MusicStatistics } from "./music.js";
import { curvePlot, intervalPlot } from "./plots.js";
import type { RunRecord, SettingRecord } from "./record.js";
import { type Arm, armNames, arms, type Budget, budgets } from "./settings.js";

const STUDY = join("docs", "study");

/** The runs of an arm in a budget, and how they differ from arm A's runs of the same seeds. */
interface Group {
  readonly arm: Arm;
  readonly budget: Budget;
  readonly label: string;
  readonly runs: readonly RunRecord[];
  readonly difference?: Interval;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

function groupsOf(runs: readonly RunRecord[]): Group[] {
  const baseline = new Map(runs.filter(({ arm }) => arm === "A").map((run) => [run.seed, run]));
  return arms.flatMap((arm) =>
    budgets.flatMap((budget): Group[] => {
      const chosen = runs
        .filter((run) => run.arm === arm && run.budget === budget)
        .sort((a, b) => a.seed - b.seed);
      if (chosen.length === 0) return [];
      const label =
        arm === "A" ? armNames.A : `${armNames[arm]}, equal ${budget === "flops" ? "FLOPs" : budget}`;
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

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

function total(run: RunRecord, field: "steps" | "flops" | "targets"): number {
  return run.trainings.reduce((sum, training) => sum + training[field], 0);
}

/** Seconds that the run's steps cost by the setting's measured step: what else the machine did meanwhile isn't in them. */
function secondsOf(run: RunRecord, { costs }: SettingRecord): number {
  return run.trainings.reduce(
    (sum, { steps, options }) =>
      sum + steps * costs[run.arm === "B1" && options.init === "" ? "A" : run.arm].seconds,
    0,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function tables(setting: string, shared: SettingRecord, groups: readonly Group[]): string {
  const seeds = [...new Set(groups.flatMap(({ runs }) => runs.map(({ seed }) => seed)))].length;
  const { test } = groups[0].runs[0];
  const loss = table(
    [
      "arm",
      "seeds",
      "steps",
      "training TFLOP",
      "training s",
      "targets learned",
      "test nats a token",
      "less A's (95 %)",
    ],
    groups.map(({ label, runs, difference }) => [
      label,
      String(runs.length),
      String(Math.round(mean(runs.map((run) => total(run, "steps"))))),
      (mean(runs.map((run) => total(run, "flops"))) / 1e12).toPrecision(3),
      mean(runs.map((run) => secondsOf(run, shared))).toFixed(0),
      Math.round(mean(runs.map((run) => total(run, "targets")))).toLocaleString("en-GB"),
      mean(runs.map((run) => run.test.nllPerToken)).toFixed(4),
      difference === undefined ? "" : intervalText(difference),
    ]),
  );
  const decoding = table(
    ["arm", "decoding", "ms a token", "ms a note"],
    groups.map(({ label, runs }) => [
      label,
      runs[0].music.decode,
      mean(runs.map(({ music }) => (1000 * music.seconds) / music.tokens)).toFixed(2),
      mean(runs.map(({ music }) => (1000 * music.seconds) / music.notes)).toFixed(2),
    ]),
  );
  const scalars = ["repetition", "outOfRange", "crossing", "parallelFifths"] as const;
  const farOf = (runs: readonly RunRecord[], column: keyof MusicStatistics): number =>
    mean(runs.map((run) => distances(run.music.statistics, shared.real)[column]));
  const music = table(
    ["arm", "pitch classes", "intervals", "repetition", "out of range", "voice crossing", "parallel fifths"],
    [
      ["as written", "", "", ...scalars.map((column) => shared.real[column].toFixed(3))],
      ...groups.map(({ label, runs }) => [
        label,
        ...(["pitchClasses", "intervals"] as const).map((column) => farOf(runs, column).toFixed(3)),
        ...scalars.map((column) => {
          const value = mean(runs.map((run) => run.music.statistics[column]));
          return `${value.toFixed(3)} (${farOf(runs, column).toFixed(3)} off)`;
        }),
      ]),
    ],
  );
  return `# Setting \`${setting}\`

Made by \`node build/scripts/study/tables.js\` of the records beside it. Runs on: ${shared.machine};
${seeds} seeds; ${test.tokens.toLocaleString("en-GB")} targets of the test split, in ${test.pieces.length} pieces. A smoothed 4-gram model has ${test.fourGram.toFixed(4)} nats a token on them.

## Test loss

${loss}

Training s: steps by what a step was measured to take, arms in turns; not the runs' own wall time, which other work on the machine lengthened.

![Differences](differences.svg)

![Validation loss over training FLOPs](curves.svg)

## Decoding

One sequence at a time; timed while the runs went on, with other work on the machine: rough.

${decoding}

## Music

Test pieces gone on with, beside how they really go on: total variation from it for the two distributions, for the others the value and
how far off it is (mean over seeds). Parallel fifths are for each hundred changes of chord.

${music}
`;
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;

function intervalText({ mean: value, low, high }: Interval): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

/** Validation loss over the FLOPs spent so far, mean over seeds; of each arm the run with the most. */
function curves(groups: readonly Group[]): string {
  const longest = arms.flatMap((arm) => {
    const own = groups.filter((group) => group.arm === arm);
    return own.sort((a, b) => total(b.runs[0], "flops") - total(a.runs[0], "flops")).slice(0, 1);
  });
  const drawn = longest.map(({ arm, runs }) => {
    const [{ trainings }] = runs;
    const last = trainings[trainings.length - 1];
    const before = trainings.slice(0, -1).reduce((sum, { flops }) => sum + flops, 0);
    const points = last.validation.map(([step], i): [number, number] => [
      (before + (last.flops * step) / last.steps) / 1e12,
      mean(runs.map((run) => run.trainings[run.trainings.length - 1].validation[i]?.[1] ?? Number.NaN)),
    ]);
    return { label: armNames[arm], points: points.filter(([, y]) => Number.isFinite(y)) };
  });
  return curvePlot("Validation loss, nats a token", "training TFLOP", drawn);
}

for (const setting of readdirSync(STUDY).sort()) {
  const folder = join(STUDY, setting);
  if (!existsSync(join(folder, "setting.json"))) continue;
  const shared = readJson<SettingRecord>(join(folder, "setting.json"));
  const files = existsSync(join(folder, "runs")) ? readdirSync(join(folder, "runs")).sort() : [];
  const runs = files.map((file) => readJson<RunRecord>(join(folder, "runs", file)));
  if (runs.length === 0) continue;
  const groups = groupsOf(runs);
  writeFileSync(join(folder, "tables.md"), tables(setting, shared, groups));
  const rows = groups.flatMap(({ label, difference }) =>
    difference === undefined ? [] : [{ label, interval: difference }],
  );
  if (rows.length > 0) {
    writeFileSync(
      join(folder, "differences.svg"),
      intervalPlot("Test loss less that of arm A, nats a token, with 95 % intervals", rows),
    );
  }
  writeFileSync(join(folder, "curves.svg"), curves(groups));
  process.stdout.write(`${folder}: ${runs.length} runs\n`);
}
