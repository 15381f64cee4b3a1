import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, runCli } from "./run-cli.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
let run: string;
let summary: Record<string, unknown>;

const train = (out: string, ...more: string[]) =>
  runCli(["train", "--data", tiny.data, "--out", out, ...more]);

beforeAll(async () => {
  tiny = await makeTinyDataset();
  run = join(tiny.folder, "run");
  const trained = await train(run, ...TINY_RUN, "--label", "tiny & small", "--json");
  expect(trained.code, trained.stderr).toBe(0);
  summary = JSON.parse(trained.stdout);
});
afterAll(() => tiny.remove());

describe("attacca train", () => {
  it("gives one JSON object with what the run came to", () => {
    expect(summary).toMatchObject({
      steps: 60,
      stop: "finished",
      checkpoint: join(run, "best"),
      plot: join(run, "loss.svg"),
    });
    // 62 ids at first: ln 62 = 4.13.
    expect(summary.trainLoss).toBeLessThan(3.5);
    expect(summary.valLoss).toBeLessThan(3.5);
    expect(summary.tokensPerSecond).toBeGreaterThan(0);
  });

  it("leaves a folder with the best and the last checkpoint, options, metrics and plot", async () => {
    expect((await readdir(run)).sort()).toEqual([
      "best",
      "last",
      "loss.svg",
      "metrics.jsonl",
      "options.json",
    ]);
    const files = [
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "training.json",
    ];
    expect((await readdir(join(run, "best"))).sort()).toEqual(files);
    expect((await readdir(join(run, "last"))).sort()).toEqual([...files, "optimizer.safetensors"].sort());
    expect(await readFile(join(run, "loss.svg"), "utf8")).toContain("tiny &amp; small");
    const metrics = await metricsOf(run);
    expect(metrics).toHaveLength(60);
    expect(Object.keys(metrics[19])).toEqual([
      "step",
      "loss",
      "learningRate",
      "gradientNorm",
      "validationLoss",
    ]);
    expect(metrics.filter((m) => m.validationLoss !== undefined).map((m) => m.step)).toEqual([20, 40, 60]);
    expect(metrics.map((m) => m.validationLoss)).toContain(summary.valLoss);
  });

  it("gives the same again from the options that it saved, and flags are stronger", async () => {
    const config = join(run, "options.json");
    const again = join(tiny.folder, "again");
    expect((await train(again, "--config", config)).code).toBe(0);
    expect(await resultOf(again)).toEqual(await resultOf(run));
    const other = join(tiny.folder, "other");
    const shorter = await train(other, "--config", config, "--steps", "2", "--seed", "12", "--json");
    expect(JSON.parse(shorter.stdout).steps).toBe(2);
    expect(JSON.parse(await readFile(join(other, "options.json"), "utf8"))).toMatchObject({
      steps: 2,
      seed: 12,
      width: 16,
    });
  });

  it("doesn't write over a run unless it is told to", async () => {
    const out = join(tiny.folder, "over");
    const short = [...TINY_RUN, "--steps", "2"];
    expect((await train(out, ...short)).code).toBe(0);
    const refused = await train(out, ...short);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/invalid .*over: a training run; .*--resume to go on, --force to replace/);
    await writeFile(join(out, "notes.txt"), "mine");
    expect((await train(out, ...short, "--steps", "3", "--force")).code).toBe(0);
    expect(await metricsOf(out)).toHaveLength(3);
    expect(await readFile(join(out, "notes.txt"), "utf8")).toBe("mine");
    const stranger = join(tiny.folder, "stranger");
    await mkdir(stranger);
    await writeFile(join(stranger, "thesis.doc"), "");
    const notARun = await train(stranger, ...short, "--force");
    expect(notARun.code).toBe(1);
    expect(notARun.stderr).toContain("a folder with other files");
  });

  it("resumes with what the run was started with: more steps are fine, another model isn't", async () => {
    const out = join(tiny.folder, "more");
    expect((await train(out, ...TINY_RUN, "--steps", "5")).code).toBe(0);
    const wider = await train(out, "--resume", "--width", "32");
    expect(wider.code).toBe(1);
    expect(wider.stderr).toMatch(/option width: 32; expected 16, as the run in .* was started/);
    const more = await train(out, "--resume", "--steps", "8", "--width", "16", "--json");
    expect(more.code, more.stderr).toBe(0);
    expect(JSON.parse(more.stdout)).toMatchObject({ steps: 8 });
    expect((await metricsOf(out)).map((record) => record.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const nothing = await train(join(tiny.folder, "nowhere"), "--resume");
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/missing .*nowhere.*a training run to resume/);
  });

  it("doesn't go back: fewer steps than are done are refused, and nothing is changed", async () => {
    const out = join(tiny.folder, "back");
    expect((await train(out, ...TINY_RUN, "--steps", "6")).code).toBe(0);
    const before = await readFile(join(out, "options.json"), "utf8");
    const back = await train(out, "--resume", "--steps", "5");
    expect(back.code).toBe(1);
    expect(back.stderr).toMatch(/option --steps: 5; expected 6 or more: so many are done in .*back/);
    expect(back.stderr.trim().split("\n")).toHaveLength(1);
    expect(await readFile(join(out, "options.json"), "utf8")).toBe(before);
  });

  it("keeps a second run out of a folder while the first one is in it", async () => {
    const out = join(tiny.folder, "shared");
    let second: Promise<CliResult> | undefined;
    const first = await runCli(
      ["train", "--data", tiny.data, "--out", out, ...TINY_RUN, "--steps", "100000"],
      {
        onStderr(text, kill) {
          if (second !== undefined || !text.includes("step 1/")) return;
          second = train(out, "--resume").finally(() => kill("SIGINT"));
        },
      },
    );
    const refused = await second!;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/shared: in use by another training run, process \d+; expected/);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(first.code, first.stderr).toBe(130);
    expect(await readdir(out)).not.toContain(".lock");
  });

  it("refuses to go on with another dataset", async () => {
    const out = join(tiny.folder, "swapped");
    expect((await train(out, ...TINY_RUN, "--steps", "2")).code).toBe(0);
    const corpus = JSON.parse(await readFile(join(tiny.folder, "corpus.json"), "utf8"));
    corpus.train.pop();
    await writeFile(join(tiny.folder, "less.json"), JSON.stringify(corpus));
    const less = join(tiny.folder, "less");
    await runCli(["tokenize", join(tiny.folder, "less.json"), "--tokenizer", "chorale", "--out", less]);
    const swapped = await runCli(["train", "--data", less, "--out", out, "--resume", "--steps", "4"]);
    expect(swapped.code).toBe(1);
    expect(swapped.stderr).toContain("another dataset than the run was started with");
  });

  it("stops with the last good checkpoint when the loss diverges", async () => {
    const out = join(tiny.folder, "wild");
    const wild = await train(out, ...TINY_RUN, "--learning-rate", "1e30", "--warmup-steps", "0", "--json");
    expect(wild.code).toBe(1);
    expect(JSON.parse(wild.stdout).error.message).toMatch(
      /training: diverged: .*last good checkpoint is .*wild\/last/,
    );
    const config = JSON.parse(await readFile(join(out, "last", "config.json"), "utf8"));
    expect(config.n_embd).toBe(16);
  });

  it.each([
    ["a dataset that isn't there", ["--data", "/nowhere/at/all"], /missing .*\/nowhere\/at\/all/],
    [
      "a context longer than the data",
      ["--context", "100000"],
      /train split: .* tokens; expected more than the context/,
    ],
    [
      "a batch that memory can't hold",
      ["--batch-size", "1000000"],
      /memory: about .* GiB for this model and batch/,
    ],
    [
      "a model that the disk can't hold",
      ["--width", "65536", "--layers", "64"],
      /free on its disk; expected .* GiB/,
    ],
  ])("says in front of the first step that it can't go through: %s", async (_, flags, message) => {
    const out = join(tiny.folder, "refused");
    const refused = await train(out, ...TINY_RUN, ...flags);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    [["--steps", "0"], /option --steps: 0; expected 1 or more/],
    [["--width", "15"], /option --width: 15; expected a multiple of --heads \(4\)/],
    [
      ["--backend", "abacus"],
      /value of --backend: "abacus"; expected one of auto, webgpu, tensorflow, simd, wasm, cpu/,
    ],
    [["--dropout", "1"], /option --dropout/],
    [["--learning-rate", "-1"], /option --learning-rate/],
  ])("takes %j for wrong usage", async (flags, message) => {
    const wrong = await train(join(tiny.folder, "wrong"), ...flags);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(message);
  });
});
