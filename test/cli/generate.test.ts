import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateCommand } from "../../src/cli/commands/generate.js";
import { resolveOptions } from "../../src/cli/options.js";
import { readScore, type Score, writeScore } from "../../src/midi/index.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { chorale } from "../generate/scores.js";
import { type CliOptions, type CliResult, runCli } from "./run-cli.js";
import { temporaryFolder, writeTinyCheckpoint } from "./tiny-checkpoint.js";

let folder: string;
let remove: () => Promise<void>;
const path = (name: string): string => join(folder, name);
const scoreOf = async (name: string): Promise<Score> =>
  readScore(await readFile(path(name)), { mode: "strict" }).score;

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  await writeTinyCheckpoint(path("model"), createTokenizer("chorale"));
  await writeFile(path("prompt.mid"), writeScore(chorale));
});
afterAll(() => remove());

const generate = (args: string, options: CliOptions = {}): Promise<CliResult> =>
  runCli(["generate", "--checkpoint", path("model"), ...args.split(" ")], { cwd: folder, ...options });

async function jsonOf(args: string): Promise<Record<string, unknown> & { ids: number[][]; files: string[] }> {
  const { code, stdout, stderr } = await generate(`${args} --json`);
  expect(stderr).toMatch(/^model: .*model; backend: simd \(.*\)\n$/);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe("attacca generate", () => {
  it("goes on where a prompt stops, and gives one JSON object", async () => {
    const result = await jsonOf("--prompt prompt.mid --out more.mid --bars 2 --seed 4");
    expect(result.files).toEqual(["more.mid"]);
    expect(result.ids.map((ids) => ids.length)).toEqual([2 * 64]);
    expect(result).toMatchObject({ tokens: 128, stopped: ["bars"], decode: "cached", seed: 4, warnings: [] });
    expect(result.tokensPerSecond).toBeGreaterThan(0);
    const score = await scoreOf("more.mid");
    expect(score.tempos).toEqual(chorale.tempos);
    expect(score.keySignatures).toEqual(chorale.keySignatures);
    expect(score.tracks.map(({ name, program }) => [name, program])).toEqual(
      chorale.tracks.map(({ name, program }) => [name, program]),
    );
    const seam = 8 * 480;
    const starts = score.tracks.flatMap(({ notes }) => notes.map(({ start }) => start));
    expect(starts.some((start) => start >= seam)).toBe(true);
    const [record] = score.texts.map(({ text }) => text);
    expect(record).toMatch(/^attacca \d+\.\d+\.\d+; seed 4, sample 0; checkpoint sha256:[0-9a-f]{64}$/);
    expect(record).toContain(String(result.checkpointHash));
  });

  it("generates with weights in int8: cached as recomputed, guessing ahead or not, to the last bit", async () => {
    const flags = "--tokens 90 --seed 3 --temperature 1.5 --force --weights int8";
    const cached = await jsonOf(`--out a.mid ${flags} --verify`);
    expect(cached).toMatchObject({ weights: "int8", verify: { maxDifference: 0, agrees: true } });
    const others = ["--decode recompute", "--speculate 3", "--threads 1"];
    for (const other of others)
      expect((await jsonOf(`--out b.mid ${flags} ${other}`)).ids).toEqual(cached.ids);
    const stock = await generate(`--out c.mid ${flags} --verify --backend wasm`);
    expect(stock.code, stock.stderr).toBe(0);
  });

  it("gives the same ids cached and recomputed, for each of several samples, and proves it", async () => {
    const cached = await jsonOf("--out c.mid --tokens 90 --count 3 --seed 2 --verify --temperature 1.2");
    const again = await jsonOf(
      "--out r.mid --tokens 90 --count 2 --seed 2 --decode recompute --temperature 1.2",
    );
    expect(cached.files).toEqual(["c-1.mid", "c-2.mid", "c-3.mid"]);
    expect(again.ids).toEqual(cached.ids.slice(0, 2));
    expect(new Set(cached.ids.map(String)).size).toBe(3);
    expect(cached.verify).toMatchObject({ positions: 270, agrees: true });
    expect((cached.verify as { slides: number }).slides).toBeGreaterThan(0);
  });

  it("gives the same ids when it guesses ahead, and counts its guesses", async () => {
    const plain = await jsonOf(
      "--prompt prompt.mid --out plain.mid --tokens 200 --count 2 --temperature 0.5",
    );
    const guessed = await jsonOf(
      "--prompt prompt.mid --out guessed.mid --tokens 200 --count 2 --temperature 0.5 --speculate 4",
    );
    expect(guessed.ids).toEqual(plain.ids);
    expect(plain).not.toHaveProperty("drafted");
    expect(guessed.accepted).toBeGreaterThan(0);
    expect(guessed.drafted).toBeGreaterThan(guessed.accepted as number);
    const { stdout } = await generate("--prompt prompt.mid --out said.mid --tokens 40 --speculate 2");
    expect(stdout).toMatch(/guessed ahead: \d+ tokens? of \d+ were right/);
    const refused = await generate("--out no.mid --speculate 2 --decode recompute");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/--speculate.*--decode cached/);
  });

  it("searches with beams, in groups, and says how probable what it found is", async () => {
    const beams = "--prompt prompt.mid --bars 1 --beams 4 --beam-groups 2 --count 2";
    const cached = await jsonOf(`${beams} --out beams.mid --verify`);
    const again = await jsonOf(`${beams} --out again.mid --decode recompute --seed 5`);
    expect(again.ids).toEqual(cached.ids);
    expect(cached.files).toEqual(["beams-1.mid", "beams-2.mid"]);
    expect(cached.tokens).toBe(2 * 64);
    const found = cached.logProbabilities as number[];
    expect(found[0]).toBeGreaterThan(found[1]);
    for (const [flags, message] of [
      ["--beams 2 --count 3", /option --count: 3; expected as many as --beams at most/],
      ["--beams 4 --beam-groups 3", /--beam-groups: 3; expected a number that divides --beams/],
      ["--beams 2 --speculate 2", /--speculate/],
      ["--beams 2 --greedy", /--greedy/],
      ["--beams 2 --diversity 1", /--diversity/],
      ["--length-penalty 1", /missing option --beams/],
    ] as const) {
      const refused = await generate(`--out no.mid ${flags}`);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });

  it("takes every sampling option by its flag", async () => {
    const flags = "--top-k 40 --top-p 0.99 --min-p 0.001 --typical-p 0.99 --repetition-penalty 1.01";
    const plain = await jsonOf(`--out s.mid --tokens 30 --temperature 0.05 ${flags}`);
    const other = await jsonOf(`--out t.mid --tokens 30 --temperature 0.05 ${flags} --ban-repeats 2`);
    const pairs = ([ids]: number[][]): string[] => ids.slice(1).map((id, i) => `${ids[i]} ${id}`);
    expect(new Set(pairs(plain.ids)).size).toBeLessThan(29);
    expect(new Set(pairs(other.ids)).size).toBe(29);
  });

  it("keeps to a key, a range, chords and a density, cached and recomputed alike", async () => {
    const flags =
      "--prompt prompt.mid --bars 2 --key auto --scale pentatonic --pitch-range soprano=C5-A5 --chords C,G --density 4-9";
    const cached = await jsonOf(`${flags} --out kept.mid`);
    const again = await jsonOf(`${flags} --out kept2.mid --decode recompute`);
    expect(again.ids).toEqual(cached.ids);
    const { tracks } = await scoreOf("kept.mid");
    const seam = 8 * 480;
    const fresh = tracks.map(({ notes }) => notes.filter(({ start }) => start >= seam));
    expect(fresh[0].length).toBeGreaterThan(0);
    expect(fresh[0].every(({ pitch }) => pitch >= 72 && pitch <= 81)).toBe(true);
    expect(new Set(fresh.flat().map(({ pitch }) => pitch % 12)).size).toBeLessThanOrEqual(5);
    for (const [flag, message] of [
      ["--key H", /invalid key: H/],
      ["--scale major", /--scale: "major"; expected a --key with it/],
      ["--pitch-range C9", /invalid pitch range/],
      ["--chords am", /invalid chords/],
      ["--density some", /invalid density/],
      ["--keep-tracks 1", /--keep-tracks: "1"; expected a --keep with it/],
    ] as const) {
      const refused = await generate(`--out no.mid ${flag}`);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });

  it("keeps a melody of a file, and writes the other voices", async () => {
    const result = await jsonOf("--keep prompt.mid --keep-tracks soprano --out hymn.mid");
    expect(result.ids[0]).toHaveLength(2 * 64);
    const { tracks, tempos } = await scoreOf("hymn.mid");
    expect(tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(tracks[0].notes).toEqual(chorale.tracks[0].notes);
    expect(tempos).toEqual(chorale.tempos);
    const refused = await generate("--keep prompt.mid --keep-tracks Viola --out no.mid");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/unknown track of prompt\.mid: "Viola"; expected one of Soprano, Alto/);
  });

  it("takes only the prompt's first bars", async () => {
    const result = await jsonOf("--prompt prompt.mid --prompt-bars 1 --out one.mid --tokens 64 --greedy");
    expect(result.promptTokens).toBe(1 + 64);
    const { stderr, code } = await generate("--prompt prompt.mid --prompt-bars 9 --out 9.mid --tokens 4");
    expect(code).toBe(0);
    expect(stderr).toContain("\nnote: the prompt has 2 bars, not 9: all of them are taken\n");
  });

  it("draws the music for people, and says where it is and how to hear it", async () => {
    const { stdout, code } = await generate("--prompt prompt.mid --out people.mid --bars 1 --verify");
    expect(code).toBe(0);
    expect(stdout).toContain("prompt ┃ continuation");
    expect(stdout).toMatch(/64 tokens at [\d,]+ tokens\/s on simd/);
    expect(stdout).toMatch(/cached = recompute: logits at 64 positions.* differ by \d.*e-\d at most/);
    expect(stdout).toContain("written: people.mid");
    expect(stdout).toContain("to hear it: ");
    expect(stdout).not.toContain("\x1b");
    const roll = stdout.slice(0, stdout.search(/^.*tokens at/m)).split("\n");
    expect(roll.length).toBeGreaterThan(10);
    for (const line of roll) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("doesn't replace a file unless it is told to", async () => {
    await writeFile(path("mine.mid"), "mine");
    const refused = await generate("--out mine.mid --tokens 4");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      "attacca: invalid mine.mid: a file that is there already; expected a new name. --force replaces it\n",
    );
    expect(await readFile(path("mine.mid"), "utf8")).toBe("mine");
    expect((await generate("--out mine.mid --tokens 8 --force")).code).toBe(0);
    expect((await scoreOf("mine.mid")).texts).toHaveLength(1);
  });

  it("writes what is there when it is interrupted, and exits with 130", async () => {
    const { code, stdout } = await generate("--prompt prompt.mid --out stopped.mid --tokens 5000000 --json", {
      onStderr: (text, kill) => {
        if (text.includes("model: ")) kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      error: { kind: "interrupted", message: "interrupted; what was there is in stopped.mid" },
    });
    const starts = (await scoreOf("stopped.mid")).tracks.flatMap(({ notes }) =>
      notes.map(({ start }) => start),
    );
    expect(starts.filter((start) => start < 8 * 480)).toHaveLength(32);
    expect(starts.length).toBeGreaterThan(32);
  });

  it.each([
    [{ bars: 2, tokens: 5 }, /option --bars: 2; expected only one of --bars and --tokens/],
    [{ prompt: "a.mid", tempo: 90 }, /option --tempo: 90; expected no --tempo with --prompt/],
    [{ temperature: 0 }, /option --temperature: 0; expected above 0/],
    [{ topP: 1.5 }, /option --top-p: 1.5; expected 1 or less/],
    [{ topK: 0 }, /option --top-k: 0; expected 1 or more/],
    [{ minP: -1 }, /option --min-p: -1; expected 0 or more/],
    [{ count: 2000 }, /option --count: 2000; expected 1,024 at most/],
    [{ seed: 1.5 }, /option --seed: 1.5; expected a whole number/],
    [{ decode: "beam" }, /option --decode: "beam"/],
    [{ out: "" }, /option --out: ""; expected a file/],
  ])("refuses the options %o", (given, message) => {
    const options = { checkpoint: "model", out: "x.mid", ...given };
    expect(() => resolveOptions(generateCommand, options)).toThrow(message);
  });

  it.each([
    ["--out x.mid --bars 2 --tokens 5", 2, /only one of --bars and --tokens/],
    [
      "--out x.mid --backend abacus",
      2,
      /unknown value of --backend: "abacus"; expected one of auto, webgpu, tensorflow, simd, wasm, cpu/,
    ],
    ["--out x.mid --prompt nothing.mid", 1, /missing nothing\.mid: expected a file there/],
    ["--out x.mid --prompt model/config.json", 1, /invalid model\/config\.json: MIDI file: no MThd/],
    ["--out x.mid --prompt prompt.mid --time-signature 4:4", 2, /invalid time signature: 4:4/],
    ["--out model --tokens 1", 1, /invalid model: a folder; expected the name of a file/],
    ["--out prompt.mid/x.mid --tokens 1", 1, /invalid .*prompt\.mid: a file where a folder should be/],
  ])("refuses %s in one line", async (args, code, message) => {
    const result = await generate(args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(await readdir(folder)).not.toContain("x.mid");
  });

  it("says what is wrong with a checkpoint", async () => {
    const none = await runCli(["generate", "--checkpoint", path("nowhere"), "--out", path("x.mid")]);
    expect([none.code, none.stderr]).toEqual([
      1,
      `attacca: missing ${path("nowhere")}: expected a checkpoint folder. Check the path, or make one with "attacca train"\n`,
    ]);
    await writeTinyCheckpoint(path("other"), createTokenizer("chorale"), { vocab_size: 77 });
    const other = await runCli(["generate", "--checkpoint", path("other"), "--out", path("x.mid")]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("attacca: invalid model: 77 ids; expected the 62 of its tokenizer\n");
  });
});
