import { open, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Dataset, openDataset, parseManifest } from "../dataset/index.js";
import { invalid, missing, naming } from "../errors.js";
import { exists, fileError, readBytes, readJson } from "./files.js";
import { findWhole, replaceFolder } from "./replace-folder.js";

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
  const shards = new Map<string, Uint8Array>();
  // Only names that the manifest's check lets through: they can't lead out of the folder.
  for (const { file } of naming(folder, () => parseManifest(json)).shards) {
    shards.set(file, await readBytes(join(found, file)));
  }
  const list = join(found, "skipped.jsonl");
  const skipped = (await exists(list)) ? new TextDecoder().decode(await readBytes(list)) : "";
  return { dataset: naming(folder, () => openDataset(json, shards)), skipped };
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
 * Writes a dataset folder so that after a crash or Ctrl-C the old one or the new one is there, whole (see
 * `replaceFolder`).
 *
 * @throws AttaccaError `invalid`, naming the folder
 */
export async function writeDataset(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: { readonly force: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  await checkDatasetTarget(folder, options.force);
  await replaceFolder(folder, files, { isOurs: isDataset, signal: options.signal });
}

async function findFolder(folder: string): Promise<string> {
  const found = await findWhole(folder, isDataset);
  if (found !== undefined) return found;
  if (!(await exists(folder))) {
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
