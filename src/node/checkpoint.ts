import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { invalid, missing } from "../errors.js";
import { exists, fileError, flushFolder, writeFlushed } from "./files.js";

/** A checkpoint's files by name, e.g. `config.json` and `model.safetensors`. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array | string>;

/** The file that makes a folder a checkpoint. */
const MARK = "config.json";

/**
 * Writes a checkpoint folder so that after a crash at any moment `readCheckpoint` finds the old one or the new one,
 * whole.
 *
 * A folder that isn't empty can't be replaced in one move, so it is done in two: the files are written and flushed
 * under `.NAME.new`; then NAME becomes `.NAME.old` and `.NAME.new` becomes NAME. A crash between the two leaves no NAME
 * but a whole `.NAME.old`, which readers take and the next writer puts back.
 *
 * @throws AttaccaError `invalid`, naming the path: no room, no permission
 */
export async function writeCheckpoint(folder: string, files: CheckpointFiles): Promise<void> {
  const target = resolve(folder);
  const fresh = sibling(target, "new");
  const old = sibling(target, "old");
  try {
    await recover(target);
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    for (const [name, content] of files) await writeFlushed(join(fresh, name), content);
    await flushFolder(fresh);
    if (await exists(target)) await rename(target, old);
    await rename(fresh, target);
    await flushFolder(dirname(target));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw fileError(target, error);
  }
}

/** After a crash between the two moves: puts the old folder back. After one behind them: removes it. */
async function recover(target: string): Promise<void> {
  const old = sibling(target, "old");
  if (!(await exists(old))) return;
  if (await exists(target)) await rm(old, { recursive: true, force: true });
  else await rename(old, target);
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
    const found = await whole(candidate);
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

async function whole(folder: string): Promise<string | undefined> {
  const target = resolve(folder);
  if (await exists(join(target, MARK))) return folder;
  const old = sibling(target, "old");
  return !(await exists(target)) && (await exists(join(old, MARK))) ? old : undefined;
}

function sibling(target: string, kind: "new" | "old"): string {
  return join(dirname(target), `.${basename(target)}.${kind}`);
}
