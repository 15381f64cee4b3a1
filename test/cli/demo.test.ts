import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readScore, writeScore } from "../../src/midi/index.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { chorale } from "../generate/scores.js";
import { runCli } from "./run-cli.js";
import { temporaryFolder, writeTinyCheckpoint } from "./tiny-checkpoint.js";

let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  await writeTinyCheckpoint(join(folder, "model"), createTokenizer("chorale"));
  await writeFile(join(folder, "prompt.mid"), writeScore(chorale));
});
afterAll(() => remove());

describe("attacca demo", () => {
  const args = ["demo", "--checkpoint", "model", "--prompt", "prompt.mid", "--bars", "2"];

  it("goes on in both ways, shows that they agree, what each cost and where the music is", async () => {
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("going on from prompt.mid with model");
    expect(stdout).toContain("prompt ┃ continuation");
    expect(stdout).toMatch(
      /^cached {4}128 tokens in \d+\.\d\d s, \d+ tokens\/s, \d+\.\d\d s of processor time$/m,
    );
    expect(stdout).toMatch(
      /^recompute 128 tokens in \d+\.\d\d s, \d+ tokens\/s, \d+\.\d\d s of processor time$/m,
    );
    expect(stdout).toMatch(
      /the same 128 ids both ways, through \d+ cuts? of the window; logits differ by \S+ at most/,
    );
    expect(stdout).toContain(`written: ${join("out", "demo-chorale.mid")}`);
    expect(stdout).toContain("to hear it: ");
    const { score } = readScore(await readFile(join(folder, "out/demo-chorale.mid")), { mode: "strict" });
    expect(score.tracks).toHaveLength(4);
  });

  it("gives the same numbers as one JSON object, again and again", async () => {
    const run = async () => JSON.parse((await runCli([...args, "--json"], { cwd: folder })).stdout);
    const [first, second] = [await run(), await run()];
    const file = join("out", "demo-chorale.mid");
    expect(first).toMatchObject({ files: [file], pieces: [{ file, sameIds: true, backend: "simd" }] });
    expect(first.pieces[0].maxDifference).toBeLessThan(1e-4);
    expect(first.pieces[0].ids).toHaveLength(128);
    expect(second.pieces[0].ids).toEqual(first.pieces[0].ids);
  });

  it("trains a model on the bundled tunes first, if asked to, from any folder", async () => {
    const steps = ["demo", "--train", "--steps", "12", "--bars", "1"];
    const { code, stdout, stderr } = await runCli([...steps, "--json"], { cwd: folder });
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ pieces: [{ sameIds: true }], training: { steps: 12 } });
    // About 340 ids at first, all equally probable: ln 340 = 5.8.
    expect(result.training.trainLoss).toBeLessThan(5.8);
    expect(result.files).toEqual([join("out", "demo-tune.mid")]);
  });
});
