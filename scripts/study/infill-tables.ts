/**
 * Makes the tables and plots of what infill.js has kept:
 *
 *     node build/scripts/study/infill-tables.js
 *
 * Run it in the project's folder. The same records give the same bytes.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { distances, type Interval, type PieceSums, pairedDifference } from "#built/study/index.js";
import { type Curve, curvePlot, intervalPlot } from "#built/view/index.js";
import type { FilledRecord, PassesRecord, Scoring, SpansRecord } from "./infill-record.js";
import { type SpanKind, spanKinds } from "./infill-spans.js";

const FOLDER = join("docs", "study", "infill");
const runs = join(FOLDER, "runs");

const gapNames: Readonly<Record<SpanKind, string>> = {
  bar: "a bar, all voices",
  voice: "two bars of a voice",
};
const scoringNames: Readonly<Record<Scoring, string>> = {
  left: "A: causal, left side only",
  masked: "R: masked, both sides, from left to right",
  random: "R: masked, both sides, in random order",
  blind: "R without the right side",
};
const wayNames: Readonly<Record<string, string>> = {
  "bar-original": "as written",
  "bar-uncertain": "drawn, least certain again",
  "bar-random": "drawn, any again",
  "bar-greedy": "likeliest, least certain again",
  "bar-causal": "A, left side only",
  "voice-original": "as written",
  "voice-uncertain": "drawn, least certain again",
};

const files = readdirSync(runs).sort();
const read = <T>(prefix: string): T[] =>
  files
    .filter((file) => file.startsWith(prefix))
    .map((file) => JSON.parse(readFileSync(join(runs, file), "utf8")) as T);
const spans = read<SpansRecord>("spans-");
const wayOrder = Object.keys(wayNames);
const ways = read<PassesRecord>("passes-").sort(
  (a, b) => wayOrder.indexOf(a.name) - wayOrder.indexOf(b.name),
);

const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const perToken = ({ nll, tokens }: PieceSums): number => total(nll) / total(tokens);
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
const intervalText = ({ mean, low, high }: Interval): string =>
  `${signed(mean)} (${signed(low)} to ${signed(high)})`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

interface Comparison {
  readonly record: SpansRecord;
  /** Less A's, nats a token. */
  readonly difference?: Interval;
}

function comparisons(kind: SpanKind): Comparison[] {
  const own = spans.filter((record) => record.kind === kind);
  const left = own.find(({ scoring }) => scoring === "left");
  const order = Object.keys(scoringNames);
  return own
    .sort((a, b) => order.indexOf(a.scoring) - order.indexOf(b.scoring))
    .map((record) =>
      record === left || left === undefined
        ? { record }
        : { record, difference: pairedDifference([record.sums], [left.sums]) },
    );
}

function spansSection(): string {
  const rows = spanKinds.flatMap((kind) =>
    comparisons(kind).map(({ record: { scoring, sums }, difference }) => [
      gapNames[kind],
      scoringNames[scoring],
      String(sums.tokens.length),
      perToken(sums).toFixed(3),
      (total(sums.nll) / sums.nll.length).toFixed(1),
      difference === undefined ? "" : intervalText(difference),
    ]),
  );
  const models = new Map(spans.map(({ model }) => [model.attention, model]));
  const sizes = [...models.values()].map(
    ({ attention, parameters, steps }) =>
      `${attention}: ${parameters.toLocaleString("en-GB")} parameters, ${steps.toLocaleString("en-GB")} steps`,
  );
  return `## What stood there (arm R beside arm A)

The likelihood of the original ids of one gap in each test piece: nats a token, nats a gap, and nats a token less A's with a 95 %
interval (paired bootstrap over pieces; one training of each model, so it says nothing of other seeds). Models: ${sizes.join("; ")}.

${table(["gap", "model", "pieces", "nats a token", "nats a gap", "less A's (95 %)"], rows)}

${rightSide()}![Likelihood of gaps](spans.svg)
`;
}

/** What the masked model makes of the other side of a bar. */
function rightSide(): string {
  const sumsOf = (scoring: Scoring): PieceSums | undefined =>
    spans.find((record) => record.kind === "bar" && record.scoring === scoring)?.sums;
  const [both, blind] = [sumsOf("masked"), sumsOf("blind")];
  if (both === undefined || blind === undefined) return "";
  const difference = intervalText(pairedDifference([both], [blind]));
  return `R of a bar with the right side, less without it: ${difference}.

`;
}

