import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { invalid } from "../../src/errors.js";
import { fileError, readBytes, readJson, writeAtomic } from "../../src/node/files.js";
import { byteSize, checkMemory } from "../../src/node/memory.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("files", () => {
  it("are written with the folders they need, replaced, and leave nothing else behind", async () => {
    const path = join(folder, "deep", "a.txt");
    await writeAtomic(path, "one");
    await writeAtomic(path, Uint8Array.of(116, 119, 111));
    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(join(folder, "deep"))).toEqual(["a.txt"]);
  });

  it("say what is wrong with a path", async () => {
    await expect(readBytes(join(folder, "no"))).rejects.toThrow(/missing .*no: expected a file there/);
    await expect(readBytes(folder)).rejects.toThrow(/: a folder; expected a file/);
    await mkdir(join(folder, "taken"));
    await expect(writeAtomic(join(folder, "taken"), "x")).rejects.toThrow(/invalid .*taken/);
    expect(await readdir(folder)).toEqual(["taken"]);
    await writeFile(join(folder, "bad.json"), "{");
    await expect(readJson(join(folder, "bad.json"))).rejects.toThrow(/bad\.json: .*; expected JSON/);
  });

  it("keep the system's error as the cause, and failures that are told already", async () => {
    const error = await readBytes(join(folder, "no")).catch((reason) => reason);
    expect(error.cause.code).toBe("ENOENT");
    const told = invalid("x", "y", "z");
    expect(fileError("path", told)).toBe(told);
  });
});

describe("memory", () => {
  it("is refused past what WebAssembly can address, with what would do", () => {
    expect(() => checkMemory(2 ** 60, "wasm", "this model", "Use less")).toThrow(
      /memory: about 1073741824\.0 GiB for this model; expected at most the .* Use less/,
    );
    expect(() => checkMemory(1, "cpu", "this model", "Use less")).not.toThrow();
    expect([byteSize(1), byteSize(3.5 * 2 ** 30)]).toEqual(["1 MiB", "3.5 GiB"]);
  });
});
