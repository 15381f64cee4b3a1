import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { invalid, missing } from "../errors.js";
import { exists, fileError } from "./files.js";
import { findWhole, replaceFolder } from "./replace-folder.js";

/** A checkpoint's files by name, e.g. `config.json` and `model.safetensors`. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array | string>;

/** The file that makes a folder a checkpoint. */
const MARK = "config.json";

/** Whether a folder is a checkpoint. */
export function isCheckpoint(folder: string): Promise<boolean> {
  return exists(join(folder, MARK));
}

/**
 * Writes a checkpoint folder so that after a crash at any moment `readCheckpoint` finds the old one or the new one,
 * whole (see `replaceFolder`).
 *
 * @throws AttaccaError `invalid`, naming the path: no room, no permission, a folder with something else in it
 */
export async function writeCheckpoint(folder: string, files: CheckpointFiles): Promise<void> {
  await replaceFolder(folder, files, { isOurs: isCheckpoint });
}

/**
 * Reads the files of a checkpoint.
 *
 * @param folder a checkpoint, or the folder of a training run: then its best checkpoint, or its last where no
 *   validation was done
 * @param only the files to read; default: all of them
 * @throws AttaccaError `missing` or `invalid`, naming the path
 */
export async function readCheckpoint(
  folder: string,
  only?: readonly string[],
): Promise<{ readonly folder: string; readonly files: ReadonlyMap<string, Uint8Array> }> {
  const found = await findCheckpoint(folder);
  const files = new Map<string, Uint8Array>();
  try {
    for (const entry of await readdir(found, { withFileTypes: true })) {
      if (!entry.isFile() || (only && !only.includes(entry.name))) continue;
      files.set(entry.name, await readFile(join(found, entry.name)));
    }
  } catch (error) {
    throw fileError(found, error);
  }
  return { folder: found, files };
}

/**
 * The checkpoint folder that a user means: the folder itself, or a training run's `best`, or its `last`.
 *
 * @throws AttaccaError `missing`, or `invalid` for a folder that is none
 */
export async function findCheckpoint(folder: string): Promise<string> {
  for (const candidate of [folder, join(folder, "best"), join(folder, "last")]) {
    const found = await findWhole(candidate, isCheckpoint);
    if (found !== undefined) return found;
  }
  if (!(await exists(folder))) {
    throw missing(folder, "a checkpoint folder", 'Check the path, or make one with "attacca train"');
  }
  throw invalid(
    folder,
    `no ${MARK} in it, in best or in last`,
    "a checkpoint folder, or the folder of a training run",
  );
}