function passesSection(kind: SpanKind): string {
  const own = ways.filter((way) => way.kind === kind);
  const original = own.find(({ name }) => name === `${kind}-original`)?.filled[0];
  if (original === undefined) return "";
  const rows = own.flatMap(({ name, filled }) => filled.map((one) => rowOf(name, one, original)));
  return `## ${kind === "bar" ? "A bar of all voices" : "Two bars of a voice"}, written anew in ${own[0].pieces} test pieces

${table(
  [
    "way",
    "passes",
    "judge, nats a token",
    "less the original's (95 %)",
    "same ids",
    "notes a bar",
    "pitch classes",
    "intervals",
    "voice crossing",
    "parallel fifths",
  ],
  rows,
)}
`;
}

function rowOf(name: string, one: FilledRecord, original: FilledRecord): string[] {
  const { passes, judged, agreement, notes, statistics } = one;
  const isOriginal = one === original;
  const off = distances(statistics, original.statistics);
  return [
    wayNames[name],
    passes === 0 ? "" : String(passes),
    perToken(judged).toFixed(3),
    isOriginal ? "" : intervalText(pairedDifference([judged], [original.judged])),
    isOriginal ? "" : `${(100 * agreement).toFixed(0)} %`,
    notes.toFixed(1),
    isOriginal ? "" : off.pitchClasses.toFixed(3),
    isOriginal ? "" : off.intervals.toFixed(3),
    statistics.crossing?.toFixed(3) ?? "",
    statistics.parallelFifths?.toFixed(1) ?? "",
  ];
}

/** Curves over the passes, and lines for what has none. */
function passesPlot(title: string, kind: SpanKind, height: (one: FilledRecord) => number): string {
  const all = ways.filter((way) => way.kind === kind);
  const ends = all.flatMap(({ filled }) => filled.map(({ passes }) => passes)).filter((passes) => passes > 0);
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const curves = all.flatMap(({ name, filled }): Curve[] => {
    const label = wayNames[name];
    if (filled[0].passes > 0) {
      return [{ label, points: filled.map((one) => [one.passes, height(one)] as const) }];
    }
    const y = height(filled[0]);
    return [
      {
        label,
        points: [
          [first, y],
          [last, y],
        ],
      },
    ];
  });
  return curvePlot(title, "passes", curves, "log2");
}

const write = (name: string, text: string): void => writeFileSync(join(FOLDER, name), text);
const machines = [...new Set([...spans, ...ways].map(({ machine }) => machine))].join("; ");
write(
  "tables.md",
  `# Infilling

Made by \`node build/scripts/study/infill-tables.js\` of the records beside it. Runs on: ${machines}. [Infilling](../../infill.md) says what is measured.

${[spans.length > 0 ? spansSection() : "", ...spanKinds.map(passesSection)].filter((part) => part !== "").join("\n")}
The judge is a causal model that is neither of the two. It scores the gap's steps, all voices, and the bar behind them; the others are of the gap, with
a step on either side: ids that are the original's, notes that begin in a bar, distances (total variation) of pitch classes and melodic intervals from the original's,
share of steps with crossed voices, parallel fifths for each hundred changes of chord.
`,
);
const rows = spanKinds.flatMap((kind) =>
  comparisons(kind).flatMap(({ record, difference }) =>
    difference === undefined
      ? []
      : [
          {
            label: `${gapNames[kind]}: ${scoringNames[record.scoring].split(", ").at(-1)}`,
            interval: difference,
          },
        ],
  ),
);
if (rows.length > 0)
  write("spans.svg", intervalPlot("Nats a token in gaps less those of arm A, with 95 % intervals", rows));
write(
  "passes.svg",
  passesPlot("Judge's nats a token: the filled bar and the next", "bar", ({ judged }) => perToken(judged)),
);
write(
  "notes.svg",
  passesPlot("Notes that begin in the filled bar", "bar", ({ notes }) => notes),
);
process.stdout.write(`${FOLDER}: ${spans.length + ways.length} records\n`);
