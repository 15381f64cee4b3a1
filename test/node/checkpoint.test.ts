import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCheckpoint, readCheckpoint, writeCheckpoint } from "../../src/node/checkpoint.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-checkpoint-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const version = (n: number): Map<string, string> =>
  new Map([
    ["config.json", `{"version":${n}}`],
    ["model.safetensors", `weights ${n}`],
  ]);

async function weights(path: string): Promise<string> {
  const { files } = await readCheckpoint(path);
  return new TextDecoder().decode(files.get("model.safetensors"));
}

describe("checkpoint folders", () => {
  it("are written whole and replaced whole, and leave nothing else behind", async () => {
    const last = join(folder, "run", "last");
    await writeCheckpoint(last, new Map([...version(1), ["extra.json", "{}"]]));
    await writeCheckpoint(last, version(2));
    expect(await weights(last)).toBe("weights 2");
    expect((await readdir(last)).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(await readdir(join(folder, "run"))).toEqual(["last"]);
  });

  it("hold the old content after a crash while the new one was written", async () => {
    const last = join(folder, "last");
    await writeCheckpoint(last, version(1));
    await mkdir(join(folder, ".last.new"));
    await writeFile(join(folder, ".last.new", "config.json"), '{"vers');
    expect(await weights(last)).toBe("weights 1");
    await writeCheckpoint(last, version(3));
    expect(await weights(last)).toBe("weights 3");
    expect(await readdir(folder)).toEqual(["last"]);
  });

  it("hold the old content after a crash between the two moves", async () => {
    const last = join(folder, "last");
    await writeCheckpoint(last, version(2));
    await rename(last, join(folder, ".last.new"));
    await writeCheckpoint(last, version(1));
    await rename(last, join(folder, ".last.old"));
    expect(await weights(last)).toBe("weights 1");
    expect(await weights(folder)).toBe("weights 1");
    await writeCheckpoint(last, version(3));
    expect(await weights(last)).toBe("weights 3");
    expect(await readdir(folder)).toEqual(["last"]);
  });

  it("hold the new content after a crash before the old one was removed", async () => {
    const last = join(folder, "last");
    await writeCheckpoint(last, version(2));
    await writeCheckpoint(join(folder, ".last.old"), version(1));
    expect(await weights(last)).toBe("weights 2");
    await writeCheckpoint(last, version(3));
    expect(await weights(last)).toBe("weights 3");
    expect(await readdir(folder)).toEqual(["last"]);
  });

  it("are found through the run that they belong to: best first, then last", async () => {
    await writeCheckpoint(join(folder, "last"), version(2));
    expect(await findCheckpoint(folder)).toBe(join(folder, "last"));
    await writeCheckpoint(join(folder, "best"), version(1));
    expect(await findCheckpoint(folder)).toBe(join(folder, "best"));
    expect(await findCheckpoint(join(folder, "last"))).toBe(join(folder, "last"));
  });

  it("give only the files asked for", async () => {
    await writeCheckpoint(join(folder, "x"), version(1));
    const { files } = await readCheckpoint(join(folder, "x"), ["config.json", "absent.json"]);
    expect([...files.keys()]).toEqual(["config.json"]);
  });

  it("never take the place of a folder of something else", async () => {
    await writeFile(join(folder, "precious.txt"), "precious");
    await expect(writeCheckpoint(folder, version(1))).rejects.toThrow(/invalid .*a folder of something else/);
    expect(await readdir(folder)).toEqual(["precious.txt"]);
    const empty = join(folder, "empty");
    await mkdir(empty);
    await writeCheckpoint(empty, version(1));
    expect(await weights(empty)).toBe("weights 1");
  });

  it("say what is wrong with a path that is none", async () => {
    await expect(findCheckpoint(join(folder, "nowhere"))).rejects.toThrow(/missing .*nowhere.*attacca train/);
    await expect(findCheckpoint(folder)).rejects.toThrow(/no config\.json in it/);
    await writeFile(join(folder, "file"), "");
    await expect(findCheckpoint(join(folder, "file"))).rejects.toThrow(/invalid/);
    await expect(writeCheckpoint(join(folder, "file", "x"), version(1))).rejects.toThrow(/invalid .*file/);
  });
});
