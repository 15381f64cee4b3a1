import * as tf from "@tensorflow/tfjs-core";
import { strToU8, zipSync } from "fflate";
import { type Dataset, type DatasetFiles, openDataset } from "../../dataset/index.js";
import { invalid } from "../../errors.js";
import { trainingMemory } from "../../model/index.js";
import {
  disposeTrainedModel,
  formatRunOptions,
  newRunOptions,
  newTrainedModel,
  type RunBatches,
  runBatches,
  runModelConfig,
  type TrainingRecord,
  type TrainRunOptions,
  trainedModelFiles,
  trainingRecord,
} from "../../run/index.js";
import {
  checkSettings,
  formatMetrics,
  type MetricsRecord,
  NO_PROGRESS,
  type TrainedModel,
  type TrainingProgress,
} from "../../train/index.js";
import { lossPlot } from "../../view/index.js";
import { checkMemory } from "./memory.js";

/** A checkpoint's files by name. */
type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A training run in the tab: what Node keeps in its folder, in memory. */
export interface TrainingSession {
  readonly options: TrainRunOptions;
  readonly data: DatasetFiles;
  readonly dataset: Dataset;
  readonly batches: RunBatches;
  readonly model: TrainedModel;
  readonly record: Omit<TrainingRecord, "progress">;
  readonly metrics: MetricsRecord[];
  /** Where the model stands. */
  progress: TrainingProgress;
  best?: Files;
  last?: Files;
  /** Why the run can't go on: the weights aren't those of `progress` any more. */
  broken?: string;
}

/**
 * Prepares a run as `attacca train` does.
 *
 * @throws AttaccaError before the engine holds anything, where the run can't go through
 */
export function newSession(
  data: DatasetFiles,
  given: Partial<TrainRunOptions>,
  version: string,
): TrainingSession {
  const options = newRunOptions({ ...given, backend: tf.getBackend() === "simd" ? "simd" : "auto" });
  checkSettings(options);
  const dataset = openDataset(data.manifest, data.files);
  const config = runModelConfig(options, dataset);
  const batches = runBatches(dataset, options);
  checkMemory(trainingMemory(config, options.batchSize).total, "this model and batch");
  return {
    options,
    data,
    dataset,
    batches,
    model: newTrainedModel(config, options),
    record: trainingRecord(dataset, { attacca: version, label: options.label }),
    metrics: [],
    progress: NO_PROGRESS,
  };
}

/** Frees a run's tensors. */
export function disposeSession({ model }: TrainingSession): void {
  disposeTrainedModel(model);
}

/** Keeps the model's present state as the best or the last one. */
export async function keepCheckpoint(
  session: TrainingSession,
  kind: "best" | "last",
  progress: TrainingProgress,
): Promise<void> {
  const { model, record, dataset } = session;
  session[kind] = await trainedModelFiles(
    model,
    { ...record, progress },
    { tokenizer: dataset.manifest.tokenizer, moments: kind === "last" },
  );
}

/**
 * The checkpoint that a user of the run wants.
 *
 * @throws AttaccaError `invalid` where nothing was learned yet
 */
export function sessionCheckpoint({ best, last }: TrainingSession): Files {
  const files = best ?? last;
  if (files === undefined) throw invalid("training", "no checkpoint yet", "one");
  return files;
}

/**
 * The run as Node writes it, in a zip: the folder NAME is what `attacca train --out NAME` leaves, to generate with and to
 * resume; NAME-dataset is its dataset.
 */
export function zipSession(session: TrainingSession, name: string): Uint8Array<ArrayBuffer> {
  const { options, metrics, data } = session;
  const files: Record<string, Uint8Array> = {};
  for (const kind of ["best", "last"] as const) {
    for (const [file, bytes] of session[kind] ?? []) files[`${name}/${kind}/${file}`] = bytes;
  }
  files[`${name}/options.json`] = strToU8(formatRunOptions(options));
  files[`${name}/metrics.jsonl`] = strToU8(metrics.map(formatMetrics).join(""));
  files[`${name}/loss.svg`] = strToU8(lossPlot(metrics, { title: options.label || "Training loss" }));
  for (const [file, bytes] of data.files) files[`${name}-dataset/${file}`] = bytes;
  // Weights don't get smaller.
  return zipSync(files, { level: 0 });
}
