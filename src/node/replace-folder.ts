import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { exists, fileError, flushFolder, writeFlushed } from "./files.js";

/** Whether a folder is whole, and of the kind that its reader and writer are for. */
export type FolderTest = (folder: string) => Promise<boolean>;

/** What replacing a folder puts beside it, for as long as it takes; a crash may leave either. */
export function siblings(folder: string): { readonly fresh: string; readonly old: string } {
  const target = resolve(folder);
  const beside = (kind: string): string => join(dirname(target), `.${basename(target)}.${kind}`);
  return { fresh: beside("new"), old: beside("old") };
}

/**
 * Writes a folder so that after a crash at any moment `findWhole` finds the old one or the new one, whole.
 *
 * A folder that isn't empty can't be replaced in one move, so it is done in two: the files are written and flushed
 * under `.NAME.new`; then NAME becomes `.NAME.old` and `.NAME.new` becomes NAME. A crash between the two leaves no NAME
 * but a whole `.NAME.old`, which readers take and the next writer removes once its own is there.
 *
 * @param isOurs what may be replaced; anything else that isn't an empty folder is left alone
 * @throws AttaccaError `invalid`, naming the path: no room, no permission, something else there; what `signal` was
 *   aborted with
 */
export async function replaceFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array | string>,
  { isOurs, signal }: { readonly isOurs: FolderTest; readonly signal?: AbortSignal },
): Promise<void> {
  const target = resolve(folder);
  const { fresh, old } = siblings(target);
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    for (const [name, content] of files) {
      signal?.throwIfAborted();
      await writeFlushed(join(fresh, name), content);
    }
    await flushFolder(fresh);
    signal?.throwIfAborted();
    if (await isOurs(target)) {
      await rm(old, { recursive: true, force: true });
      await rename(target, old);
    } else if (await exists(target)) await rmdir(target);
    await rename(fresh, target);
    await flushFolder(dirname(target));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    if (signal?.aborted) throw error;
    throw fileError(folder, error);
  }
}

/** The folder, or, after a crash between the two moves, the old one beside it; undefined where neither is whole. */
export async function findWhole(folder: string, isWhole: FolderTest): Promise<string | undefined> {
  if (await isWhole(folder)) return folder;
  if (await exists(folder)) return undefined;
  const { old } = siblings(folder);
  return (await isWhole(old)) ? old : undefined;
}
