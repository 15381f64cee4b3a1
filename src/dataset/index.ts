/**
 * From scores to batches. A dataset is a folder:
 *
 * - `manifest.json`: the tokenizer, how scores were prepared, the counts of the splits, and for each piece its content's
 *   hash, its file, and where its ids are;
 * - `train-000.bin`, `val-000.bin`, …: ids as little-endian uint16, each piece between its begin and end tokens;
 * - `skipped.jsonl`: a line for each file that was left out, with the reason.
 *
 * Everything here works on bytes in memory; `src/node/dataset.ts` has the files.
 */

export * from "./align.js";
export * from "./batch.js";
export * from "./beats.js";
export * from "./build.js";
export * from "./chorales.js";
export * from "./content.js";
export * from "./encode.js";
export * from "./evaluation.js";
export * from "./manifest.js";
export * from "./merge.js";
export * from "./open.js";
export * from "./prepare.js";
export * from "./retime.js";
export * from "./training.js";
