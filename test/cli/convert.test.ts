import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertCheckpoint } from "../../src/node/index.js";
import { runCli } from "./run-cli.js";
import { makeTinyDataset, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
let run: string;

beforeAll(async () => {
  tiny = await makeTinyDataset();
  run = join(tiny.folder, "run");
  const trained = await runCli(["train", "--data", tiny.data, "--out", run, ...TINY_RUN]);
  expect(trained.code, trained.stderr).toBe(0);
});
afterAll(() => tiny.remove());

async function convert(...args: string[]): Promise<Record<string, number | string>> {
  const converted = await runCli(["convert", "--json", ...args]);
  expect(converted.code, converted.stderr).toBe(0);
  return JSON.parse(converted.stdout);
}

async function score(checkpoint: string): Promise<number> {
  const scored = await runCli(["eval", "--checkpoint", checkpoint, "--data", tiny.data, "--json"]);
  expect(scored.code, scored.stderr).toBe(0);
  return JSON.parse(scored.stdout).nllPerToken;
}

const bytesOf = async (folder: string, name: string): Promise<Buffer> => readFile(join(folder, name));

describe("attacca convert", () => {
  it("makes a checkpoint of half the size that scores nearly the same", async () => {
    const out = join(tiny.folder, "half");
    const result = await convert("--checkpoint", run, "--out", out);
    expect(result).toMatchObject({ checkpoint: join(run, "best"), out, dtype: "f16" });
    expect(result.largestChange).toBeGreaterThan(0);
    expect((await readdir(out)).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "training.json",
    ]);
    expect(JSON.parse(String(await bytesOf(out, "config.json"))).torch_dtype).toBe("float16");
    for (const name of ["tokenizer.json", "training.json", "generation_config.json"]) {
      expect(await bytesOf(out, name)).toEqual(await bytesOf(join(run, "best"), name));
    }
    const [before, after] = [await score(run), await score(out)];
    expect(after).not.toBe(before);
    expect(Math.abs(after - before)).toBeLessThan(1e-3);
    const size = async (folder: string) => (await stat(join(folder, "model.safetensors"))).size;
    expect(await size(out)).toBeLessThan(0.6 * (await size(join(run, "best"))));
  });

  it("leaves the optimizer's state behind, and float32 weights as they are", async () => {
    const out = join(tiny.folder, "exact");
    const last = join(run, "last");
    const result = await convertCheckpoint({ checkpoint: last, out, dtype: "f32" });
    expect(result.largestChange).toBe(0);
    expect(await readdir(out)).not.toContain("optimizer.safetensors");
    expect(await bytesOf(out, "model.safetensors")).toEqual(await bytesOf(last, "model.safetensors"));
    expect(await readdir(last)).toContain("optimizer.safetensors");
  });

  it("goes back to float32 without another rounding", async () => {
    const [half, wide, again] = ["half-1", "wide", "half-2"].map((name) => join(tiny.folder, name));
    await convertCheckpoint({ checkpoint: run, out: half, dtype: "f16" });
    const back = await convertCheckpoint({ checkpoint: half, out: wide, dtype: "f32" });
    expect(back.largestChange).toBe(0);
    const { checkpointHash } = await convertCheckpoint({ checkpoint: wide, out: again, dtype: "f16" });
    expect(await bytesOf(again, "model.safetensors")).toEqual(await bytesOf(half, "model.safetensors"));
    expect(checkpointHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("replaces a checkpoint with --force only, and never what it reads or another folder", async () => {
    const out = join(tiny.folder, "taken");
    await convert("--checkpoint", run, "--out", out);
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await runCli(["convert", ...args]);
      expect(code, stderr).toBe(1);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      return stderr;
    };
    expect(await refused("--checkpoint", run, "--out", out)).toMatch(/there already.*--force replaces it/);
    await convert("--checkpoint", run, "--out", out, "--dtype", "f32", "--force");
    expect(JSON.parse(String(await bytesOf(out, "config.json"))).torch_dtype).toBe("float32");
    const best = join(run, "best");
    expect(await refused("--checkpoint", run, "--out", best, "--force")).toMatch(
      /the checkpoint that is read/,
    );
    expect(await refused("--checkpoint", out, "--out", tiny.data, "--force")).toContain(tiny.data);
    expect(await refused("--checkpoint", join(tiny.folder, "none"), "--out", out)).toMatch(/missing/);
  });
});
