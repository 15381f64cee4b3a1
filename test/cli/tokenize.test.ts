import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Note, type Score, writeScore } from "../../src/midi/index.js";
import { readDataset } from "../../src/node/dataset.js";
import { randomStream } from "../../src/random.js";
import { type CliResult, runCli } from "./run-cli.js";

let room: string;
let corpus: string;
/** What most tests compare with: all files, one worker. */
let first: CliResult;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "attacca-tokenize-"));
  corpus = join(room, "corpus");
  await mkdir(join(corpus, "more", "deep"), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const folder = ["", "more", "more/deep"][i % 3];
    const ending = [".mid", ".MID", ".midi"][i % 3];
    await writeFile(join(corpus, folder, `song ${i}${ending}`), writeScore(song(i)));
  }
  await writeFile(join(corpus, "notes.txt"), "not music");
  await writeFile(join(corpus, "broken.mid"), "this is no MIDI file");
  await writeFile(join(corpus, "silent.mid"), writeScore({ ...song(0), tracks: [] }));
  await cp(join(corpus, "song 0.mid"), join(corpus, "more", "again.mid"));
  await symlink("..", join(corpus, "more", "loop"));
  await symlink(join(corpus, "nowhere"), join(corpus, "lost.mid"));
  first = await tokenize("first", "--workers", "1", "--json");
});

afterAll(() => rm(room, { recursive: true, force: true }));

