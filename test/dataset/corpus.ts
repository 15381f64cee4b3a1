import fc from "fast-check";
import {
  buildDataset,
  type Dataset,
  type DatasetContent,
  type DatasetFiles,
  type EncodedPiece,
  frame,
  openDataset,
  type SplitName,
} from "../../src/dataset/index.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";

export const tokenizer = createChoraleTokenizer();

/** A piece of `steps` steps that is told from others by `variant`; its ids lie in the middle of the range. */
export function piece(source: string, steps: number, variant = 0, split?: SplitName): EncodedPiece {
  const grid = Array.from({ length: steps }, (_, step) => [72, 67, 60, 48 + ((step * 7 + variant) % 12)]);
  return { source, streams: [frame(tokenizer.encodeSteps(grid), tokenizer)], ...(split && { split }) };
}

/** Pieces of random content; few contents, so that some are the same. */
export const corpora = fc.uniqueArray(
  fc.record({
    source: fc.constantFrom(..."abcdefghijklmnopqrst".split("").map((letter) => `${letter}.mid`)),
    steps: fc.integer({ min: 1, max: 6 }),
    variant: fc.integer({ min: 0, max: 4 }),
  }),
  { selector: (record) => record.source, minLength: 1, maxLength: 20 },
);

export function contentOf(
  pieces: readonly EncodedPiece[],
  more: Partial<DatasetContent> = {},
): DatasetContent {
  return {
    attacca: "0.0.0-test",
    tokenizer: tokenizer.toJSON(),
    preparation: { align: "none" },
    shares: [60, 20, 20],
    pieces,
    skipped: [],
    ...more,
  };
}

/** The files of a dataset as they come back from a disk. */
export function reopened({ files }: DatasetFiles): Dataset {
  return openDataset(JSON.parse(textOf(files, "manifest.json")), files);
}

export function textOf(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  return new TextDecoder().decode(files.get(name));
}

/** A dataset whose pieces are all in the train split. */
export function trainingDataset(pieces: readonly EncodedPiece[]): Dataset {
  return reopened(buildDataset(contentOf(pieces.map((each) => ({ ...each, split: "train" })))));
}
