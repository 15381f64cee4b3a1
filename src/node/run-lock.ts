import { writeFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { invalid } from "../errors.js";
import { fileError } from "./files.js";

/** The file that says which process writes to a run's folder: its id, and nothing else. */
export const LOCK_FILE = ".lock";

/** Locks of this process. Ids of processes are used again: a lock with our id that isn't here is a dead process's. */
const held = new Set<string>();

/**
 * Takes a run's folder for this process, and makes it where it isn't there. The lock of a process that is no more is
 * taken over.
 *
 * @returns gives the folder free again
 * @throws AttaccaError `invalid` where another run that is alive has it
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE);
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw fileError(folder, error);
  });
  for (;;) {
    await checkUnlocked(folder);
    try {
      // In one go, so that nobody finds the file without its content.
      writeFileSync(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw fileError(path, error);
    }
    // Another run was faster, or the lock is a dead one's.
    await checkUnlocked(folder);
    await rm(path, { force: true });
  }
  held.add(path);
  return async () => {
    held.delete(path);
    if ((await ownerOf(path)) === process.pid) await rm(path, { force: true });
  };
}

/** @throws AttaccaError `invalid` where a run that is alive writes to the folder */
export async function checkUnlocked(folder: string): Promise<void> {
  const path = join(folder, LOCK_FILE);
  const owner = await ownerOf(path);
  if (owner === undefined || !(owner === process.pid ? held.has(path) : isAlive(owner))) return;
  throw invalid(
    folder,
    `in use by another training run, process ${owner}`,
    "a folder that no other run writes to",
    `Wait for that run or stop it (kill -INT ${owner}); if process ${owner} is something else, remove ${path}`,
  );
}

/** The process that a lock names; undefined where there is no lock, or what a process left that died while it wrote it. */
async function ownerOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
