import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AttaccaError, invalid, missing } from "../errors.js";

/** Reads a file whole. @throws AttaccaError `missing` or `invalid`, naming the path. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Reads a JSON file. @throws AttaccaError `missing` or `invalid`, naming the path. */
export async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, (error as Error).message, "JSON");
  }
}

/** Writes a file so that after a crash the old content or the new one is there, and never a part. */
export async function writeAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFlushed(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(path, error);
  }
  await flushFolder(dirname(path));
}

/** Writes and waits until the bytes are on the disk. */
export async function writeFlushed(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames in a folder last; a no-op on systems that can't open folders. */
export async function flushFolder(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path, "r");
  } catch {
    return;
  }
  try {
    await folder.sync();
  } catch {
    // Some file systems refuse to sync a folder; the rename has still happened.
  } finally {
    await folder.close();
  }
}

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** What the system said about a path, as one of the four kinds, with the system's own error as its cause. */
export function fileError(path: string, error: unknown): AttaccaError {
  if (error instanceof AttaccaError) return error;
  const { kind, parts } = errorOf(path, error);
  return new AttaccaError(kind, parts, error);
}

function errorOf(path: string, error: unknown): AttaccaError {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return missing(path, "a file there", "Check the path");
    case "EISDIR":
      return invalid(path, "a folder", "a file");
    case "EEXIST":
    case "ENOTDIR":
      return invalid(path, "a file where a folder should be", "a folder");
    case "ENOTEMPTY":
      return invalid(path, "a folder of something else", "a new folder");
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return invalid(path, "no permission", "a path that can be read and written");
    case "ENOSPC":
      return invalid(path, "no room on the disk", "free disk space");
    default:
      return invalid(path, String((error as Error).message ?? error), "a path that can be read and written");
  }
}
