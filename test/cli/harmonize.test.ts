import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointFileNames } from "../../src/checkpoint/index.js";
import { readScore, writeScore } from "../../src/midi/index.js";
import { useCheckpoint } from "../../src/studio/jobs/open.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";
import { type CliResult, runCli } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";
import { makeTinyDataset, metricsOf, resultOf, TINY_RUN, type TinyDataset } from "./tiny-dataset.js";

const chorale = fileURLToPath(new URL("../../data/prompts/chorale.mid", import.meta.url));

let tiny: TinyDataset;
const at = (name: string): string => join(tiny.folder, name);
const train = (name: string, ...more: string[]): Promise<CliResult> =>
  runCli(["train", "--data", tiny.data, "--out", at(name), ...more]);
const harmonize = (melody: string, out: string, ...more: string[]): Promise<CliResult> =>
  runCli(["harmonize", melody, "--checkpoint", at("model"), "--out", at(out), ...more]);

beforeAll(async () => {
  tiny = await makeTinyDataset();
  const tokenizer = createChoraleTokenizer();
  await writeTinyCheckpoint(at("model"), tokenizer, { encoder_layers: 1 });
  await writeTinyCheckpoint(at("causal"), tokenizer);
  const { score } = readScore(await readFile(chorale));
  const [melody] = score.tracks.filter(({ name }) => name === "Soprano");
  const lead = { ...melody, name: "Lead" };
  await writeFile(at("melody.mid"), writeScore({ ...score, tracks: [lead] }));
  await writeFile(at("two.mid"), writeScore({ ...score, tracks: [lead, { ...lead, name: "Other" }] }));
});
afterAll(() => tiny.remove());

describe("attacca harmonize", () => {
  it("writes three voices to a melody, the same again, with a cache or without", async () => {
    const { code, stdout, stderr } = await harmonize(at("melody.mid"), "a.mid", "--seed", "4", "--json");
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    // 64 steps of three ids, in windows of 64 ids.
    expect(result).toMatchObject({ file: at("a.mid"), tokens: 192, seed: 4, warnings: [] });
    expect(result.windows).toBeGreaterThan(1);
    const [given, found] = await Promise.all(
      [at("melody.mid"), at("a.mid")].map(async (path) => readScore(await readFile(path)).score),
    );
    expect(found.tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(found.tracks[0].notes).toEqual(given.tracks[0].notes);
    expect({ ...found, tracks: [] }).toEqual({ ...given, tracks: [] });
    const bytes = await readFile(at("a.mid"));
    await harmonize(at("melody.mid"), "b.mid", "--seed", "4", "--decode", "recompute");
    expect(await readFile(at("b.mid"))).toEqual(bytes);
  });

  it("takes the highest of four voices, and says what it did", async () => {
    const { stdout } = await harmonize(chorale, "c.mid");
    expect(stdout).toMatch(/^192 tokens to the melody in [\d.]+ s on \w+; the encoder ran \d+ times/m);
    expect(stdout).toContain(`written: ${at("c.mid")}`);
  });

  it.each([
    ["two.mid", [], 1, "two.mid: melody: 2 tracks: Lead, Other; expected one, or four voices. Say which one"],
    ["two.mid", ["--track", "Flute"], 1, "melody's track: Flute; expected one of Lead, Other"],
    ["none.mid", [], 1, "none.mid"],
    ["melody.mid", ["--temperature", "0"], 2, "--temperature"],
    ["melody.mid", ["--key", "H"], 2, "key"],
    ["melody.mid", ["--time-signature", "4/4"], 1, "4/4 with a model of voices on a grid"],
  ] as const)("refuses %s with %j", async (file, flags, code, message) => {
    const result = await harmonize(at(file), "refused.mid", ...flags);
    expect(result.code, result.stderr).toBe(code);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
    await expect(access(at("refused.mid"))).rejects.toThrow("ENOENT");
  });

  it("refuses a model without an encoder, and to replace a file", async () => {
    const checkpoint = ["--checkpoint", at("causal"), "--out", at("refused.mid")];
    const causal = await runCli(["harmonize", at("melody.mid"), ...checkpoint]);
    expect(causal.code).toBe(1);
    expect(causal.stderr).toContain("harmonizing: a model without an encoder");
    expect(causal.stderr).toContain("attacca train --task harmonize");
    const before = await readFile(at("two.mid"));
    const kept = await harmonize(at("melody.mid"), "two.mid");
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringContaining("--force")]);
    expect(await readFile(at("two.mid"))).toEqual(before);
  });
});

describe("a model that harmonizes", () => {
  it.each([
    ["generate", ["--bars", "1", "--out", "refused.mid"], "going on: a model that harmonizes"],
    ["infill", [chorale, "--out", "refused.mid"], "filling in: a model that harmonizes"],
  ] as const)("is refused by attacca %s, which says what it is for", async (command, flags, message) => {
    const { code, stderr } = await runCli([command, ...flags, "--checkpoint", at("model")]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain("attacca harmonize");
  });

  it("isn't opened in the studio, and is described", async () => {
    const files = new Map<string, Uint8Array>();
    const { config, model, tokenizer } = checkpointFileNames;
    for (const name of [config, model, tokenizer]) files.set(name, await readFile(join(at("model"), name)));
    const studio = { setModel: () => expect.unreachable() } as unknown as Parameters<typeof useCheckpoint>[0];
    expect(() => useCheckpoint(studio, "mine", files)).toThrow(/that harmonizes.*attacca harmonize/);
    const { stdout } = await runCli(["inspect", at("model")]);
    expect(stdout).toContain("decoder with an encoder of 1 layer, for attacca harmonize");
  });

  it("is trained, resumed as if it had never stopped, and scored on alto, tenor and bass", async () => {
    const flags = [...TINY_RUN, "--task", "harmonize", "--encoder-layers", "1", "--steps", "24"];
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
    const other = await train("stopped", "--resume", "--task", "continue");
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("option task")]);
    expect((await train("stopped", "--resume")).code).toBe(0);
    expect(await resultOf(at("stopped"))).toEqual(await resultOf(at("whole")));
    const metrics = await metricsOf(at("whole"));
    expect(await metricsOf(at("stopped"))).toEqual(metrics);

    const scored = await runCli(["eval", "--data", tiny.data, "--checkpoint", at("whole"), "--json"]);
    const result = JSON.parse(scored.stdout);
    const losses = metrics.flatMap(({ validationLoss }) => validationLoss ?? []);
    expect(result.nllPerToken).toBeCloseTo(Math.min(...losses), 5);
    // Two pieces of 48 steps, three voices each.
    expect(result.tokens).toBe(2 * 48 * 3);
  });

  it("is trained with causal attention on voices only", async () => {
    const full = await train("refused", "--task", "harmonize", "--attention", "full");
    expect([full.code, full.stderr]).toEqual([2, expect.stringContaining("full with --task harmonize")]);
    const data = at("remi-data");
    const made = ["tokenize", chorale, "--tokenizer", "remi", "--out", data, "--split", "100,0,0"];
    expect((await runCli(made)).code).toBe(0);
    const flags = ["--task", "harmonize", "--context", "16", "--steps", "1"];
    const refused = await runCli(["train", "--data", data, "--out", at("remi-run"), ...flags]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("harmonizing: the tokenizer remi");
    expect(refused.stderr).toContain("--tokenizer chorale");
  });
});