/** Two tracks of random notes on the grid, `offset` ticks late. */
function song(seed: number, offset = 0): Score {
  const stream = randomStream(seed, "song");
  const track = (channel: number, low: number): Score["tracks"][number] => ({
    name: "",
    program: channel * 8,
    isDrum: false,
    channel,
    notes: Array.from({ length: 40 }, (_, i): Note => {
      const length = 1 + stream.below(4);
      return {
        start: offset + i * 120,
        duration: length * 120,
        pitch: low + stream.below(24),
        velocity: 1 + stream.below(127),
      };
    }),
    controls: [],
    pitchBends: [],
  });
  return {
    ticksPerQuarter: 480,
    tempos: [{ tick: 0, microsecondsPerQuarter: 500_000 }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [],
    texts: [],
    tracks: [track(0, 60), track(1, 36)],
  };
}

/** Hashes of a folder's files. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const hashes = files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  return Object.fromEntries(names.map((name, i) => [name, hashes[i]]));
}

async function tokenize(out: string, ...args: readonly string[]) {
  return runCli(["tokenize", corpus, "--out", join(room, out), ...args]);
}

describe("attacca tokenize", () => {
  it("makes a dataset of all MIDI files under a folder, and lists what it left out", async () => {
    const { code, stdout, stderr } = first;
    expect(stderr).not.toMatch(/Warning|Error/);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ files: 15, skipped: 3 });
    expect(result.filesPerSecond).toBeGreaterThan(0);
    const dataset = await readDataset(join(room, "first"));
    const splits = (["train", "val", "test"] as const).map((name) => dataset.split(name));
    expect(splits.reduce((sum, split) => sum + split.pieceCount, 0)).toBe(12);
    expect(splits.reduce((sum, split) => sum + split.tokenCount, 0)).toBe(result.tokens);
    const skipped = (await readFile(join(room, "first", "skipped.jsonl"), "utf8")).trim().split("\n");
    expect(skipped.map((line) => JSON.parse(line)).map(({ source, kind }) => [source, kind])).toEqual([
      ["broken.mid", "unreadable"],
      ["silent.mid", "empty"],
      ["song 0.mid", "duplicate"],
    ]);
    expect(await readFile(join(room, "first", "manifest.json"), "utf8")).not.toContain(room);
  });

  it("speaks to people on stdout without --json", async () => {
    const { code, stdout } = await tokenize("people");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^train +\d+ pieces/);
    expect(stdout).toMatch(/left out: 1 duplicate, listed in skipped\.jsonl/);
    expect(stdout).toMatch(/15 files in/);
  });

  it("writes the same bytes with any number of workers and from any place", async () => {
    const elsewhere = join(room, "elsewhere", "copy");
    await cp(corpus, elsewhere, { recursive: true, verbatimSymlinks: true });
    await tokenize("three", "--workers", "3");
    await runCli(["tokenize", elsewhere, "--out", join(room, "moved")]);
    const expected = await contentOf(join(room, "first"));
    expect(Object.keys(expected)).toContain("manifest.json");
    expect(await contentOf(join(room, "three"))).toEqual(expected);
    expect(await contentOf(join(room, "moved"))).toEqual(expected);
  });

  it("makes the same bytes in parts that are merged", async () => {
    const parts = [1, 2, 3].map((index) => join(room, `part-${index}`));
    for (let i = 0; i < 3; i++) await tokenize(`part-${i + 1}`, "--shard", `${i + 1}/3`);
    const out = join(room, "merged");
    const merged = await runCli(["merge", parts[2], parts[0], parts[1], "--out", out, "--json"]);
    expect(JSON.parse(merged.stdout)).toMatchObject({ datasets: 3, pieces: 12, skipped: 3 });
    expect(await contentOf(out)).toEqual(await contentOf(join(room, "first")));
    const two = await runCli(["merge", parts[2], parts[0], "--out", join(room, "half")]);
    expect(two).toMatchObject({
      code: 1,
      stderr: "attacca: missing part 2/3: expected all parts of the corpus\n",
    });
  });

  it("replaces a dataset only with --force, and nothing else even then", async () => {
    await tokenize("kept", "--split", "1,0,0");
    const before = await contentOf(join(room, "kept"));
    const refused = await tokenize("kept");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/a dataset is there already.*--force replaces it/);
    expect(await contentOf(join(room, "kept"))).toEqual(before);
    expect((await tokenize("kept", "--force")).code).toBe(0);
    expect(await contentOf(join(room, "kept"))).not.toEqual(before);

    const foreign = await runCli(["tokenize", corpus, "--out", corpus, "--force"]);
    expect(foreign.code).toBe(1);
    expect(foreign.stderr).toMatch(/a folder of something else/);
    expect(await readdir(corpus)).toContain("song 0.mid");
  });

  it("stops at Ctrl-C with 130 and leaves what was there", async () => {
    await mkdir(join(room, "many"));
    await cp(join(room, "first"), join(room, "standing"), { recursive: true });
    const before = await contentOf(join(room, "standing"));
    for (let i = 0; i < 2000; i++) {
      await symlink(join(corpus, "song 0.mid"), join(room, "many", `${i}.mid`));
    }
    const out = join(room, "standing");
    const result = await runCli(["tokenize", join(room, "many"), "--out", out, "--force"], {
      onStderr: (text, kill) => {
        if (text.includes("encoding")) kill("SIGINT");
      },
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toMatch(/interrupted; nothing was written/);
    expect(await contentOf(out)).toEqual(before);
    expect((await readdir(room)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("aligns files to their beats, estimated or annotated", async () => {
    const late = join(room, "late");
    const beats = join(room, "beats");
    await mkdir(late);
    await mkdir(beats);
    for (let i = 0; i < 3; i++) {
      await writeFile(join(late, `${i}.mid`), writeScore(song(i, 290)));
      if (i === 2) continue;
      // 500 ms a quarter of 480 ticks.
      const times = Array.from({ length: 14 }, (_, beat) => `${290 / 960 + beat / 2} ${beat % 4 ? 0 : 1}`);
      await writeFile(join(beats, `${i}.txt`), times.join("\n"));
    }
    const out = (name: string): string => join(room, name);
    const meter = ["--time-signature", "4/4", "--split", "1,0,0"];
    const offset = await runCli(["tokenize", late, "--out", out("by-offset"), "--align", "offset", ...meter]);
    const marked = await runCli([
      "tokenize",
      late,
      "--out",
      out("by-beats"),
      "--align",
      beats,
      ...meter,
      "--json",
    ]);
    await runCli(["tokenize", corpus, "--out", out("on-time"), ...meter]);
    expect([offset.code, marked.code]).toEqual([0, 0]);
    expect(JSON.parse(marked.stdout)).toMatchObject({ files: 3, skipped: 1 });
    const [byOffset, byBeats, onTime] = await Promise.all(
      ["by-offset", "by-beats", "on-time"].map(async (name) => (await readDataset(out(name))).split("train")),
    );
    const contents = new Set(Array.from({ length: onTime.pieceCount }, (_, i) => onTime.piece(i).join()));
    const found = Array.from({ length: byBeats.pieceCount }, (_, i) => byBeats.piece(i).join());
    expect(found.length).toBe(2);
    expect(found.every((ids) => contents.has(ids))).toBe(true);
    expect(byOffset.pieceCount).toBe(3);
    const skipped = JSON.parse(await readFile(join(out("by-beats"), "skipped.jsonl"), "utf8"));
    expect(skipped).toMatchObject({
      source: "2.mid",
      kind: "unfit",
      reason: expect.stringContaining("2.txt"),
    });
  });

  it("keeps the splits of a JSON file of chorales", async () => {
    const file = join(room, "jsb.json");
    const steps = (bass: number) => Array.from({ length: 8 }, () => [72, 67, 60, bass]);
    await writeFile(
      file,
      JSON.stringify({ train: [steps(48), steps(50)], valid: [steps(52)], test: [steps(53)] }),
    );
    const args = ["tokenize", file, "--out", join(room, "chorales")];
    const { code } = await runCli([...args, "--tokenizer", "chorale"]);
    expect(code).toBe(0);
    const { manifest } = await readDataset(join(room, "chorales"));
    expect(manifest.splits).toEqual({
      train: { pieces: 2, tokens: 68 },
      val: { pieces: 1, tokens: 34 },
      test: { pieces: 1, tokens: 34 },
    });
    const remi = await runCli([...args, "--force"]);
    expect(remi).toMatchObject({ code: 1, stderr: expect.stringContaining("expected --tokenizer chorale") });
  });

  it("takes a tokenizer's JSON, and its own back", async () => {
    await tokenize("tsd", "--tokenizer", "tsd");
    const { tokenizer } = (await readDataset(join(room, "tsd"))).manifest;
    const file = join(room, "tokenizer.json");
    await writeFile(file, JSON.stringify(tokenizer));
    expect((await tokenize("tsd-again", "--tokenizer-config", file)).code).toBe(0);
    expect(await contentOf(join(room, "tsd-again"))).toEqual(await contentOf(join(room, "tsd")));
    const other = await tokenize("tsd-no", "--tokenizer", "remi", "--tokenizer-config", file);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("expected remi") });
  });

  it.each<readonly [string, readonly string[], number, RegExp]>([
    ["a path that isn't there", ["nowhere"], 1, /missing nowhere/],
    ["a folder without MIDI files", ["empty"], 1, /missing MIDI files/],
    ["files of which none can be read", ["corpus/broken.mid"], 1, /none of 1 files could be encoded/],
    ["a part past the whole", ["corpus", "--shard", "4/3"], 2, /shard: 4\/3/],
    ["shares that are none", ["corpus", "--split", "a,b,c"], 2, /split: a,b,c/],
    ["a meter that is none", ["corpus", "--time-signature", "4/5"], 2, /time signature: 4\/5/],
    ["beats that aren't there", ["corpus", "--align", "no-beats"], 1, /missing no-beats/],
    ["no workers", ["corpus", "--workers", "0"], 2, /--workers/],
    ["an unknown tokenizer", ["corpus", "--tokenizer", "morse"], 2, /morse/],
    ["a config that isn't there", ["corpus", "--tokenizer-config", "no.json"], 1, /missing no\.json/],
  ])("says in one line what is wrong with %s", async (_, args, code, message) => {
    await mkdir(join(room, "empty"), { recursive: true });
    const result = await runCli(["tokenize", ...args, "--out", "never"], { cwd: room });
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ {4}at /);
    expect(await readdir(room)).not.toContain("never");
  });
});
