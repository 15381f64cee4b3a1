import { mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Dataset, openDataset, parseManifest } from "../dataset/index.js";
import { AttaccaError, invalid, missing, within } from "../errors.js";
import { exists, fileError, flushFolder, readJson, writeFlushed } from "./files.js";

const MANIFEST = "manifest.json";

/** Reads and checks a dataset folder. @throws AttaccaError naming the folder and what is wrong there. */
export async function readDataset(folder: string): Promise<Dataset> {
  return (await readDatasetFolder(folder)).dataset;
}

/** Reads a dataset folder with the list of the files that were left out (text, one JSON object a line). */
export async function readDatasetFolder(
  folder: string,
): Promise<{ readonly dataset: Dataset; readonly skipped: string }> {
  const found = await findFolder(folder);
  const json = await readJson(join(found, MANIFEST));
  try {
    const shards = new Map<string, Uint8Array>();
    // Only names that the manifest's check lets through: they can't lead out of the folder.
    for (const { file } of parseManifest(json).shards) {
      shards.set(
        file,
        await readFile(join(found, file)).catch((error) => Promise.reject(fileError(file, error))),
      );
    }
    const skipped = await readFile(join(found, "skipped.jsonl"), "utf8").catch(() => "");
    return { dataset: openDataset(json, shards), skipped };
  } catch (error) {
    throw error instanceof AttaccaError ? within(folder, error) : error;
  }
}

/**
 * Refuses a place where a dataset must not be written: one that is taken, unless `force` is set and what
 * is there is a dataset.
 *
 * @throws AttaccaError `invalid`, naming the folder
 */
export async function checkDatasetTarget(folder: string, force: boolean): Promise<void> {
  const target = resolve(folder);
  if (!(await exists(target))) return;
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    throw fileError(folder, error);
  }
  if (names.length === 0) return;
  if (!(await isDataset(target))) {
    throw invalid(folder, "a folder of something else", "a new folder, or a dataset", "Choose another --out");
  }
  if (!force) throw invalid(folder, "a dataset is there already", "a new folder", "--force replaces it");
}

/**
 * Writes a dataset folder so that after a crash or Ctrl-C the old one or the new one is there, whole: the files are
 * written and flushed in a temporary sibling, which then takes the place of the old folder.
 *
 * @throws AttaccaError `invalid`, naming the folder
 */
export async function writeDataset(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: { readonly force: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  await checkDatasetTarget(folder, options.force);
  const target = resolve(folder);
  const fresh = sibling(target, "new");
  const old = sibling(target, "old");
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    for (const [name, bytes] of files) {
      options.signal?.throwIfAborted();
      await writeFlushed(join(fresh, name), bytes);
    }
    await flushFolder(fresh);
    options.signal?.throwIfAborted();
    if (await isDataset(target)) {
      await rm(old, { recursive: true, force: true });
      await rename(target, old);
    } else if (await exists(target)) await rmdir(target);
    await rename(fresh, target);
    await flushFolder(dirname(target));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (options.signal?.aborted) throw error;
    throw fileError(folder, error);
  }
}

/** The folder, or, after a crash between the two renames, the old one beside it. */
async function findFolder(folder: string): Promise<string> {
  const target = resolve(folder);
  if (await isDataset(target)) return target;
  const old = sibling(target, "old");
  if (!(await exists(target))) {
    if (await isDataset(old)) return old;
    throw missing(folder, "a dataset folder", 'Check the path, or make one with "attacca tokenize"');
  }
  throw invalid(folder, `no ${MANIFEST} of a dataset in it`, "a folder that attacca tokenize has written");
}

async function isDataset(folder: string): Promise<boolean> {
  try {
    // The manifest of a large corpus is large; what it is stands at its beginning.
    const file = await open(join(folder, MANIFEST), "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
      return buffer.toString("utf8", 0, bytesRead).includes('"attacca-dataset"');
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

function sibling(target: string, kind: "new" | "old"): string {
  return join(dirname(target), `.${basename(target)}.${kind}`);
}
