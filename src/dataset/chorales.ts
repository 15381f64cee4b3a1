import { AttaccaError, invalid } from "../errors.js";
import type { ChoraleTokenizer } from "../tokens/index.js";
import type { EncodedPiece, SkippedFile } from "./build.js";
import { frame } from "./encode.js";
import type { SplitName } from "./manifest.js";

/** The corpus's own names for its splits. */
const splitKeys: readonly (readonly [key: string, split: SplitName])[] = [
  ["train", "train"],
  ["valid", "val"],
  ["test", "test"],
];

/**
 * The pieces of a file in the layout of `Jsb16thSeparated.json` (Huang, JSB-Chorales-dataset): an object of `train`,
 * `valid` and `test`, each a list of pieces, each a list of steps of a 16th note, each the four pitches S, A, T, B with
 * −1 for silence. The file's own splits are kept. `source` is the file's name; pieces are called `source#train/012`.
 *
 * A step with no pitch at all is a silence of all voices. A piece with a step of one to three pitches, or with a pitch
 * outside the vocabulary, is skipped: whose pitches they are can't be told.
 *
 * @throws AttaccaError `invalid` where the JSON isn't laid out so.
 */
export function readChorales(
  json: unknown,
  source: string,
  tokenizer: ChoraleTokenizer,
): { readonly pieces: EncodedPiece[]; readonly skipped: SkippedFile[] } {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid(source, "no object", "an object of train, valid and test, each a list of pieces");
  }
  const corpus = json as Readonly<Record<string, unknown>>;
  if (!splitKeys.some(([key]) => key in corpus)) {
    const found = Object.keys(corpus).slice(0, 5).join(", ") || "nothing";
    throw invalid(source, `the fields ${found}`, "train, valid and test");
  }
  const pieces: EncodedPiece[] = [];
  const skipped: SkippedFile[] = [];
  for (const [key, split] of splitKeys) {
    const list = corpus[key] ?? [];
    if (!Array.isArray(list)) throw invalid(`${source}, ${key}`, typeof list, "a list of pieces");
    list.forEach((piece: unknown, i) => {
      const name = `${source}#${key}/${String(i).padStart(3, "0")}`;
      const result = encodePiece(piece, name, split, tokenizer);
      if ("streams" in result) pieces.push(result);
      else skipped.push(result);
    });
  }
  return { pieces, skipped };
}

function encodePiece(
  piece: unknown,
  source: string,
  split: SplitName,
  tokenizer: ChoraleTokenizer,
): EncodedPiece | SkippedFile {
  try {
    const ids = tokenizer.encodeSteps(stepsOf(piece));
    if (ids.length === 0) return { source, kind: "empty", reason: "no steps" };
    return { source, streams: [frame(ids, tokenizer)], split };
  } catch (error) {
    if (!(error instanceof AttaccaError)) throw error;
    return { source, kind: "unfit", reason: error.message };
  }
}

function stepsOf(piece: unknown): number[][] {
  if (!Array.isArray(piece)) throw invalid("piece", typeof piece, "a list of steps");
  return piece.map((step: unknown, i) => {
    if (!Array.isArray(step) || !step.every((pitch) => typeof pitch === "number")) {
      throw invalid(`step ${i}`, JSON.stringify(step)?.slice(0, 40) ?? "nothing", "a list of pitches");
    }
    return step.length === 0 ? [-1, -1, -1, -1] : step;
  });
}
