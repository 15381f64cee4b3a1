import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildDataset } from "../../src/dataset/index.js";
import { readDataset, readDatasetFolder, writeDataset } from "../../src/node/dataset.js";
import { findSourceFiles, parsePart, partOf } from "../../src/node/tokenize-files.js";
import { contentOf, piece } from "../dataset/corpus.js";

let room: string;
beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "attacca-dataset-"));
});
afterEach(() => rm(room, { recursive: true, force: true }));

const built = (variant: number) => buildDataset(contentOf([piece("a.mid", 4, variant, "train")])).files;

async function firstIds(folder: string): Promise<string> {
  return (await readDataset(folder)).split("train").piece(0).join();
}

describe("a dataset folder", () => {
  it("is read as it was written", async () => {
    const folder = join(room, "deep", "data");
    await writeDataset(folder, built(1), { force: false });
    const { dataset, skipped } = await readDatasetFolder(folder);
    expect(dataset.split("train").piece(0)).toEqual(piece("a.mid", 4, 1).streams[0]);
    expect(skipped).toBe("");
  });

  it("takes an empty folder's place, and a dataset's with force", async () => {
    const folder = join(room, "data");
    await mkdir(folder);
    await writeDataset(folder, built(1), { force: false });
    const old = await firstIds(folder);
    await expect(writeDataset(folder, built(2), { force: false })).rejects.toThrow(/a dataset is there/);
    expect(await firstIds(folder)).toBe(old);
    await writeDataset(folder, built(2), { force: true });
    expect(await firstIds(folder)).not.toBe(old);
    expect(await readdir(room)).toEqual(["data"]);
  });

  it.each(["a file", "a folder with a file", "a folder with another manifest"])(
    "never replaces %s",
    async (what) => {
      const target = join(room, "target");
      if (what === "a file") await writeFile(target, "precious");
      else {
        await mkdir(target);
        const name = what.endsWith("manifest") ? "manifest.json" : "precious.txt";
        await writeFile(join(target, name), '{"name": "precious"}');
      }
      await expect(writeDataset(target, built(1), { force: true })).rejects.toThrow(/invalid .*target/);
      expect(await readdir(room)).toEqual(["target"]);
    },
  );

  it("keeps the old one where writing is aborted", async () => {
    const folder = join(room, "data");
    await writeDataset(folder, built(1), { force: false });
    const old = await firstIds(folder);
    const signal = AbortSignal.abort();
    await expect(writeDataset(folder, built(2), { force: true, signal })).rejects.toThrow();
    expect(await firstIds(folder)).toBe(old);
    expect(await readdir(room)).toEqual(["data"]);
  });

  it("is found as the old one after a crash between the two moves, and replaced by the next run", async () => {
    const folder = join(room, "data");
    await writeDataset(folder, built(1), { force: false });
    const old = await firstIds(folder);
    await rename(folder, join(room, ".data.old"));
    await mkdir(join(room, ".data.new"));
    expect(await firstIds(folder)).toBe(old);
    await writeDataset(folder, built(2), { force: false });
    expect(await firstIds(folder)).not.toBe(old);
    expect(await readdir(room)).toEqual(["data"]);
  });

  it("says what is missing or no dataset", async () => {
    await expect(readDataset(join(room, "no"))).rejects.toThrow(/missing .*no: expected a dataset folder/);
    await expect(readDataset(room)).rejects.toThrow(/no manifest.json of a dataset/);
    const folder = join(room, "data");
    await writeDataset(folder, built(1), { force: false });
    await rm(join(folder, "train-000.bin"));
    await expect(readDataset(folder)).rejects.toThrow(/missing .*train-000.bin/);
  });
});

describe("findSourceFiles", () => {
  it("names files by the folder they were found in, and takes named files as they are", async () => {
    for (const folder of ["one/in", "two"]) await mkdir(join(room, folder), { recursive: true });
    const names = ["one/b.mid", "one/in/a.MIDI", "one/c.txt", "two/d.Mid", "two/e.kar", "two/f.json"];
    for (const name of names) await writeFile(join(room, name), "");
    const found = await findSourceFiles(
      ["one", "two/d.Mid", "two/e.kar", "two/f.json", "two"].map((path) => join(room, path)),
    );
    expect(found.midi.map((file) => file.source)).toEqual(["b.mid", "d.Mid", "e.kar", "in/a.MIDI"]);
    expect(found.json.map((file) => file.source)).toEqual(["f.json"]);
  });

  it("refuses what can't be read to an end", async () => {
    await expect(findSourceFiles(["/dev/null"])).rejects.toThrow(/neither a file nor a folder/);
  });
});

describe("parts", () => {
  it("share everything out, each once", () => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    const parts = [1, 2, 3].map((index) => partOf(items, { index, count: 3 }));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(items);
    expect(partOf(items, undefined)).toEqual(items);
    expect(parsePart("2/3")).toEqual({ index: 2, count: 3 });
  });

  it.each(["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "1.5/3", "1/9999999"])("refuses %j", (text) => {
    expect(() => parsePart(text)).toThrow(/shard/);
  });
});
