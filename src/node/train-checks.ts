import { mkdir, readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { BackendName } from "../backend/index.js";
import type { Dataset } from "../dataset/index.js";
import { invalid, missing } from "../errors.js";
import { type ModelConfig, parameterCount, trainingMemory } from "../model/index.js";
import { checkLength } from "../run/index.js";
import { exists, fileError, writeFlushed } from "./files.js";
import { byteSize, checkMemory } from "./memory.js";
import { siblings } from "./replace-folder.js";
import { LOCK_FILE } from "./run-lock.js";

/** What a run leaves in its folder; the file that says that it is a run comes last, so that removing can be cut off. */
const RUN_FILES = ["best", "last", "metrics.jsonl", "loss.svg", "options.json"] as const;

/** How a run may use a folder in which something is. */
export interface TargetOptions {
  readonly resume: boolean;
  readonly force: boolean;
}

/**
 * Refuses a folder that a run mustn't write to: one that holds something else than a run, or a run that is neither
 * resumed nor given up.
 *
 * @throws AttaccaError `invalid`, or `missing` where there is nothing to resume
 */
export async function checkRunTarget(folder: string, { resume, force }: TargetOptions): Promise<void> {
  if (resume && force) {
    throw invalid("options --resume and --force", "both", "one: go on with the run, or replace it");
  }
  const names = (await namesIn(folder)).filter((name) => name !== LOCK_FILE && !LEFTOVER.test(name));
  const isRun = names.includes("options.json");
  if (resume && !isRun) {
    throw missing(folder, "a training run to resume", "Check --out, or leave --resume out to start one");
  }
  if (names.length === 0 || resume) return;
  if (!isRun) throw invalid(folder, "a folder with other files", "an empty or new folder");
  if (!force) {
    throw invalid(
      folder,
      "a training run",
      "an empty or new folder",
      "Use --resume to go on, --force to replace it",
    );
  }
}

/** What a killed run leaves of files that it was writing. */
const LEFTOVER = /^\.(probe|(options\.json|metrics\.jsonl|loss\.svg)\.\d+\.tmp)$/;

/** Removes what a killed run left of files that it was writing. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (LEFTOVER.test(name)) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error): string[] => {
    if (error.code === "ENOENT") return [];
    throw fileError(folder, error);
  });
}

/** Removes what a run wrote into its folder, and nothing else. */
export async function removeRun(folder: string): Promise<void> {
  for (const name of RUN_FILES) {
    const path = join(folder, name);
    const { fresh, old } = siblings(path);
    for (const each of [path, old, fresh]) await rm(each, { recursive: true, force: true });
  }
}

/**
 * Checks, before the first step, that a run can go through: tokens for the context, a folder that can be written to,
 * room on the disk for its checkpoints, and memory.
 *
 * @throws AttaccaError naming what won't do, with what is needed and what is there
 */
export async function checkResources(
  folder: string,
  dataset: Dataset,
  config: ModelConfig,
  { batchSize, backend }: { readonly batchSize: number; readonly backend: BackendName },
): Promise<void> {
  checkLength(dataset, config.n_positions);
  await checkWritable(folder);
  // The last checkpoint has the moments too; while one is replaced, the old and the new are there.
  const parameterBytes = 4 * parameterCount(config);
  await checkDisk(folder, 2 * (3 * parameterBytes + parameterBytes) + 2 ** 20);
  checkMemory(
    trainingBytes(config, batchSize, backend),
    backend,
    "this model and batch",
    "Use a smaller --batch-size with more --accumulation, or a smaller --context or --width",
  );
}

/**
 * Bytes that training takes on an engine, rather too many. The simd engine's fused kernels stay below the estimate: seven
 * models took 0.4 to 0.7 of it. Operations that are composed of stock ones keep copies between them: in
 * tfjs-backend-wasm three models that were estimated at 133, 307 and 694 MiB took 3.1 to 4.1 times as much beside Node's
 * own 100 MiB.
 */
export function trainingBytes(config: ModelConfig, batchSize: number, backend: BackendName): number {
  return (backend === "simd" || backend === "webgpu" ? 1 : 4) * trainingMemory(config, batchSize).total;
}

async function checkWritable(folder: string): Promise<void> {
  const probe = join(folder, ".probe");
  try {
    await mkdir(folder, { recursive: true });
    await writeFlushed(probe, "");
  } catch (error) {
    throw fileError(folder, error);
  } finally {
    if (await exists(probe)) await rm(probe, { force: true });
  }
}

async function checkDisk(folder: string, needed: number): Promise<void> {
  // Some file systems don't say how much room they have.
  const stats = await statfs(folder).catch(() => undefined);
  if (stats === undefined || stats.blocks === 0) return;
  const free = stats.bavail * stats.bsize;
  if (free < needed) {
    throw invalid(folder, `${byteSize(free)} free on its disk`, `${byteSize(needed)} for the checkpoints`);
  }
}
