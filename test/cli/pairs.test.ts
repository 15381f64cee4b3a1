import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readScore, writeScore } from "../../src/midi/index.js";
import { randomStream } from "../../src/random.js";
import { note, score, track } from "../generate/scores.js";
import { runCli } from "./run-cli.js";
import { temporaryFolder } from "./tiny-checkpoint.js";

let room: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(room.folder, name);

/** Bars: a melody of quarters and chords of halves below it. */
function song(seed: number, bars = 6) {
  const stream = randomStream(seed, "tiny song");
  const pitches = Array.from({ length: 4 * bars }, () => 60 + stream.below(12));
  return score([
    track(
      pitches.map((pitch, i) => note(i, 1, pitch)),
      { name: "MELODY" },
    ),
    track(
      pitches.flatMap((pitch, i) => (i % 2 === 0 ? [note(i, 2, pitch - 12), note(i, 2, pitch - 24)] : [])),
      { name: "PIANO", channel: 1 },
    ),
  ]);
}

beforeAll(async () => {
  room = await temporaryFolder();
  await mkdir(at("songs"));
  for (let i = 0; i < 6; i++) await writeFile(at(`songs/${i}.mid`), writeScore(song(i)));
  await writeFile(at("two bars.mid"), writeScore(song(0, 2)));
  const solo = { ...song(7), tracks: song(7).tracks.slice(1) };
  await writeFile(at("songs/solo.mid"), writeScore(solo));
});
afterAll(() => room.remove());

describe("a melody apart", () => {
  it("is tokenized, inspected and trained on", async () => {
    const tokenize = [
      "tokenize",
      at("songs"),
      "--out",
      at("data"),
      "--melody",
      "Melody",
      "--split",
      "60,20,20",
    ];
    const made = await runCli([...tokenize, "--workers", "1"]);
    expect(made.code, made.stderr).toBe(0);
    expect(await readFile(at("data/skipped.jsonl"), "utf8")).toMatch(
      /^{"source":"solo.mid","kind":"unfit","reason":"invalid melody's track: none that is Melody; expected one of PIANO"}\n$/,
    );
    const { stdout: shown } = await runCli(["inspect", at("data")]);
    expect(shown).toMatch(/melodies +[\d,]+ tokens, apart from what is written to them/);
    expect(shown).toContain("--align none --melody Melody");

    const measures =
      "--layers 1 --heads 2 --width 16 --context 64 --batch-size 2 --steps 4 --threads 1".split(" ");
    const train = (out: string, ...more: string[]) =>
      runCli(["train", "--data", at("data"), "--out", at(out), ...measures, ...more]);
    const trained = await train("run", "--task", "harmonize", "--encoder-layers", "1");
    expect(trained.code, trained.stderr).toBe(0);
  });

  it("is scored: each id of what is written to it once", async () => {
    const evaluate = ["eval", "--data", at("data"), "--checkpoint", at("run"), "--split", "train", "--json"];
    const scored = JSON.parse((await runCli(evaluate)).stdout);
    const { splits } = JSON.parse(await readFile(at("data/manifest.json"), "utf8"));
    expect(scored.tokens).toBe(splits.train.tokens - splits.train.pieces);
  });

  it("is written to, with a cache or without", async () => {
    const harmonize = (out: string, ...more: string[]) =>
      runCli(["harmonize", at("two bars.mid"), "--checkpoint", at("run"), "--out", at(out), ...more]);
    const written = await harmonize("a.mid", "--json", "--seed", "1");
    expect(written.code, written.stderr).toBe(0);
    expect(JSON.parse(written.stdout).windows).toBeGreaterThan(1);
    const found = readScore(await readFile(at("a.mid"))).score;
    expect(found.tracks[0].notes).toEqual(song(0, 2).tracks[0].notes);
    expect(found.tracks.length).toBeGreaterThan(1);
    expect((await harmonize("b.mid", "--seed", "1", "--decode", "recompute")).code).toBe(0);
    expect(await readFile(at("b.mid"))).toEqual(await readFile(at("a.mid")));

    const wrong = await harmonize("c.mid", "--time-signature", "5/5");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("5/5")]);
  });

  it.each([
    [["--melody", "Flute"], 1, "none of 7 files could be encoded"],
    [["--melody", "MELODY", "--tokenizer", "tsd"], 1, "a melody apart: the tokenizer tsd; expected remi"],
  ] as const)("is refused with %j", async (flags, code, message) => {
    const result = await runCli(["tokenize", at("songs"), "--out", at("refused"), ...flags]);
    expect(result.code, result.stderr).toBe(code);
    expect(result.stderr).toContain(message);
    await expect(access(at("refused"))).rejects.toThrow("ENOENT");
  });
});
