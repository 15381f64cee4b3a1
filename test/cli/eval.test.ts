import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeScore } from "../../src/midi/index.js";
import { readDataset } from "../../src/node/dataset.js";
import type { NoveltyReport } from "../../src/node/novelty.js";
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

async function evaluate(...more: string[]): Promise<Record<string, number | string | boolean>> {
  const scored = await runCli(["eval", "--data", tiny.data, "--json", ...more]);
  expect(scored.code, scored.stderr).toBe(0);
  return JSON.parse(scored.stdout);
}

describe("attacca eval", () => {
  it("scores the validation split beside the n-gram models", async () => {
    const result = await evaluate("--checkpoint", run);
    // Two pieces of 48 steps in four voices, each with an end token; no rest among them.
    expect(result).toMatchObject({ split: "val", pieces: 2, tokens: 2 * (48 * 4 + 1), notes: 2 * 48 * 4 });
    const { nllPerToken, nllPerNote, perplexity, tokens, notes } = result as Record<string, number>;
    expect(perplexity).toBeCloseTo(Math.exp(nllPerToken), 10);
    expect(nllPerNote * notes).toBeCloseTo(nllPerToken * tokens, 8);
    expect(result.checkpoint).toBe(join(run, "best"));
  });

  it("gives the loss that training gave for the best checkpoint", async () => {
    const metrics = (await readFile(join(run, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
    const losses = metrics
      .map((line) => JSON.parse(line).validationLoss)
      .filter((loss) => loss !== undefined);
    const { nllPerToken } = await evaluate("--checkpoint", join(run, "best"), "--batch-size", "3");
    expect(nllPerToken).toBeCloseTo(Math.min(...losses), 5);
  });

  it("scores other splits, and leaves end tokens out where asked to", async () => {
    const test = await evaluate("--checkpoint", join(run, "last"), "--split", "test");
    expect(test).toMatchObject({ split: "test", checkpoint: join(run, "last"), tokens: 386 });
    const withoutEnds = await evaluate(
      "--checkpoint",
      join(run, "last"),
      "--split",
      "test",
      "--no-score-end",
    );
    expect(withoutEnds.tokens).toBe(384);
    expect(withoutEnds.bigramNll).not.toBe(test.bigramNll);
  });

  it("scores weights in int8 beside the floats, and says what they cost", async () => {
    const flags = ["--checkpoint", run, "--weights", "int8"];
    const plain = await evaluate("--checkpoint", run);
    const { int8, ...floats } = (await evaluate(...flags)) as Record<string, unknown>;
    expect(floats).toEqual(plain);
    const { nllPerToken, nllPerNote, perplexity, cost } = int8 as Record<string, number>;
    expect(cost).toBeCloseTo(nllPerToken - (plain.nllPerToken as number), 10);
    // A model that has learned a little: rounding moves it, and not far.
    expect(Math.abs(cost)).toBeGreaterThan(1e-7);
    expect(Math.abs(cost)).toBeLessThan(0.02);
    expect(perplexity).toBeCloseTo(Math.exp(nllPerToken), 10);
    expect(nllPerNote * (plain.notes as number)).toBeCloseTo(nllPerToken * (plain.tokens as number), 8);
    const { stdout } = await runCli(["eval", "--data", tiny.data, ...flags, "--backend", "wasm"]);
    expect(stdout).toMatch(
      /^model in int8 +[\d.]+ nats a token, perplexity [\d.]+\ncost of int8 +-?0\.0\d+ nats a token$/m,
    );
  });

  it("stops at Ctrl-C with 130", async () => {
    let sent = false;
    const flags = ["--stride", "1", "--batch-size", "1", "--split", "train"];
    const stopped = await runCli(["eval", "--checkpoint", run, "--data", tiny.data, ...flags], {
      onStderr(_, kill) {
        if (!sent) kill("SIGINT");
        sent = true;
      },
    });
    expect([stopped.code, stopped.stdout]).toEqual([130, ""]);
    expect(stopped.stderr).toContain("interrupted; an evaluation leaves nothing behind");
  });

  it("says plainly when a model doesn't beat the n-gram models", async () => {
    const fresh = join(tiny.folder, "fresh");
    await runCli(["train", "--data", tiny.data, "--out", fresh, ...TINY_RUN, "--steps", "1"]);
    const scored = await runCli(["eval", "--checkpoint", fresh, "--data", tiny.data]);
    expect(scored.code).toBe(0);
    expect(scored.stdout).toContain("does not beat the n-gram models: it isn't worth using");
    expect((await evaluate("--checkpoint", fresh)).beatsNgrams).toBe(false);
  });

  it("says how much of its samples stands in the training split, instead of scoring", async () => {
    const flags = ["--checkpoint", run, "--novelty", "--count", "3", "--bars", "2", "--seed", "5"];
    const result = (await evaluate(...flags)) as unknown as NoveltyReport;
    expect(result.samples.map(({ name }) => name)).toEqual(["sample 1", "sample 2", "sample 3"]);
    expect(result.generated).toEqual({ seed: 5, count: 3, bars: 2 });
    expect(result.reference).toHaveLength(2);
    const again = (await evaluate(...flags)) as unknown as NoveltyReport;
    expect(again).toEqual(result);
    const { stdout } = await runCli(["eval", "--data", tiny.data, ...flags]);
    expect(stdout).toMatch(/^sample 2 +\d+ +\d+ +\d+\.\d\d +\d+\.\d/m);
    expect(stdout).toMatch(/^samples, one voice +median \d+ notes .*longest \d+ notes/m);
    expect(stdout).toMatch(/^val pieces, all voices/m);
  });

  it("finds a piece of the training split among samples that are files", async () => {
    const dataset = await readDataset(tiny.data);
    const train = dataset.split("train");
    const [piece] = [train.tokenizer.decode([train.piece(1)])];
    const samples = join(tiny.folder, "samples");
    await mkdir(samples);
    await writeFile(join(samples, "stolen.mid"), writeScore(piece));
    const flags = ["--checkpoint", run, "--novelty", "--samples", samples];
    const result = (await evaluate(...flags)) as unknown as NoveltyReport;
    const [{ name, notes, texture }] = result.samples;
    expect(name).toBe("stolen.mid");
    expect(texture.notes).toBe(notes);
    expect(result).not.toHaveProperty("generated");
    await writeFile(join(samples, "broken.mid"), "no music");
    const refused = await runCli(["eval", "--data", tiny.data, ...flags]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/broken\.mid/);
  });

  it("refuses a dataset of another tokenizer", async () => {
    const other = join(tiny.folder, "other");
    await runCli(["train", "--data", tiny.data, "--out", other, ...TINY_RUN, "--steps", "1"]);
    const path = join(other, "best", "tokenizer.json");
    await writeFile(path, JSON.stringify({ tokenization: "Chorale", config: { pitch_range: [40, 80] } }));
    const refused = await runCli(["eval", "--checkpoint", other, "--data", tiny.data]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/tokenizer of .*another than the checkpoint was trained with/);
  });

  it("says what is wrong with a checkpoint in one line", async () => {
    const missing = await runCli(["eval", "--checkpoint", "/nowhere", "--data", tiny.data]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/missing \/nowhere: expected a checkpoint folder/);
    const path = join(run, "best", "model.safetensors");
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, 1000));
    const cut = await runCli(["eval", "--checkpoint", run, "--data", tiny.data]);
    await writeFile(path, bytes);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toMatch(/best: model\.safetensors/);
    expect(cut.stderr.trim().split("\n")).toHaveLength(1);
  });
});
