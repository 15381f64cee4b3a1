import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { invalid } from "../errors.js";
import { fileError } from "./files.js";

/** A file to encode. */
export interface SourceFile {
  readonly path: string;
  /** Its name in the dataset: relative to the folder that was given, with `/` between folders. */
  readonly source: string;
}

/** What was found under the paths that were given. */
export interface FoundFiles {
  /** MIDI files, in the order of their names. */
  readonly midi: readonly SourceFile[];
  /** JSON files: these are only taken where they are named themselves. */
  readonly json: readonly SourceFile[];
}

/**
 * The MIDI files among paths: folders are searched to the bottom for `.mid` and `.midi` in any case, links are followed,
 * and no folder is entered twice. A file that is named itself is taken whatever its name ends in.
 *
 * @throws AttaccaError `missing` or `invalid` for a path that can't be read
 */
export async function findSourceFiles(paths: readonly string[]): Promise<FoundFiles> {
  const midi = new Map<string, SourceFile>();
  const json: SourceFile[] = [];
  for (const path of paths) {
    const absolute = resolve(path);
    const found = await stat(absolute).catch((error) => Promise.reject(fileError(path, error)));
    if (!found.isDirectory()) {
      // Reading a pipe or a device may never end.
      if (!found.isFile()) throw invalid(path, "neither a file nor a folder", "a MIDI file or a folder");
      const file = { path: absolute, source: basename(absolute) };
      if (/\.json$/i.test(absolute)) json.push(file);
      else midi.set(absolute, file);
      continue;
    }
    for (const file of await filesUnder(absolute)) {
      midi.set(file, { path: file, source: relative(absolute, file).split(sep).join("/") });
    }
  }
  const sorted = [...midi.values()].sort((a, b) => (a.source < b.source ? -1 : Number(a.source > b.source)));
  return { midi: sorted, json };
}

async function filesUnder(root: string): Promise<string[]> {
  const files: string[] = [];
  const entered = new Set<string>();
  const pending = [root];
  // Links to folders come last, and all in order of names: a folder that is reached twice is named by its own path.
  const linked: string[] = [];
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift() ?? linked.shift()) {
    // Links may lead back up: the real place tells.
    const place = await realpath(folder);
    if (entered.has(place)) continue;
    entered.add(place);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) =>
      Promise.reject(fileError(folder, error)),
    );
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      // A link that leads nowhere is not a file.
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (kind?.isDirectory()) (entry.isSymbolicLink() ? linked : pending).push(path);
      else if (kind?.isFile() && /\.midi?$/i.test(entry.name)) files.push(path);
    }
  }
  return files;
}

/** Which part of the files a run takes; `index` counts from 1. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

/** Reads `2/4`. @throws AttaccaError `invalid` where it isn't a part of a whole. */
export function parsePart(text: string): Part {
  const [, index, count] = /^([0-9]{1,6})\/([0-9]{1,6})$/.exec(text)?.map(Number) ?? [];
  if (index >= 1 && index <= count) return { index, count };
  throw invalid("shard", text, "a part of the whole from 1/N to N/N, such as 2/4");
}

/** Every `count`th item, beginning with the `index`th. */
export function partOf<T>(items: readonly T[], part: Part | undefined): readonly T[] {
  return part === undefined ? items : items.filter((_, i) => i % part.count === part.index - 1);
}
