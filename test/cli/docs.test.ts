import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commandDocs } from "../../scripts/command-docs.js";
import { runCli } from "./run-cli.js";

describe("docs/commands.md", () => {
  it("is what the commands' schemas say; `npm run docs` writes it", () => {
    const page = readFileSync(fileURLToPath(new URL("../../docs/commands.md", import.meta.url)), "utf8");
    expect(page).toBe(commandDocs());
  });
});

describe("the program", () => {
  it("lists its commands", async () => {
    const { code, stdout } = await runCli(["--help"]);
    expect(code).toBe(0);
    for (const name of ["tokenize", "train", "eval", "generate", "inspect"])
      expect(stdout).toContain(`attacca ${name}`);
  });

  it("explains itself without loading tensors", async () => {
    const preload = fileURLToPath(new URL("no-tensorflow.mjs", import.meta.url));
    const env = { NODE_OPTIONS: `--import ${preload}` };
    const help = await runCli(["train", "--help"], { env });
    expect([help.code, help.stderr]).toEqual([0, ""]);
    // The same preload does stop what needs them.
    const training = await runCli(["train", "--data", "x", "--out", "y"], { env });
    expect(training.stderr).toContain("tensors were loaded: @tensorflow/tfjs-core");
  });

  it.each([
    [[], "command"],
    [["compose"], "compose"],
    [["inspect"], "file"],
    [["tokenize", "x", "--out", "y", "--quick"], "quick"],
    [["tokenize", "x"], "--out"],
    [["train", "--data", "x", "--out", "y", "--steps", "many"], "--steps"],
  ])("says what is wrong with %j and exits with 2", async (args, word) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.toLowerCase()).toContain(word);
    expect(stderr).not.toContain("    at ");
  });

  it("prints failures as JSON too, and nothing else on stdout", async () => {
    const { code, stdout } = await runCli(["inspect", "no-such-file.mid", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "missing" } });
  });
});
