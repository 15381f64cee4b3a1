import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointFileNames } from "../../src/checkpoint/index.js";
import { readScore } from "../../src/midi/index.js";
import { useCheckpoint } from "../../src/studio/jobs/open.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";
import { type CliResult, runCli } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

const chorale = fileURLToPath(new URL("../../data/prompts/chorale.mid", import.meta.url));

let tiny: TinyDataset;
const at = (name: string): string => join(tiny.folder, name);
const infill = (out: string, ...more: string[]): Promise<CliResult> =>
  runCli(["infill", chorale, "--checkpoint", at("masked"), "--out", at(out), ...more]);
const train = (name: string, ...more: string[]): Promise<CliResult> =>
  runCli(["train", "--data", tiny.data, "--out", at(name), ...more]);

beforeAll(async () => {
  tiny = await makeTinyDataset();
  const tokenizer = createChoraleTokenizer({ lowestPitch: 30, highestPitch: 90 });
  const vocab_size = tokenizer.vocabulary.size + 1;
  await writeTinyCheckpoint(at("masked"), tokenizer, { vocab_size, attention: "masked" });
  await writeTinyCheckpoint(at("causal"), tokenizer);
});
afterAll(() => tiny.remove());

describe("attacca infill", () => {
  it("writes a file in which nothing but the selection differs, the same again with the same seed", async () => {
    const flags = ["--bars", "2-3", "--voices", "tenor", "--passes", "3", "--seed", "4", "--json"];
    const { code, stdout, stderr } = await infill("a.mid", ...flags);
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ file: at("a.mid"), tokens: 32, passes: 3, seed: 4, warnings: [] });
    const [given, found] = await Promise.all(
      [chorale, at("a.mid")].map(async (path) => readScore(await readFile(path)).score),
    );
    const differ = given.tracks.map((track, i) => JSON.stringify(track) !== JSON.stringify(found.tracks[i]));
    expect(given.tracks.filter((_, i) => differ[i]).map(({ name }) => name)).toEqual(["Tenor"]);
    expect({ ...found, tracks: [] }).toEqual({ ...given, tracks: [] });
    const bytes = await readFile(at("a.mid"));
    await infill("b.mid", ...flags);
    expect(await readFile(at("b.mid"))).toEqual(bytes);
  });

  it("rewrites a share of the notes, and says how many tokens that is", async () => {
    const { stdout } = await infill("share.mid", "--rewrite", "0.3", "--passes", "1");
    const [, tokens] = /^(\d+) tokens filled in by one pass in [\d.]+ s on \w+$/m.exec(stdout)!;
    expect(Number(tokens)).toBeGreaterThanOrEqual(0.3 * 256);
    expect(Number(tokens)).toBeLessThan(0.45 * 256);
  });

  it.each([
    [["--bars", "3-5"], 1, "invalid bars: 3 to 5; expected 1 to 4: so many has the piece"],
    [["--voices", "alto,viola"], 1, 'unknown voice: "viola"; expected one of soprano, alto, tenor, bass'],
    [["--passes", "0"], 2, "--passes"],
  ] as const)("refuses %j", async (flags, code, message) => {
    const result = await infill("refused.mid", ...flags);
    expect(result.code, result.stderr).toBe(code);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
    await expect(access(at("refused.mid"))).rejects.toThrow("ENOENT");
  });

  it("refuses a model that isn't masked, a piece that isn't there, and to replace a file", async () => {
    const causal = await runCli([
      ...["infill", chorale, "--checkpoint", at("causal"), "--out", at("refused.mid")],
    ]);
    expect(causal.code).toBe(1);
    expect(causal.stderr).toContain("a model with causal attention; expected one with masked attention");
    expect(causal.stderr).toContain("attacca train --attention masked");
    const missing = await runCli([
      ...["infill", at("none.mid"), "--checkpoint", at("masked"), "--out", at("refused.mid")],
    ]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("none.mid")]);
    const before = await stat(at("data/manifest.json"));
    const kept = await infill("data/manifest.json");
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringContaining("--force")]);
    expect((await stat(at("data/manifest.json"))).mtimeMs).toBe(before.mtimeMs);
  });
});

describe("a masked model", () => {
  it("can't go on from a prompt, nor be opened in the studio", async () => {
    const { code, stderr } = await runCli([
      ...["generate", "--checkpoint", at("masked"), "--bars", "1", "--out", at("refused.mid")],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("going on: a model with masked attention; expected causal attention");
    expect(stderr).toContain("attacca infill");
    const files = new Map<string, Uint8Array>();
    for (const name of [
      checkpointFileNames.config,
      checkpointFileNames.model,
      checkpointFileNames.tokenizer,
    ]) {
      files.set(name, await readFile(join(at("masked"), name)));
    }
    const studio = { setModel: () => expect.unreachable() } as unknown as Parameters<typeof useCheckpoint>[0];
    expect(() => useCheckpoint(studio, "mine", files)).toThrow(
      "unsupported mine: attention: masked; expected causal. Use it with: attacca infill",
    );
  });

  it("is trained, resumed as if it had never stopped, and scored on masks that count no id twice", async () => {
    const flags = [...TINY_RUN, "--attention", "masked", "--steps", "24"];
    const whole = await train("whole", ...flags);
    expect(whole.code, whole.stderr).toBe(0);
    let sent = false;
    const stopped = await runCli(["train", "--data", tiny.data, "--out", at("stopped"), ...flags], {
      onStderr: (text, kill) => {
        if (sent || !/step \d+\/24/.test(text)) return;
        sent = true;
        kill("SIGINT");
      },
    });
    expect(stopped.code).toBe(130);
    expect((await train("stopped", "--resume")).code).toBe(0);
    expect(await resultOf(at("stopped"))).toEqual(await resultOf(at("whole")));
    const metrics = await metricsOf(at("whole"));
    expect(await metricsOf(at("stopped"))).toEqual(metrics);

    const scored = await runCli(["eval", "--data", tiny.data, "--checkpoint", at("whole"), "--json"]);
    const result = JSON.parse(scored.stdout);
    const losses = metrics.flatMap(({ validationLoss }) => validationLoss ?? []);
    expect(result.nllPerToken).toBeCloseTo(Math.min(...losses), 5);
    // Two pieces of 192 ids.
    expect(result.tokens).toBeLessThan(2 * 192);
    const targets = ["--targets", "10"];
    const refused = await runCli(["eval", "--data", tiny.data, "--checkpoint", at("whole"), ...targets]);
    expect(refused.stderr).toContain("a fixed set of masks");
    expect(refused.code).toBe(1);
  });

  it("learns from a fixed grid only", async () => {
    const data = at("remi-data");
    const made = await runCli([
      "tokenize",
      chorale,
      "--tokenizer",
      "remi",
      "--out",
      data,
      "--split",
      "100,0,0",
    ]);
    expect(made.code, made.stderr).toBe(0);
    const flags = ["--attention", "masked", "--context", "16", "--steps", "1"];
    const refused = await runCli(["train", "--data", data, "--out", at("remi-run"), ...flags]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("masked attention: the tokenizer remi");
    expect(refused.stderr).toContain("--tokenizer chorale");
  });
});
