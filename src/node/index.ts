/** Files, folders and worker threads over the rooms of `attacca`: what users can rely on. */

export { newRunOptions, TRAIN_DEFAULTS, type TrainRunOptions } from "../run/index.js";
export type { Arm, Budget, RunRecord, SettingName } from "../study/index.js";
export { chooseBackend } from "./backend.js";
export { type CheckpointFiles, findCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
export { type ConvertOptions, type ConvertResult, convertCheckpoint } from "./convert.js";
export { checkDatasetTarget, readDataset, readDatasetFolder, writeDataset } from "./dataset.js";
export {
  type CheckpointEvaluation,
  type EvaluateCheckpointOptions,
  evaluateCheckpoint,
} from "./evaluate.js";
export { type ExportHtmlOptions, exportHtml } from "./export-html.js";
export { readBytes, readJson, writeAtomic } from "./files.js";
export { type GenerateResult, type GenerateRun, generateFiles } from "./generate.js";
export { type HarmonizeResult, type HarmonizeRun, harmonizeFile } from "./harmonize.js";
export { type InfillResult, type InfillRun, infillFile } from "./infill.js";
export {
  type CheckpointInspection,
  type DatasetInspection,
  type GridInspection,
  type Inspection,
  inspect,
  type MidiInspection,
} from "./inspect.js";
export { interruptSignal } from "./interrupt.js";
export { type LoadedModel, loadModel, readModel, type StoredModel } from "./model.js";
export {
  evaluateNovelty,
  type NoveltyOptions,
  type NoveltyReport,
  type SampleNovelty,
} from "./novelty.js";
export type { PieceScore } from "./piece-scores.js";
export {
  parsePlace,
  type RenderedFile,
  type RenderResult,
  type RenderRun,
  renderFiles,
  type ScorePlace,
} from "./render.js";
export { type StartSimdOptions, startSimd } from "./simd.js";
export { reportStudy, runStudy, type StudyEvent, type StudyRun } from "./study.js";
export { type Tokenized, type TokenizeOptions, tokenize } from "./tokenize.js";
export {
  type FoundFiles,
  findSourceFiles,
  type Part,
  parsePart,
  type SourceFile,
} from "./tokenize-files.js";
export { tokenizerJSON } from "./tokenizer-file.js";
export { type RunEnd, type RunEvent, type RunStart, type TrainRun, trainRun } from "./train.js";
export { type StartWebGpuOptions, startWebGpu } from "./webgpu.js";
