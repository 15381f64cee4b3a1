import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exists } from "../../src/node/files.js";
import { checkUnlocked, LOCK_FILE, lockRun } from "../../src/node/run-lock.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const lock = () => join(folder, LOCK_FILE);

describe("a run's lock", () => {
  it("names its process, keeps others out, and goes when it is released", async () => {
    const release = await lockRun(folder);
    expect(await readFile(lock(), "utf8")).toBe(String(process.pid));
    await expect(lockRun(folder)).rejects.toThrow(
      `invalid ${folder}: in use by another training run, process ${process.pid}; expected`,
    );
    await expect(checkUnlocked(folder)).rejects.toThrow(`remove ${lock()}`);
    await release();
    expect(await exists(lock())).toBe(false);
    await (await lockRun(folder))();
  });

  it("makes the folder", async () => {
    const release = await lockRun(join(folder, "a", "b"));
    expect(await exists(join(folder, "a", "b", LOCK_FILE))).toBe(true);
    await release();
  });

  it("is refused where another process that is alive has it", async () => {
    // The parent of this process is alive as long as it.
    await writeFile(lock(), String(process.ppid));
    await expect(lockRun(folder)).rejects.toThrow(`in use by another training run, process ${process.ppid}`);
    expect(await readFile(lock(), "utf8")).toBe(String(process.ppid));
  });

  const dead = (): number => spawnSync(process.execPath, ["--version"]).pid;
  it.each([
    ["of a process that is dead", () => String(dead())],
    ["of an earlier process with our number", () => String(process.pid)],
    ["that a process left half written when it died", () => ""],
    ["of no process at all", () => "0"],
  ])("is taken over: one %s", async (_, content) => {
    await writeFile(lock(), content());
    const release = await lockRun(folder);
    expect(await readFile(lock(), "utf8")).toBe(String(process.pid));
    await release();
    expect(await exists(lock())).toBe(false);
  });
});
