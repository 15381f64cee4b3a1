import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeScore } from "../../src/midi/index.js";
import { parsePlace, renderFiles } from "../../src/node/index.js";
import { onsets, peak } from "../sound/measure.js";
import { note, scoreOf } from "../sound/scores.js";
import { runCli } from "./run-cli.js";

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-render-"));
  const song = writeScore(
    scoreOf([{ program: 13, notes: [note(0, 60, 0.2), note(2, 64, 0.2), note(4, 67, 0.2)] }]),
  );
  await writeFile(at("song.mid"), song);
  await writeFile(at("other.mid"), song);
  await writeFile(at("broken.mid"), "no MIDI at all");
  await writeFile(at("empty.mid"), writeScore(scoreOf([])));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a WAV file as its format says, with nothing of what wrote it. */
async function readWav(path: string): Promise<{ sampleRate: number; channels: number; left: Float32Array }> {
  const bytes = await readFile(path);
  const text = (start: number): string => bytes.toString("latin1", start, start + 4);
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  expect([bytes.readUInt32LE(16), bytes.readUInt16LE(20), bytes.readUInt16LE(34)]).toEqual([16, 1, 16]);
  const channels = bytes.readUInt16LE(22);
  const sampleRate = bytes.readUInt32LE(24);
  expect(bytes.readUInt16LE(32)).toBe(2 * channels);
  expect(bytes.readUInt32LE(28)).toBe(2 * channels * sampleRate);
  expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
  const left = Float32Array.from(
    { length: (bytes.length - 44) / (2 * channels) },
    (_, i) => bytes.readInt16LE(44 + 2 * channels * i) / 32_768,
  );
  return { sampleRate, channels, left };
}

