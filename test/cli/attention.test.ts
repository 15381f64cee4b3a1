import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, runCli, succeed } from "./run-cli.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
const folderOf = (name: string): string => join(tiny.folder, name);
const train = (name: string, ...more: string[]): Promise<CliResult> =>
  runCli(["train", "--data", tiny.data, "--out", folderOf(name), ...more]);

beforeAll(async () => {
  tiny = await makeTinyDataset();
  await succeed(train("full", ...TINY_RUN, "--attention", "full", "--prefixes", "2", "--eval-targets", "40"));
  await succeed(train("bar", ...TINY_RUN, "--attention", "bar"));
}, 120_000);
afterAll(() => tiny.remove());

describe("a model with full attention", () => {
  it("is trained, and resumed as if it had never stopped", async () => {
    const options = JSON.parse(await readFile(join(folderOf("full"), "options.json"), "utf8"));
    expect(options).toMatchObject({ attention: "full", lossPositions: "one", prefixes: 2 });
    const flags = [...TINY_RUN, "--attention", "full", "--prefixes", "2", "--eval-targets", "40"];
    const stopped = await runCli(["train", "--data", tiny.data, "--out", folderOf("stopped"), ...flags], {
      onStderr: (text, kill) => {
        if (/step 1[0-9]\/60/.test(text)) kill("SIGINT");
      },
    });
    expect(stopped.code).toBe(130);
    await succeed(train("stopped", "--resume"));
    expect(await resultOf(folderOf("stopped"))).toEqual(await resultOf(folderOf("full")));
    const losses = (await metricsOf(folderOf("full"))).map(({ loss }) => loss as number);
    const mean = (part: number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    expect(mean(losses.slice(-20))).toBeLessThan(mean(losses.slice(0, 20)) - 0.5);
  });

  it("is scored by the passes that it is used with, on so many targets, by piece", async () => {
    const scored = await succeed(
      runCli(["eval", "--data", tiny.data, "--checkpoint", folderOf("full"), "--targets", "40", "--json"]),
    );
    const result = JSON.parse(scored.stdout);
    const metrics = await metricsOf(folderOf("full"));
    const losses = metrics.map(({ validationLoss }) => validationLoss).filter((loss) => loss !== undefined);
    expect(result.tokens).toBe(40);
    expect(result.nllPerToken).toBeCloseTo(Math.min(...(losses as number[])), 5);
    const pieces = result.pieceScores as { source: string; tokens: number; nll: number }[];
    expect(pieces.map(({ source }) => source)).toEqual(["corpus.json#valid/000", "corpus.json#valid/001"]);
    expect(pieces.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(40);
    expect(pieces.reduce((sum, { nll }) => sum + nll, 0) / 40).toBeCloseTo(result.nllPerToken, 8);
  });

  it("recomputes by itself, and says why it can't do otherwise", async () => {
    const generate = (...more: string[]): Promise<CliResult> =>
      runCli([
        ...["generate", "--checkpoint", folderOf("full"), "--bars", "1", "--force"],
        ...["--out", folderOf("full.mid"), ...more],
      ]);
    const { stdout } = await succeed(generate("--json"));
    expect(JSON.parse(stdout)).toMatchObject({ decode: "recompute", tokens: 64 });
    const cached = await generate("--decode", "cached");
    expect(cached.code).toBe(1);
    expect(cached.stderr).toContain("unsupported decode mode: cached for a model with full attention");
    const verified = await generate("--verify");
    expect(verified.code).toBe(1);
    expect(verified.stderr).toContain("there is nothing to compare");
  });

  it("may begin with a causal model's weights, of the same measures", async () => {
    const short = [...TINY_RUN, "--steps", "2", "--attention", "full", "--eval-targets", "20"];
    await succeed(train("fine", ...short, "--init", folderOf("bar")));
    // The first step is of a warm-up of none: weights have moved by two steps' rates at most.
    expect((await metricsOf(folderOf("fine")))[0].loss).toBeLessThan(3);
    const other = await train("other", ...short, "--width", "32", "--init", folderOf("bar"));
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("n_embd: 16; expected 32");
    const nothing = await train("other", ...short, "--init", folderOf("none"));
    expect(nothing.stderr).toContain("missing");
    expect(nothing.code).toBe(1);
  });
});

describe("a model with attention by bars", () => {
  it("gives the same with a cache and without, across bar lines, and tells what it is", async () => {
    const run = await succeed(
      runCli([
        ...["generate", "--checkpoint", folderOf("bar"), "--bars", "2", "--verify", "--json"],
        ...["--out", folderOf("bar.mid"), "--force"],
      ]),
    );
    const result = JSON.parse(run.stdout);
    expect(result.decode).toBe("cached");
    expect(result.verify).toMatchObject({ agrees: true, positions: 128 });
    expect((await succeed(runCli(["inspect", folderOf("bar")]))).stdout).toContain(
      "full attention over finished",
    );
  });
});

describe("a model with lookahead keys", () => {
  it("is trained on all positions, resumed, scored and decoded with a cache, and tells what it is", async () => {
    const flags = [...TINY_RUN, "--attention", "lookahead"];
    await succeed(train("lookahead", ...flags, "--steps", "40"));
    const options = JSON.parse(await readFile(join(folderOf("lookahead"), "options.json"), "utf8"));
    expect(options).toMatchObject({ attention: "lookahead", lossPositions: "all" });
    const losses = (await metricsOf(folderOf("lookahead"))).map(({ loss }) => loss as number);
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.5);
    await succeed(train("lookahead", "--resume", "--steps", "42"));
    const checkpoint = ["--checkpoint", folderOf("lookahead")];
    const scored = await succeed(runCli(["eval", "--data", tiny.data, ...checkpoint, "--json"]));
    expect(JSON.parse(scored.stdout).nllPerToken).toBeLessThan(losses[0]);
    const out = ["--out", folderOf("lookahead.mid"), "--force"];
    const run = await succeed(
      runCli(["generate", ...checkpoint, "--bars", "2", "--verify", "--json", ...out]),
    );
    const result = JSON.parse(run.stdout);
    expect(result.decode).toBe("cached");
    expect(result.verify).toMatchObject({ agrees: true, positions: 128 });
    const inspected = await succeed(runCli(["inspect", folderOf("lookahead")]));
    expect(inspected.stdout).toContain("decoder with lookahead keys, causal");
  });

  it("begins with no other model's weights, and isn't quantised", async () => {
    const other = await train(
      "other",
      ...TINY_RUN,
      "--attention",
      "lookahead",
      ...["--init", folderOf("full")],
    );
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("attention: full; expected lookahead");
    const checkpoint = ["--checkpoint", folderOf("lookahead"), "--weights", "int8"];
    const int8 = await runCli(["generate", ...checkpoint, "--out", folderOf("int8.mid")]);
    expect(int8.code).toBe(1);
    expect(int8.stderr).toContain("int8 for a model with lookahead keys");
  });

  it("stays what it is when its checkpoint is converted, and no GPT-2", async () => {
    const out = folderOf("half");
    await succeed(runCli(["convert", "--checkpoint", folderOf("lookahead"), "--out", out]));
    const json = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
    expect(json).toMatchObject({ model_type: "attacca_prefix", attention: "lookahead" });
    const scored = await succeed(runCli(["eval", "--data", tiny.data, "--checkpoint", out, "--json"]));
    const whole = await succeed(
      runCli(["eval", "--data", tiny.data, "--checkpoint", folderOf("lookahead"), "--json"]),
    );
    const [half, full] = [scored, whole].map(({ stdout }) => JSON.parse(stdout).nllPerToken);
    expect(half).toBeCloseTo(full, 3);
  });
});

describe("options that contradict each other", () => {
  it.each([
    [
      ["--attention", "full", "--loss-positions", "all"],
      "option --loss-positions: all with --attention full",
    ],
    [["--prefixes", "3"], "option --prefixes: 3 with --loss-positions all"],
    [["--attention", "both"], "attention"],
  ])("%j are refused", async (flags, message) => {
    const result = await train("refused", ...flags);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
  });

  it("are refused where a run goes on, and options of earlier versions are completed", async () => {
    const changed = await train("full", "--resume", "--attention", "causal");
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain("full, as the run in");
    const path = join(folderOf("bar"), "options.json");
    const { attention, lossPositions, prefixes, init, evalTargets, ...old } = JSON.parse(
      await readFile(path, "utf8"),
    );
    expect([attention, lossPositions, prefixes, init, evalTargets]).toEqual(["bar", "one", 1, "", 512]);
    await writeFile(path, JSON.stringify(old));
    const resumed = await train("bar", "--resume", "--attention", "bar");
    expect(resumed.stderr).toContain("causal, as the run in");
  });
});
