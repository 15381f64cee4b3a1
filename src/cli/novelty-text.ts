import type { NoveltyReport, SampleNovelty } from "../node/novelty.js";
import type { Copy } from "../novelty/index.js";

/** A novelty report for people: a table of the samples, and what pieces do that the model didn't learn from. */
export function noveltyLines({
  samples,
  reference,
  split,
  trainingPieces,
  checkpoint,
}: NoveltyReport): string[] {
  const width = Math.max(...samples.map(({ name }) => name.length), 6);
  const heads = `${"notes".padStart(7)}${"run".padStart(6)}${"bars".padStart(7)}${"s".padStart(7)}`;
  const lines = [
    `${checkpoint}: longest runs that stand in the ${trainingPieces} pieces of its training split, in any key`,
    "",
    `${"sample".padEnd(width)}${heads}  where it stands`,
    ...samples.map(
      ({ name, notes, texture }) => `${name.padEnd(width)}${String(notes).padStart(7)}${row(texture)}`,
    ),
    "",
    summary("samples, all voices", samples, "texture"),
    summary("samples, one voice", samples, "voice"),
  ];
  if (reference.length === 0) return lines;
  return [
    ...lines,
    summary(`${split} pieces, all voices`, reference, "texture"),
    summary(`${split} pieces, one voice`, reference, "voice"),
  ];
}

function row({ notes, bars, seconds, bar, piece, pieceBar, transposition = 0 }: Copy): string {
  const figures = `${String(notes).padStart(6)}${bars.toFixed(2).padStart(7)}${seconds.toFixed(1).padStart(7)}`;
  if (piece === undefined) return figures;
  const moved = transposition === 0 ? "" : `, ${transposition > 0 ? "+" : ""}${transposition} semitones`;
  return `${figures}  bar ${bar} = ${piece}, bar ${pieceBar}${moved}`;
}

function summary(what: string, all: readonly SampleNovelty[], which: "texture" | "voice"): string {
  const sorted = all.map((one) => one[which]).sort((a, b) => a.notes - b.notes);
  const longest = sorted[sorted.length - 1];
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return (
    `${what.padEnd(24)} median ${middle.notes} notes (${middle.bars.toFixed(2)} bars), ` +
    `longest ${longest.notes} notes (${longest.bars.toFixed(2)} bars)`
  );
}
