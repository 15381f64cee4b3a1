import { join } from "node:path";
import { decodeCheckpoint } from "../checkpoint/index.js";
import { naming } from "../errors.js";
import { type TrainingRecord, trainedModelFiles, trainedModelFrom } from "../run/index.js";
import type { TrainedModel } from "../train/index.js";
import { findCheckpoint, isCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { findWhole } from "./replace-folder.js";

/**
 * Saves a model as a checkpoint folder.
 *
 * @param options.moments whether the optimizer's moments are saved too, as resuming needs
 */
export async function saveTrainedModel(
  folder: string,
  model: TrainedModel,
  record: TrainingRecord,
  options: { readonly tokenizer: Record<string, unknown>; readonly moments: boolean },
): Promise<void> {
  await writeCheckpoint(folder, await trainedModelFiles(model, record, options));
}

/** Whether a run's folder has a checkpoint to go on from. */
export async function hasLast(runFolder: string): Promise<boolean> {
  return (await findWhole(join(runFolder, "last"), isCheckpoint)) !== undefined;
}

/**
 * Loads a run's last checkpoint with all that resuming needs.
 *
 * @throws AttaccaError `missing` or `invalid`, naming the folder
 */
export async function loadLast(
  runFolder: string,
): Promise<{ readonly model: TrainedModel; readonly record: TrainingRecord }> {
  const folder = await findCheckpoint(join(runFolder, "last"));
  const { files } = await readCheckpoint(folder);
  return naming(folder, () => trainedModelFrom(decodeCheckpoint(files)));
}
