/** The part of a checkpoint's card that says how much of its pieces stands in the training set. */
import { execFileSync } from "node:child_process";
import type { Copy } from "attacca";
import type { NoveltyReport, SampleNovelty } from "attacca/node";

const TITLE = "## How much of it is copied";
const COUNT = 32;
const BARS = 16;

/** Measures a checkpoint and writes its section. Samples are drawn with a fixed seed. */
export function noveltySection(checkpoint: string, data: string): string {
  const given = [
    "--checkpoint",
    checkpoint,
    "--data",
    data,
    "--split",
    "test",
    "--count",
    COUNT,
    "--bars",
    BARS,
  ];
  const argv = ["dist/cli/main.js", "eval", "--novelty", "--seed", "0", "--json", ...given.map(String)];
  const report: NoveltyReport = JSON.parse(
    execFileSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 2 ** 26 }),
  );
  const { samples, reference } = report;
  const longest = sorted(samples, "texture").at(-1)!;
  const { piece, pieceBar, bar, transposition } = longest.texture;
  return `${TITLE}

The longest run of each piece that stands in the training split in any key, by \`attacca eval --novelty --split test --count
${COUNT} --bars ${BARS} --seed 0\`: notes one behind the other in the same intervals and at the same distances in time. Beside
${samples.length} pieces from nothing stand ${reference.length} pieces of the test split, which the model didn't learn from, cut to ${BARS} bars: pieces of one kind share
tunes and turns of phrase.

| | median run | longest run |
| --- | --- | --- |
${row("generated, all voices together", samples, "texture")}
${row("generated, a single voice", samples, "voice")}
${row("test split, all voices together", reference, "texture")}
${row("test split, a single voice", reference, "voice")}

The longest run of all voices (${longest.texture.notes} notes, ${longest.texture.seconds.toFixed(1)} s at 120 quarters a minute) begins in bar ${bar} of ${longest.name} and is bar
${pieceBar} of ${piece}, ${Math.abs(transposition ?? 0)} semitones away.
`;
}

/** A card with its section replaced, or with it at the end where it had none. */
export function withSection(card: string, section: string): string {
  const from = card.indexOf(TITLE);
  if (from === -1) return `${card.trimEnd()}\n\n${section}`;
  const next = card.indexOf("\n## ", from + TITLE.length);
  return card.slice(0, from) + section + (next === -1 ? "" : card.slice(next));
}

function sorted(all: readonly SampleNovelty[], which: "texture" | "voice"): SampleNovelty[] {
  return [...all].sort((a, b) => a[which].notes - b[which].notes);
}

function row(what: string, all: readonly SampleNovelty[], which: "texture" | "voice"): string {
  const runs = sorted(all, which).map((one) => one[which]);
  const cell = ({ notes, bars }: Copy): string => `${notes} notes (${bars.toFixed(2)} bars)`;
  return `| ${what} | ${cell(runs[Math.floor((runs.length - 1) / 2)])} | ${cell(runs[runs.length - 1])} |`;
}
