import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectionLines } from "../../src/cli/inspect-text.js";
import { writeScore } from "../../src/midi/index.js";
import { inspect } from "../../src/node/inspect.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { chorale, duo, note, score, track } from "../generate/scores.js";
import { runCli } from "./run-cli.js";
import { temporaryFolder, writeTinyCheckpoint } from "./tiny-checkpoint.js";

let folder: string;
let remove: () => Promise<void>;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  await writeFile(path("duo.mid"), writeScore(duo));
  await writeFile(path("chorale.mid"), writeScore(chorale));
});
afterAll(() => remove());

describe("attacca inspect of a MIDI file", () => {
  it("says what is in it, for people", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", "duo.mid"], { cwd: folder });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").slice(0, 9)).toEqual([
      expect.stringMatching(/^file {5}duo\.mid, \d+ bytes$/),
      "format   MIDI type 1, 480 ticks a quarter",
      "length   2 bars, 0:05 minutes, 12 notes",
      "tempo    97.984 quarters a minute",
      "meter    4/4",
      "key      C minor",
      "track 1  Flute, channel 3, 8 notes, C4 to G4",
      "track 2  Cello, channel 6, 4 notes, C2 to G2",
      "grid     onsets are 0.00 of a 16th off the grid on average (0 is on it, 0.25 is",
    ]);
    expect(stdout).toMatch(/ 1 +2/);
    expect(stdout).toContain("▀▀▀▀");
    expect(stdout).not.toContain("\x1b");
  });

  it("counts a bar into which the last note rings, above the roll and below it", async () => {
    const ringing = score([track([...Array(30).keys()].map((bar) => note(4 * bar + 3.9, 0.25, 60)))]);
    await writeFile(path("ringing.mid"), writeScore(ringing));
    const { stdout } = await runCli(["inspect", "ringing.mid"], { cwd: folder });
    expect(stdout).toContain("length   31 bars,");
    expect(stdout).toContain("bars 1 to 24 of 31");
  });

  it("gives the same as one JSON object", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", path("duo.mid"), "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      kind: "midi",
      path: path("duo.mid"),
      format: 1,
      description: { bars: 2, notes: 12, tracks: [{ name: "Flute" }, { name: "Cello" }] },
      grid: { notes: 12, meanDistance: 0, isPoor: false },
      warnings: [],
    });
    expect(result).not.toHaveProperty("score");
  });

  it("warns of notes that are off their own grid, and says what would bring them on it", async () => {
    const late = score([track(duo.tracks[0].notes.map((one) => ({ ...one, start: one.start + 50 })))]);
    await writeFile(path("late.mid"), writeScore(late));
    const found = await inspect(path("late.mid"));
    expect(found).toMatchObject({ grid: { isPoor: true, distanceWithOffset: expect.closeTo(0) } });
    const text = inspectionLines(found, 400).join("\n");
    expect(text).toContain(
      'POOR: a tokenizer on beats hears another rhythm. With an offset of 50 ticks it would be 0.00: use "--align offset"',
    );

    const loose = score([track(Array.from({ length: 40 }, (_, i) => note(i * 0.711, 0.3, 60)))]);
    await writeFile(path("loose.mid"), writeScore(loose));
    expect(inspectionLines(await inspect(path("loose.mid")), 400).join("\n")).toContain(
      "No constant offset explains it",
    );
  });

  it("tells the reader's warnings", async () => {
    const bytes = writeScore(duo);
    await writeFile(path("short.mid"), bytes.slice(0, bytes.length - 9));
    const text = inspectionLines(await inspect(path("short.mid")), 120).join("\n");
    expect(text).toMatch(/warning +byte \d+: /);
  });

  it("fits every width from 40 columns, with a name of any length", async () => {
    const named = score([track([note(0, 1, 60)], { name: "x".repeat(200) })]);
    await writeFile(path("named.mid"), writeScore(named));
    for (const name of ["duo.mid", "named.mid"]) {
      const found = await inspect(path(name));
      for (const width of [40, 57, 80, 120]) {
        for (const line of inspectionLines(found, width)) expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  it("leaves the roll out where it isn't wanted", async () => {
    const { code, stdout } = await runCli(["inspect", path("duo.mid"), "--no-roll"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("▀");
  });
});

describe("attacca inspect of a folder", () => {
  it("says what a dataset holds", async () => {
    await mkdir(path("midi"));
    await copyFile(path("chorale.mid"), path("midi/a.mid"));
    await copyFile(path("chorale.mid"), path("midi/b.mid"));
    await writeFile(path("midi/c.mid"), "no music");
    const made = await runCli([
      "tokenize",
      path("midi"),
      "--out",
      path("data"),
      "--tokenizer",
      "chorale",
      "--workers",
      "1",
    ]);
    expect(made.code, made.stderr).toBe(0);
    const lines = inspectionLines(await inspect(path("data")), 80);
    expect(lines).toContain("tokenizer  chorale, 62 ids");
    expect(lines.filter((line) => line.endsWith("1 piece, 130 tokens"))).toHaveLength(1);
    expect(lines).toContain("pieces     130 to 130 tokens, half of them up to 130");
    expect(lines).toContain("made with  --align none");
    expect(lines).toContain("left out   1 duplicate, 1 unreadable (see skipped.jsonl)");
  });

  it("says what a checkpoint holds", async () => {
    await writeTinyCheckpoint(path("model"), createTokenizer("chorale"));
    const lines = inspectionLines(await inspect(path("model")), 200);
    expect(lines).toEqual([
      expect.stringMatching(/^checkpoint {2}.*model, 0\.0 MB/),
      "model       GPT-2 decoder, 1,896 parameters",
      "measures    1 layer, 2 heads, width 8, context 64",
      "tokenizer   chorale, 62 ids",
      expect.stringMatching(/^weights {5}sha256 [0-9a-f]{16}…$/),
      "resume      for generating only (no optimizer state)",
    ]);
    const { stdout } = await runCli(["inspect", path("model"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "checkpoint", parameters: 1896, resumable: false });
  });

  it.each([
    ["nowhere", /^attacca: missing .*nowhere: expected a file there/],
    ["midi", /a folder of MIDI files; expected a MIDI file, a dataset.* such as .*midi\/a\.mid/],
    ["midi/c.mid", /invalid .*c\.mid: MIDI file: no MThd/],
    [".", /a folder of MIDI files/],
  ])("says why %s can't be looked at", async (name, message) => {
    const { code, stderr } = await runCli(["inspect", path(name)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