describe("attacca render", () => {
  it("writes a WAV file in which notes are where the score has them", async () => {
    const run = await runCli(["render", at("song.mid"), "--out", at("song.wav"), "--json"]);
    expect(run.code, run.stderr).toBe(0);
    const { rendered, failed } = JSON.parse(run.stdout);
    expect(failed).toEqual([]);
    expect(rendered).toMatchObject([
      { file: at("song.mid"), out: at("song.wav"), sampleRate: 44_100, warnings: [] },
    ]);
    const { sampleRate, channels, left } = await readWav(at("song.wav"));
    expect([sampleRate, channels]).toEqual([44_100, 2]);
    expect(left.length / sampleRate).toBeCloseTo(rendered[0].seconds, 6);
    expect(Math.max(-60, 20 * Math.log10(peak(left)))).toBeLessThan(0);
    const found = onsets(left, sampleRate).map((sample) => sample / sampleRate);
    expect(found).toHaveLength(3);
    [0, 2, 4].forEach((time, i) => {
      expect(Math.abs(found[i] - time)).toBeLessThan(0.01);
    });
  });

  it("renders a part by bars, at a sample rate", async () => {
    const options = ["--from", "bar:2", "--to", "3", "--sample-rate", "22050"];
    const run = await runCli(["render", at("song.mid"), "--out", at("part.wav"), ...options]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^\S+song\.mid → \S+part\.wav \(\d+ s, peak -\d+\.\d dB\)\n$/);
    const { sampleRate, left } = await readWav(at("part.wav"));
    expect(sampleRate).toBe(22_050);
    expect(onsets(left, sampleRate)).toHaveLength(1);
  });

  it("goes on past files that can't be read, and says which at the end", async () => {
    const files = ["broken.mid", "song.mid", "missing.mid", "empty.mid"].map((name) => at(name));
    const run = await runCli(["render", ...files, "--out", at("all"), "--json"]);
    expect(run.code).toBe(1);
    const { rendered, failed } = JSON.parse(run.stdout);
    expect(rendered.map(({ out }: { out: string }) => out)).toEqual([
      at("all", "song.wav"),
      at("all", "empty.wav"),
    ]);
    expect(failed.map(({ kind }: { kind: string }) => kind)).toEqual(["invalid", "missing"]);
    expect((await readdir(at("all"))).sort()).toEqual(["empty.wav", "song.wav"]);
    expect((await readWav(at("all", "empty.wav"))).left).toHaveLength(0);
    expect(run.stderr).toContain("2 of 4 that couldn't be rendered");
  });

  it("leaves files alone that are there, unless forced", async () => {
    await writeFile(at("mine.wav"), "mine");
    const args = ["render", at("empty.mid"), "--out", at("mine.wav")];
    const refused = await runCli(args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/a file that is there already.*--force replaces it/);
    expect(await readFile(at("mine.wav"), "utf8")).toBe("mine");
    expect((await runCli([...args, "--force"])).code).toBe(0);
    expect((await readWav(at("mine.wav"))).left).toHaveLength(0);
  });

  it("refuses what can't be done before it renders anything", async () => {
    const one = [at("song.mid")];
    const two = [at("song.mid"), at("other.mid")];
    const cases: [run: Parameters<typeof renderFiles>[0], says: RegExp][] = [
      [{ files: two, out: at("x.wav") }, /one file for 2 MIDI files; expected a folder/],
      [{ files: [...one, ...one], out: at("x") }, /the name of both/],
      [{ files: one, out: at("song.mid") }, /a file; expected a name in \.wav, or a folder/],
      [{ files: one, out: at("x.wav"), soundfont: at("broken.mid") }, /^invalid \S+broken\.mid: soundfont: /],
      [{ files: one, out: at("x.wav"), soundfont: at("none.sf2") }, /^missing \S+none\.sf2/],
    ];
    for (const [run, says] of cases) await expect(renderFiles(run)).rejects.toThrow(says);
    expect((await readdir(folder)).filter((name) => name.startsWith("x"))).toEqual([]);
  });

  it("says of a file whose part ends before it starts", async () => {
    const run = { files: [at("song.mid")], out: at("x.wav"), from: { seconds: 4 }, to: { seconds: 3 } };
    const { failed } = await renderFiles(run);
    expect(failed[0].error.message).toMatch(/^invalid \S+song\.mid: end in seconds: 3; expected 4 or more/);
  });

  it("calls a place that can't be read wrong usage", async () => {
    const run = await runCli(["render", at("song.mid"), "--out", at("x.wav"), "--from", "bar:0"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(
      /option --from: "bar:0"; expected seconds such as 12\.5, or a bar such as bar:9/,
    );
  });

  it("stops where it is told to, and keeps what is whole", async () => {
    const stop = new AbortController();
    const { rendered, interrupted } = await renderFiles({
      files: [at("song.mid"), at("other.mid")],
      out: at("stopped"),
      signal: stop.signal,
      onProgress: (share) => share > 0.7 && stop.abort(),
    });
    expect(interrupted).toBe(true);
    expect(rendered.map(({ out }) => out)).toEqual([at("stopped", "song.wav")]);
    expect(await readdir(at("stopped"))).toEqual(["song.wav"]);
  });

  it("ends with 130 after a Ctrl-C", async () => {
    const long = at("long.mid");
    await writeFile(long, writeScore(scoreOf([{ notes: [note(0, 60, 3000)] }])));
    const run = await runCli(["render", long, "--out", at("long.wav")], {
      onStderr(text, kill) {
        if (text.includes("soundfont: ")) kill("SIGINT");
      },
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toContain("interrupted");
    expect(await readdir(folder)).not.toContain("long.wav");
  });
});

describe("a place in a piece", () => {
  it("is seconds or a bar", () => {
    expect(parsePlace("12.5")).toEqual({ seconds: 12.5 });
    expect(parsePlace("bar:9")).toEqual({ bar: 9 });
    for (const text of ["", "-1", "bar:0", "bar:x", "1e3", "bar:99999999"]) {
      expect(() => parsePlace(text)).toThrow(/^invalid place/);
    }
  });
});
