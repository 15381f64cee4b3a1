import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-export-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("attacca export", () => {
  it("writes a file that holds piece, player and instruments", async () => {
    const html = join(folder, "piece.html");
    const done = await runCli([
      "export",
      "data/prompts/chorale.mid",
      "--html",
      html,
      "--prompt-end",
      "bar:3",
      "--json",
    ]);
    expect(done.code, done.stderr).toBe(0);
    const text = await readFile(html, "utf8");
    expect(JSON.parse(done.stdout)).toEqual({
      file: "data/prompts/chorale.mid",
      html,
      bytes: Buffer.byteLength(text),
      title: "chorale",
      sound: "soundfont",
    });
    const midi = await readFile("data/prompts/chorale.mid", "base64");
    expect(text).toContain(`src="data:audio/midi;base64,${midi}" title="chorale" prompt-end="bar:3"`);
    expect(text.includes(await readFile("dist/soundfont/sonivox.sf3", "base64"))).toBe(true);
  });

  it("writes a small one with the synthesizer, and replaces one with --force only", async () => {
    const html = join(folder, "small.html");
    const args = [
      "export",
      "data/prompts/chorale.mid",
      "--html",
      html,
      "--sound",
      "synth",
      "--title",
      "<i>Mine</i>",
    ];
    const first = await runCli(args);
    expect(first.code, first.stderr).toBe(0);
    const text = await readFile(html, "utf8");
    expect(text).toContain("<title>&lt;i&gt;Mine&lt;/i&gt;</title>");
    expect(text.includes(' soundfont="data:')).toBe(false);
    const second = await runCli(args);
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(/there already.*--force replaces it/),
    ]);
    expect((await runCli([...args, "--force"])).code).toBe(0);
  });

  it("says what is wrong, and writes nothing then", async () => {
    const text = join(folder, "no.mid");
    await writeFile(text, "no MIDI");
    const html = join(folder, "no.html");
    const bad = await runCli(["export", text, "--html", html]);
    expect(bad.code).toBe(1);
    expect(bad.stderr.trim().split("\n")).toHaveLength(1);
    expect(bad.stderr).toContain("no.mid");
    await expect(readFile(html)).rejects.toThrow(/ENOENT/);
    expect(
      (await runCli(["export", "data/prompts/chorale.mid", "--html", html, "--prompt-end", "soon"])).code,
    ).toBe(2);
    expect((await runCli(["export", join(folder, "none.mid"), "--html", html])).code).toBe(1);
  });
});
