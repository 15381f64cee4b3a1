import type { GivenFile } from "./protocol.js";

/** What files are for. */
export interface SortedFiles {
  readonly midi: readonly GivenFile[];
  /** A checkpoint's folder, or a zip. */
  readonly checkpoint: readonly GivenFile[];
  readonly soundfont: readonly GivenFile[];
  /** What none of it is. */
  readonly other: readonly GivenFile[];
}

/**
 * Sorts what was dropped by what it is for. A folder in which there is a config.json is a checkpoint as a whole, and so is a
 * zip.
 */
export function sortGiven(files: readonly GivenFile[]): SortedFiles {
  const isCheckpoint =
    files.some(({ path }) => /(^|\/)config\.json$/.test(path)) ||
    (files.length === 1 && /\.zip$/i.test(files[0].path));
  if (isCheckpoint) return { midi: [], checkpoint: files, soundfont: [], other: [] };
  const midi = files.filter(({ path }) => /\.midi?$/i.test(path));
  const soundfont = files.filter(({ path }) => /\.(sf2|sf3|dls)$/i.test(path));
  const other = files.filter((file) => !midi.includes(file) && !soundfont.includes(file));
  return { midi, checkpoint: [], soundfont, other };
}

/** The last part of a path, without its extension. */
export function titleOf(path: string): string {
  const name = path.split("/").at(-1) ?? path;
  return name.replace(/\.[^.]*$/, "") || name;
}

/** The outermost folder of what was given, or the file's own name. */
export function nameOf(files: readonly GivenFile[]): string {
  const [first] = files;
  if (first === undefined) return "nothing";
  return first.path.includes("/") ? first.path.split("/")[0] : titleOf(first.path);
}
