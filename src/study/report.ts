import { curvePlot, intervalPlot } from "../view/index.js";
import { armNames, arms } from "./choices.js";
import {
  budgetNames,
  type Comparison,
  comparisonsOf,
  type Group,
  groupsOf,
  QUESTIONS,
  total,
} from "./compare.js";
import { distances, type MusicStatistics } from "./music.js";
import type { RunRecord, SettingRecord } from "./record.js";
import { groupDigits, intervalText, mean, table, verdict } from "./text-table.js";

/** Seconds that the run's steps cost by the setting's measured step: what else the machine did meanwhile isn't in them. */
function secondsOf(run: RunRecord, { costs }: SettingRecord): number {
  return run.trainings.reduce(
    (sum, { steps, options }) =>
      sum + steps * costs[run.arm === "B1" && options.init === "" ? "A" : run.arm].seconds,
    0,
  );
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  return table(
    ["compared", "equal", "nats a token (95 %)", "and that is", "pieces drawn only (95 %)"],
    comparisons.map(({ label, budget, interval, keptSeeds }) => [
      label,
      budgetNames[budget],
      intervalText(interval),
      verdict(interval),
      intervalText(keptSeeds),
    ]),
  );
}

function lossTable(shared: SettingRecord, groups: readonly Group[]): string {
  return table(
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
      groupDigits(mean(runs.map((run) => total(run, "targets")))),
      mean(runs.map((run) => run.test.nllPerToken)).toFixed(4),
      difference === undefined ? "" : intervalText(difference),
    ]),
  );
}

function decodingTable(groups: readonly Group[]): string {
  return table(
    ["arm", "decoding", "ms a token", "ms a note"],
    groups.map(({ label, runs }) => [
      label,
      runs[0].music.decode,
      mean(runs.map(({ music }) => (1000 * music.seconds) / music.tokens)).toFixed(2),
      mean(runs.map(({ music }) => (1000 * music.seconds) / music.notes)).toFixed(2),
    ]),
  );
}

const scalarNames = {
  repetition: "repetition",
  outOfRange: "out of range",
  crossing: "voice crossing",
  parallelFifths: "parallel fifths",
} as const;

function musicTable({ real }: SettingRecord, groups: readonly Group[]): string {
  const scalars = (Object.keys(scalarNames) as (keyof typeof scalarNames)[]).filter(
    (column) => real[column] !== undefined,
  );
  const farOf = (runs: readonly RunRecord[], column: keyof MusicStatistics): number =>
    mean(runs.map((run) => distances(run.music.statistics, real)[column]));
  return table(
    ["arm", "pitch classes", "intervals", ...scalars.map((column) => scalarNames[column])],
    [
      ["as written", "", "", ...scalars.map((column) => real[column]!.toFixed(3))],
      ...groups.map(({ label, runs }) => [
        label,
        ...(["pitchClasses", "intervals"] as const).map((column) => farOf(runs, column).toFixed(3)),
        ...scalars.map((column) => {
          const value = mean(runs.map((run) => run.music.statistics[column] ?? Number.NaN));
          return `${value.toFixed(3)} (${farOf(runs, column).toFixed(3)} off)`;
        }),
      ]),
    ],
  );
}

/**
 * A study's tables and plots, as texts by the names of their files: `tables.md` and SVG pictures. The same records give the same bytes.
 *
 * @param runs one or more
 */
export function studyReport(
  name: string,
  shared: SettingRecord,
  runs: readonly RunRecord[],
): ReadonlyMap<string, string> {
  const groups = groupsOf(runs);
  const comparisons = comparisonsOf(groups);
  const files = new Map<string, string>();
  const differences = groups.flatMap(({ label, difference }) =>
    difference === undefined ? [] : [{ label, interval: difference }],
  );
  if (differences.length > 0) {
    const title = "Test loss less that of arm A, nats a token, with 95 % intervals";
    files.set("differences.svg", intervalPlot(title, differences));
  }
  const control = comparisons.filter(({ label }) => label === QUESTIONS[0][2]);
  if (control.length > 0) {
    const title = "Test loss of B less that of A0, nats a token, with 95 % intervals";
    const rows = control.map(({ budget, interval }) => ({
      label: `equal ${budgetNames[budget]}`,
      interval,
    }));
    files.set("control.svg", intervalPlot(title, rows));
  }
  files.set("curves.svg", curves(groups));
  const pictures = [...files.keys()].map((file) => `![${PICTURES[file]}](${file})`);
  files.set("tables.md", page(name, shared, groups, comparisons, pictures));
  return files;
}

const PICTURES: Readonly<Record<string, string>> = {
  "differences.svg": "Each arm's test loss less that of A",
  "control.svg": "Test loss of B less that of A0",
  "curves.svg": "Validation loss over training FLOPs",
};

function page(
  name: string,
  shared: SettingRecord,
  groups: readonly Group[],
  comparisons: readonly Comparison[],
  pictures: readonly string[],
): string {
  const seeds = new Set(groups.flatMap(({ runs }) => runs.map(({ seed }) => seed))).size;
  const { test } = groups[0].runs[0];
  const compared =
    comparisons.length === 0
      ? ""
      : `## Who against whom

Differences of test losses, run by run of the same seed; 95 % intervals of ${groupDigits(10_000)} resamples of pieces and seeds. Where an interval
holds 0, nothing was found. The last column draws pieces only: it is of these very models, and not of others trained likewise.

${comparisonTable(comparisons)}

`;
  const voices = shared.real.parallelFifths === undefined;
  const about = voices
    ? "The highest and the lowest note that sound at each 16th are followed."
    : "Parallel fifths are for each hundred changes of chord.";
  return `# Setting \`${name}\`

Made by \`attacca study --report\` of the records beside it. Runs on: ${shared.machine};
${seeds} ${seeds === 1 ? "seed" : "seeds"}; ${groupDigits(test.tokens)} targets of the test split, in ${test.pieces.length} pieces. A smoothed 4-gram model has ${test.fourGram.toFixed(4)} nats a token on them.

## Test loss

${lossTable(shared, groups)}

Training s: steps by what a step was measured to take, arms in turns; not the runs' own wall time, which other work on the machine lengthened.

${pictures.join("\n\n")}

${compared}## Decoding

One sequence at a time; timed while the runs went on, with other work on the machine: rough.

${decodingTable(groups)}

## Music

Test pieces gone on with, beside how they really go on: total variation from it for the two distributions, for the others the value and
how far off it is (mean over seeds). ${about}

${musicTable(shared, groups)}
`;
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
