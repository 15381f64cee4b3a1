import { z } from "zod";
import { invalid, missing } from "../errors.js";
import { buildDataset, type DatasetFiles, type EncodedPiece, type SkippedFile } from "./build.js";
import type { DatasetManifest, SplitName } from "./manifest.js";
import { splitNames } from "./manifest.js";
import type { Dataset } from "./open.js";

/** A dataset that is to be merged, and the list of the files that were left out of it. */
export interface MergePart {
  /** What to call it in errors. */
  readonly name: string;
  readonly dataset: Dataset;
  readonly skipped: readonly SkippedFile[];
}

const skippedFile = z.object({
  source: z.string(),
  kind: z.enum(["unreadable", "empty", "unfit", "duplicate"]),
  reason: z.string(),
  hash: z.string().optional(),
});

/** Reads `skipped.jsonl`. @throws AttaccaError `invalid`, naming the line. */
export function parseSkipped(text: string): SkippedFile[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => {
      const subject = `skipped.jsonl, line ${i + 1}`;
      let json: unknown;
      try {
        json = JSON.parse(line);
      } catch (error) {
        throw invalid(subject, (error as Error).message, "JSON");
      }
      const parsed = skippedFile.safeParse(json);
      if (parsed.success) return parsed.data;
      throw invalid(subject, parsed.error.issues[0].message, "what attacca tokenize writes");
    });
}

/**
 * One dataset of several: the parts 1/N to N/N of a corpus, in any order, or whole datasets. Merged parts have the bytes
 * that one run over the whole corpus would have written. Pieces that are in several are kept once, and the first of
 * their names decides where.
 *
 * @throws AttaccaError `invalid` where they weren't made alike, or a part is there twice; `missing` where one isn't there
 */
export function mergeDatasets(parts: readonly MergePart[]): DatasetFiles {
  if (parts.length === 0) throw missing("datasets", "one or more to merge");
  const first = parts[0].dataset.manifest;
  for (const { name, dataset } of parts) checkAlike(parts[0].name, first, name, dataset.manifest);
  checkComplete(parts);
  return buildDataset({
    attacca: first.attacca,
    tokenizer: first.tokenizer,
    preparation: first.preparation,
    shares: first.shares,
    pieces: parts.flatMap(({ dataset }) => splitNames.flatMap((name) => piecesOf(dataset, name))),
    skipped: parts.flatMap((part) => part.skipped),
  });
}

/** What decides bytes must be the same everywhere. */
function checkAlike(firstName: string, first: DatasetManifest, name: string, other: DatasetManifest): void {
  for (const field of ["tokenizer", "preparation", "shares", "attacca"] as const) {
    const [expected, found] = [JSON.stringify(first[field]), JSON.stringify(other[field])];
    if (expected === found) continue;
    throw invalid(`${name}, ${field}`, shortened(found), `${shortened(expected)}, as in ${firstName}`);
  }
}

function checkComplete(parts: readonly MergePart[]): void {
  const count = parts.map((part) => part.dataset.manifest.part?.count).find((each) => each !== undefined);
  if (count === undefined) return;
  const names = new Map<number, string>();
  for (const { name, dataset } of parts) {
    const part = dataset.manifest.part;
    if (part?.count !== count) {
      const found = part === undefined ? "no part" : `part ${part.index}/${part.count}`;
      throw invalid(name, found, `a part of ${count}, as the others`);
    }
    const twin = names.get(part.index);
    if (twin !== undefined)
      throw invalid(name, `part ${part.index}/${count}, as ${twin} is`, "each part once");
    names.set(part.index, name);
  }
  for (let index = 1; index <= count; index++) {
    if (!names.has(index)) throw missing(`part ${index}/${count}`, "all parts of the corpus");
  }
}

function piecesOf(dataset: Dataset, name: SplitName): EncodedPiece[] {
  const split = dataset.split(name);
  const pieces: { source: string; split: SplitName; streams: Uint16Array[]; melody?: Uint16Array }[] = [];
  for (let i = 0; i < split.pieceCount; i++) {
    const { source, stream } = split.record(i);
    // Streams of one file stand one behind the other.
    if (stream === 0 || pieces.at(-1)?.source !== source) {
      pieces.push({ source, split: name, streams: [], melody: split.melody?.(i) });
    }
    pieces.at(-1)?.streams.push(split.piece(i));
  }
  return pieces;
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
