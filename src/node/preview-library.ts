import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { invalid } from "../errors.js";
import { fileError } from "./files.js";

/** A file or folder that the user has named. Nothing outside of it is ever shown. */
export interface PreviewRoot {
  /** Its real place, with no links in it. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** A file that may be asked for. */
export interface PreviewFile {
  /** Its root's number, then its path in that root with `/` between names: `0/takes/one.mid`. */
  readonly key: string;
  /** The path that people see: with the root's own name in front. */
  readonly name: string;
  /** Where it is on the disk; links in it are followed when it is read, and checked then. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A folder with a model in it. */
export interface PreviewCheckpoint {
  /** As a file's key. */
  readonly key: string;
  readonly name: string;
  /** Its files, by their names in the folder. */
  readonly files: readonly PreviewFile[];
}

/** What a look through the roots has found. */
export interface PreviewLibrary {
  /** MIDI files, newest first. */
  readonly files: readonly PreviewFile[];
  readonly checkpoints: readonly PreviewCheckpoint[];
  /** Every folder that was looked through. */
  readonly folders: readonly string[];
  /** Whether a limit was met, so that there is more than is listed. */
  readonly isCut: boolean;
}

/** How much is looked through: someone may name a whole disk. */
const limits = { files: 10_000, folders: 4_000, depth: 32 } as const;

/**
 * A model's files that a page reads; the optimizer's state is large and of no use there. Named here once more: the room
 * `checkpoint` would load the tensor engine.
 */
export const previewModelFiles = [
  "config.json",
  "model.safetensors",
  "generation_config.json",
  "tokenizer.json",
  "training.json",
] as const;

/** The places that the user's paths name. @throws AttaccaError `missing` or `invalid`, naming the path */
export async function previewRoots(paths: readonly string[]): Promise<PreviewRoot[]> {
  const roots: PreviewRoot[] = [];
  for (const path of paths) {
    try {
      const place = await realpath(path);
      const found = await stat(place);
      const isFolder = found.isDirectory();
      if (!isFolder && !(found.isFile() && isMidi(place))) {
        throw invalid(path, "neither a MIDI file nor a folder", "a .mid or .midi file, or a folder");
      }
      if (!roots.some((root) => root.path === place)) roots.push({ path: place, isFolder });
    } catch (error) {
      throw fileError(path, error);
    }
  }
  return roots;
}

/**
 * Looks through the roots for MIDI files and checkpoints. Folders whose name begins with a dot, `node_modules`, and links to
 * folders aren't entered; what can't be read is left out.
 */
export async function scanLibrary(roots: readonly PreviewRoot[]): Promise<PreviewLibrary> {
  const found: Found = { files: [], checkpoints: [], folders: [], isCut: false };
  for (const [number, root] of roots.entries()) {
    const key = `${number}`;
    const name = basename(root.path) || root.path;
    if (root.isFolder) {
      await scanFolder(found, root, { path: root.path, key, name, depth: 0 });
    } else {
      const file = await fileAt(root, { path: root.path, key: `${key}/${name}`, name });
      if (file) found.files.push(file);
      found.folders.push(dirname(root.path));
    }
  }
  found.files.sort((a, b) => b.modified - a.modified || (a.name < b.name ? -1 : 1));
  return found;
}

interface Found extends PreviewLibrary {
  readonly files: PreviewFile[];
  readonly checkpoints: PreviewCheckpoint[];
  readonly folders: string[];
  isCut: boolean;
}

type Place = Pick<PreviewFile, "path" | "key" | "name">;

async function scanFolder(found: Found, root: PreviewRoot, first: Place & { depth: number }): Promise<void> {
  const pending = [first];
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    if (found.folders.length >= limits.folders || found.files.length >= limits.files) {
      found.isCut = true;
      return;
    }
    found.folders.push(folder.path);
    const model: PreviewFile[] = [];
    for (const entry of await entriesOf(folder.path)) {
      const place = {
        path: join(folder.path, entry.name),
        key: `${folder.key}/${entry.name}`,
        name: `${folder.name}/${entry.name}`,
      };
      if (entry.isDirectory()) {
        if (folder.depth < limits.depth) pending.push({ ...place, depth: folder.depth + 1 });
        continue;
      }
      const list = isMidi(entry.name) ? found.files : isModelFile(entry.name) ? model : undefined;
      const file = list && (await fileAt(root, place));
      if (file) list.push(file);
    }
    const has = (name: string): boolean => model.some((file) => basename(file.path) === name);
    if (has("config.json") && has("model.safetensors")) {
      found.checkpoints.push({ key: folder.key, name: folder.name, files: model });
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules" && isAddressable(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Where a file really is, if that is still inside of its root: a link may have been put in its place since it was found.
 */
export async function realPlace(
  file: PreviewFile,
  roots: readonly PreviewRoot[],
): Promise<string | undefined> {
  const root = roots[Number(file.key.split("/", 1)[0])];
  const place = await realpath(file.path).catch(() => undefined);
  return place !== undefined && isInside(root, place) ? place : undefined;
}

async function fileAt(root: PreviewRoot, place: Place): Promise<PreviewFile | undefined> {
  try {
    if (!isInside(root, await realpath(place.path))) return undefined;
    const found = await stat(place.path);
    // A pipe or a device may never end.
    if (!found.isFile()) return undefined;
    return { ...place, bytes: found.size, modified: Math.trunc(found.mtimeMs) };
  } catch {
    return undefined;
  }
}

function isInside(root: PreviewRoot, place: string): boolean {
  if (!root.isFolder) return place === root.path;
  const path = relative(root.path, place);
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function isMidi(name: string): boolean {
  return /\.midi?$/i.test(name);
}

function isModelFile(name: string): boolean {
  return (previewModelFiles as readonly string[]).includes(name);
}

/** Whether a name survives being a part of an address. */
function isAddressable(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\\\u0000-\u001f\u007f\p{Surrogate}]/u.test(name);
}
