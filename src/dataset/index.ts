/**
 * From scores to batches. A dataset is a folder:
 *
 * - `manifest.json`: the tokenizer, how scores were prepared, the counts of the splits, and for each piece its content's
 *   hash, its file, and where its ids are;
 * - `train-000.bin`, `val-000.bin`, …: ids as little-endian uint16, each piece between its begin and end tokens;
 * - where melodies are kept apart, `train-melody-000.bin`, …: the melody that each piece is written to, likewise;
 * - `skipped.jsonl`: a line for each file that was left out, with the reason.
 *
 * Everything here works on bytes in memory; `src/node/dataset.ts` has the files.
 */

export {
  estimateOffset,
  type GridFit,
  gridFit,
  isPoorFit,
  type OffsetEstimate,
} from "./align.js";
export type { Batch, BatchSource } from "./batch.js";
export { type AnnotatedBeat, alignToBeats, parseBeats } from "./beats.js";
export {
  buildDataset,
  type DatasetContent,
  type DatasetFiles,
  type EncodedPiece,
  type SkippedFile,
} from "./build.js";
export { readChorales } from "./chorales.js";
export {
  bytesHash,
  contentHash,
  defaultSplitShares,
  parseSplitShares,
  type SplitShares,
  splitOfHash,
} from "./content.js";
export { encodeFile, type FileOutcome, frame } from "./encode.js";
export { type EvaluationOptions, type EvaluationSource, evaluationBatches } from "./evaluation.js";
export {
  type DatasetManifest,
  type PieceRecord,
  parseManifest,
  type ShardRecord,
  type SplitName,
  splitNames,
} from "./manifest.js";
export { type MergePart, mergeDatasets, parseSkipped } from "./merge.js";
export { type Dataset, openDataset, type Split } from "./open.js";
export { type PairBatch, pairEvaluationBatches, pairTrainingBatches } from "./pair-batches.js";
export { barAt, barLines, type MelodyPart, melodyFrom } from "./pair-windows.js";
export { checkPairs, type EncodedPair, encodeMelody, encodePair, namedTrack } from "./pairs.js";
export { type Preparation, parseMeter, prepareScore } from "./prepare.js";
export {
  type AlignedScore,
  alignScore,
  overrideTimeSignature,
  restoreOffset,
  type Shift,
  shiftScore,
  withResolution,
} from "./retime.js";
export { type TrainingBatches, type TrainingOptions, trainingBatches } from "./training.js";
