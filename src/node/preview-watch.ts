import { type FSWatcher, watch } from "node:fs";
import { type PreviewLibrary, type PreviewRoot, scanLibrary } from "./preview-library.js";

/** The files of a preview, kept up to date. */
export interface WatchedLibrary {
  readonly current: PreviewLibrary;
  /** Calls `listener` after the library has changed; what is given back ends that. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** A program writes a file in several steps: what happens within this many milliseconds is one change. */
const SETTLE = 80;
/** How often folders are looked through where the system can't watch them, in milliseconds. */
const LOOK_AGAIN = 2000;
/** More watchers than that aren't asked of the system: it has few of them for all programs. */
const MOST_WATCHERS = 2000;

/** Looks through the roots, and again whenever something in one of their folders changes. */
export async function watchLibrary(roots: readonly PreviewRoot[]): Promise<WatchedLibrary> {
  let current = await scanLibrary(roots);
  let isClosed = false;
  let settling: NodeJS.Timeout | undefined;
  let scanning: Promise<void> | undefined;
  let isStale = false;
  const watchers = new Map<string, FSWatcher>();
  const unwatched = new Set<string>();
  const listeners = new Set<() => void>();

  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const follow = (): void => {
    const folders = new Set(current.folders);
    for (const folder of watchers.keys()) if (!folders.has(folder)) forget(folder);
    unwatched.clear();
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      try {
        if (watchers.size >= MOST_WATCHERS) throw new Error("too many folders");
        const watcher = watch(folder, { persistent: false }, settle);
        watchers.set(folder, watcher);
        // The folder is gone, or the system gives up on it.
        watcher.on("error", () => {
          forget(folder);
          settle();
        });
      } catch {
        unwatched.add(folder);
      }
    }
  };
  const lookAgain = async (): Promise<void> => {
    do {
      isStale = false;
      const next = await scanLibrary(roots);
      if (isClosed) return;
      const hasChanged = JSON.stringify(next) !== JSON.stringify(current);
      current = next;
      follow();
      if (hasChanged) for (const listener of listeners) listener();
    } while (isStale);
  };
  const scan = (): void => {
    isStale = true;
    scanning ??= lookAgain().finally(() => {
      scanning = undefined;
    });
  };
  function settle(): void {
    if (isClosed) return;
    clearTimeout(settling);
    settling = setTimeout(scan, SETTLE);
  }
  const again = setInterval(() => {
    if (unwatched.size > 0) scan();
  }, LOOK_AGAIN).unref();
  follow();
  // What came while the watchers weren't there yet.
  scan();
  await scanning;
  return {
    get current() {
      return current;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      clearTimeout(settling);
      clearInterval(again);
      for (const folder of [...watchers.keys()]) forget(folder);
      listeners.clear();
    },
  };
}
