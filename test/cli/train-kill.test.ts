import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exists } from "../../src/node/files.js";
import { randomStream } from "../../src/random.js";
import { type CliResult, runCli } from "./run-cli.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
let expected: Record<string, string>;
let expectedMetrics: Record<string, number>[];

beforeAll(async () => {
  tiny = await makeTinyDataset();
  const run = join(tiny.folder, "whole");
  const whole = await runCli(["train", "--data", tiny.data, "--out", run, ...TINY_RUN]);
  expect(whole.code, whole.stderr).toBe(0);
  expected = await resultOf(run);
  expectedMetrics = await metricsOf(run);
  expect(expectedMetrics.map((record) => record.step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
});
afterAll(() => tiny.remove());

/** Starts or resumes a run and kills it as soon as it has told of a step. */
function trainUntil(out: string, step: number, resume: boolean, signal: NodeJS.Signals): Promise<CliResult> {
  const given = ["train", "--data", tiny.data, "--out", out, ...(resume ? ["--resume"] : TINY_RUN)];
  let told = "";
  let sent = false;
  return runCli([...given, "--log-every", "1"], {
    onStderr(text, kill) {
      told += text;
      const reached = [...told.matchAll(/^step (\d+)\//gm)].some((match) => Number(match[1]) >= step);
      // Once only: a second Ctrl-C ends a program that is still saving.
      if (reached && !sent) kill(signal);
      sent = reached;
    },
  });
}

describe("a training run that is killed and resumed ends with the same bits as one that never stopped", () => {
  it("killed with SIGKILL from outside at random steps", async () => {
    const stream = randomStream(1, "when to kill");
    const out = join(tiny.folder, "killed");
    const [first, second] = [1 + stream.below(15), 20 + stream.below(10)];
    expect((await trainUntil(out, first, false, "SIGKILL")).signal).toBe("SIGKILL");
    expect((await trainUntil(out, second, true, "SIGKILL")).signal).toBe("SIGKILL");
    const rest = await runCli(["train", "--data", tiny.data, "--out", out, "--resume"]);
    expect(rest.code, rest.stderr).toBe(0);
    expect(await resultOf(out)).toEqual(expected);
    expect(await metricsOf(out)).toEqual(expectedMetrics);
  });

  it("killed again and again in front of random operations on files", async () => {
    const stream = randomStream(2, "which operation");
    const out = join(tiny.folder, "cut");
    const preload = fileURLToPath(new URL("die-at-operation.mjs", import.meta.url));
    let kills = 0;
    for (let resume = false; ; resume = true) {
      // The first few operations make the run's folder; each save takes about a dozen.
      const dieAt = [4, 12 + stream.below(20), 50 + stream.below(30), 20 + stream.below(30)][kills] ?? 0;
      const given = ["train", "--data", tiny.data, "--out", out, ...TINY_RUN];
      const started = resume && (await exists(join(out, "options.json")));
      const result = await runCli([...given, ...(started ? ["--resume"] : [])], {
        env: { DIE_AT: String(dieAt), NODE_OPTIONS: `--import ${preload}` },
      });
      if (result.signal === "SIGKILL") kills++;
      else {
        expect(result.code, result.stderr).toBe(0);
        break;
      }
    }
    expect(kills).toBe(4);
    expect((await readdir(out)).sort()).toEqual([
      "best",
      "last",
      "loss.svg",
      "metrics.jsonl",
      "options.json",
    ]);
    expect(await resultOf(out)).toEqual(expected);
    expect(await metricsOf(out)).toEqual(expectedMetrics);
  });

  it("stopped with Ctrl-C, which saves, says how to go on, and exits with 130", async () => {
    const out = join(tiny.folder, "interrupted");
    const stopped = await trainUntil(out, 5, false, "SIGINT");
    expect(stopped.code, stopped.stderr).toBe(130);
    const saved = Number(stopped.stderr.match(/interrupted; saved after step (\d+)\. Go on with: (.+)/)?.[1]);
    expect(saved).toBeGreaterThanOrEqual(5);
    expect(stopped.stderr).toContain(`attacca train --data ${tiny.data} --out ${out} --resume`);
    const rest = await runCli(["train", "--data", tiny.data, "--out", out, "--resume"]);
    expect(rest.stderr).toContain(`going on after step ${saved} of 60`);
    expect(await resultOf(out)).toEqual(expected);
    expect(await metricsOf(out)).toEqual(expectedMetrics);
  });
});
