import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, runCli, succeed } from "./run-cli.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
const folderOf = (name: string): string => join(tiny.folder, name);
const train = (name: string, ...more: string[]): Promise<CliResult> =>
  runCli(["train", "--data", tiny.data, "--out", folderOf(name), ...more]);
const rotary = [...TINY_RUN, "--positions", "rotary"];

beforeAll(async () => {
  tiny = await makeTinyDataset();
  await succeed(train("rotary", ...rotary));
}, 120_000);
afterAll(() => tiny.remove());

describe("a model with rotary positions", () => {
  it("learns, goes on as if it had never stopped, and tells what it is", async () => {
    const losses = (await metricsOf(folderOf("rotary"))).map(({ loss }) => loss as number);
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.5);
    const stopped = await runCli(["train", "--data", tiny.data, "--out", folderOf("stopped"), ...rotary], {
      onStderr: (text, kill) => {
        if (/step 1[0-9]\/60/.test(text)) kill("SIGINT");
      },
    });
    expect(stopped.code).toBe(130);
    await succeed(train("stopped", "--resume"));
    expect(await resultOf(folderOf("stopped"))).toEqual(await resultOf(folderOf("rotary")));
    const other = await train("stopped", "--resume", "--positions", "sinusoidal");
    expect(other.code).not.toBe(0);
    expect(other.stderr).toContain("option positions");
    const inspected = await succeed(runCli(["inspect", folderOf("rotary")]));
    expect(inspected.stdout).toContain("GPT-2 decoder, rotary positions");
  });

  it("generates with a cache what it generates by recomputing", async () => {
    const checkpoint = ["--checkpoint", folderOf("rotary")];
    for (const weights of ["f32", "int8"]) {
      const out = ["--out", folderOf("rotary.mid"), "--force", "--weights", weights];
      const run = await succeed(
        runCli(["generate", ...checkpoint, "--bars", "2", "--verify", "--json", ...out]),
      );
      expect(JSON.parse(run.stdout).verify).toMatchObject({ agrees: true });
    }
  });

  it("learns with full attention too, and from weights like its own only", async () => {
    await succeed(train("full", ...rotary, "--attention", "full", "--init", folderOf("rotary")));
    const other = await train("other", ...TINY_RUN, "--init", folderOf("rotary"));
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(
      "position_embedding_type: rotary; expected absolute, as the run that begins with it has (--positions)",
    );
    const keys = await train("keys", ...rotary, "--attention", "lookahead");
    expect(keys.code).not.toBe(0);
    expect(keys.stderr).toContain("rotary in a model with lookahead keys; expected absolute");
  });

  it("stays what it is when it is converted", async () => {
    await succeed(runCli(["convert", "--checkpoint", folderOf("rotary"), "--out", folderOf("half")]));
    const json = JSON.parse(await readFile(join(folderOf("half"), "config.json"), "utf8"));
    expect(json).toMatchObject({ model_type: "attacca_rotary", position_embedding_type: "rotary" });
    const scores = ["half", "rotary"].map((name) =>
      succeed(runCli(["eval", "--data", tiny.data, "--checkpoint", folderOf(name), "--json"])),
    );
    const [half, full] = (await Promise.all(scores)).map(({ stdout }) => JSON.parse(stdout).nllPerToken);
    expect(half).toBeCloseTo(full, 3);
  });
});
