import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeScore } from "../../src/midi/index.js";
import { chooseBackend } from "../../src/node/backend.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { runCli } from "../cli/run-cli.js";
import { writeTinyCheckpoint } from "../cli/tiny-checkpoint.js";
import { makeTinyDataset, metricsOf, TINY_RUN, type TinyDataset } from "../cli/tiny-dataset.js";
import { chorale } from "../generate/scores.js";

let tiny: TinyDataset;
beforeAll(async () => {
  tiny = await makeTinyDataset();
});
afterAll(() => tiny.remove());

describe("auto", () => {
  it("takes no device in software, and says so", async () => {
    const { name, why } = await chooseBackend("auto");
    expect(name).toBe("simd");
    expect(why).toMatch(
      /; unsupported webgpu: only a device in software \(.*SwiftShader.*\); expected a GPU(;|$)/,
    );
    expect(why).not.toContain("\n");
    // Nor one that runs already, as it was asked for.
    await chooseBackend("webgpu");
    expect((await chooseBackend("auto")).name).toBe("simd");
  });
});

describe("a run on a device that is lost", () => {
  it("ends with what happened, and goes on from its last checkpoint", async () => {
    const out = join(tiny.folder, "lost");
    const few: Readonly<Record<string, string>> = { "60": "6", "7": "2" };
    const given = ["train", "--data", tiny.data, "--out", out, ...TINY_RUN.map((word) => few[word] ?? word)];
    const env = {
      ATTACCA_WEBGPU: fileURLToPath(new URL("failing", import.meta.url)),
      REAL_WEBGPU: process.env.ATTACCA_WEBGPU!,
      // Two a step and some fifty a save, every second step: in the midst of the second save.
      FAIL_AFTER: "80",
    };
    const failed = await runCli([...given, "--backend", "webgpu"], { env });
    expect(failed.stderr).toMatch(
      /unsupported webgpu device: it was lost \(.*\).*Start again; what was saved before is whole/,
    );
    expect(failed.stderr).not.toMatch(/^\s+at /m);
    expect(failed.code).toBe(1);
    const training = JSON.parse(await readFile(join(out, "last/training.json"), "utf8"));
    expect((training as { progress: { step: number } }).progress.step).toBe(2);
    const rest = await runCli(["train", "--data", tiny.data, "--out", out, "--resume", "--backend", "simd"]);
    expect(rest.code, rest.stderr).toBe(0);
    const steps = (await metricsOf(out)).map(({ step }) => step);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("attacca backends", () => {
  it("names the device, its limits and what it has", async () => {
    const { code, stdout } = await runCli(["backends", "--seconds", "0"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^webgpu +attacca's kernels on WebGPU, .*SwiftShader.* \(in software\)\n +tensors up to [\d.]+ GiB, \d+ KiB shared/,
    );
    expect(stdout).toMatch(/\nauto takes simd: .*only a device in software/);
  });
});

describe("attacca generate on webgpu", () => {
  it("gives the ids of the simd engine, cached and recomputed, and ends", async () => {
    const folder = join(tiny.folder, "generate");
    await mkdir(folder);
    await writeTinyCheckpoint(join(folder, "model"), createTokenizer("chorale"));
    await writeFile(join(folder, "prompt.mid"), writeScore(chorale));
    const idsOf = async (backend: string, decode: string): Promise<unknown> => {
      const args = `--checkpoint model --prompt prompt.mid --out ${backend}-${decode}.mid --tokens 12 --seed 4`;
      const { code, stdout, stderr } = await runCli(
        ["generate", ...args.split(" "), "--backend", backend, "--decode", decode, "--json"],
        { cwd: folder },
      );
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as { ids: number[][] }).ids;
    };
    const expected = await idsOf("simd", "cached");
    expect((expected as number[][])[0].length).toBe(12);
    expect(await idsOf("webgpu", "cached")).toEqual(expected);
    expect(await idsOf("webgpu", "recompute")).toEqual(expected);
  });
});
