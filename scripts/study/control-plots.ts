/**
 * Draws the curves of the controls' records:
 *
 *     node build/scripts/study/control-plots.js
 *
 * Run it in the project's folder. For each record in docs/study/count3 and docs/study/pointers it writes an SVG of the same name: the
 * share of right answers against the steps, mean over seeds.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Curve, curvePlot } from "attacca";

interface ControlRecord {
  readonly runs: readonly {
    readonly attention: string;
    readonly scores: readonly { readonly step: number; readonly right: number | readonly number[] }[];
  }[];
}

const titles: Readonly<Record<string, string>> = {
  count3: "Count3: share of right answers",
  pointers: "Three pointers: share of right answers",
};

/** Where a score has several shares, the last is the hardest task's. */
const hardest = (right: number | readonly number[]): number =>
  typeof right === "number" ? right : right[right.length - 1];

function curveOf({ runs }: ControlRecord, attention: string): Curve[] {
  const own = runs.filter((run) => run.attention === attention);
  if (own.length === 0) return [];
  const points = own[0].scores.map(({ step }, i): [number, number] => [
    step,
    own.reduce((sum, { scores }) => sum + hardest(scores[i].right), 0) / own.length,
  ]);
  return [{ label: `${attention} (${own.length} ${own.length === 1 ? "seed" : "seeds"})`, points }];
}

for (const [name, title] of Object.entries(titles)) {
  const folder = join("docs", "study", name);
  for (const file of readdirSync(folder).filter((one) => one.endsWith(".json"))) {
    const record = JSON.parse(readFileSync(join(folder, file), "utf8")) as ControlRecord;
    const curves = ["full", "causal"].flatMap((attention) => curveOf(record, attention));
    writeFileSync(join(folder, file.replace(/json$/, "svg")), curvePlot(title, "steps", curves));
  }
}
