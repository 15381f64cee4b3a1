import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

const generate = ["generate", "--checkpoint", "model", "--out", "new.mid"];

describe("a command line that can't be read", () => {
  it.each([
    ["no command", [], /^no command: expected one of tokenize, merge/],
    ["an unknown command", ["nonsense", "--json"], /^unknown command: "nonsense"; expected one of tokenize/],
    ["a misspelt command", ["tokenise", "corpus"], /^unknown command: "tokenise".*Did you mean tokenize\?$/],
    ["a missing word", ["inspect"], /^missing <file>: expected MIDI file.*See "attacca inspect --help"$/],
    ["a missing option", ["tokenize", "corpus"], /^missing option --out: expected dataset folder to write/],
    ["an unknown option", [...generate, "--colour", "red"], /^Unknown argument: colour/],
    ["an option without its value", [...generate, "--count"], /^missing value of --count/],
    [
      "a word for a number",
      [...generate, "--count", "many"],
      /^invalid option --count: "many"; expected a num/,
    ],
    ["no number", [...generate, "--seed", "NaN"], /^invalid option --seed: "NaN"; expected a number/],
    [
      "a number below 0",
      [...generate, "--temperature", "-1e-5"],
      /--temperature: -0.00001; expected above 0/,
    ],
    [
      "an unknown choice",
      [...generate, "--decode", "fast"],
      /^unknown value of --decode: "fast".*cached, rec/,
    ],
    [
      "bars of no prompt",
      [...generate, "--prompt-bars", "2"],
      /--prompt-bars: 2; expected a --prompt with it/,
    ],
    [
      "no meter",
      [...generate, "--prompt", "a.mid", "--time-signature", "4/3"],
      /^invalid time signature: 4\/3/,
    ],
  ])("is refused in one line, with exit code 2: %s", async (_, args, message) => {
    const { code, stdout, stderr } = await runCli([...args, "--json"]);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { kind: string; message: string } };
    expect(error.kind).toBe("usage");
    expect(error.message).toMatch(message);
    expect(stderr).toBe(`attacca: ${error.message}\n`);
  });
});

describe("a flag that is given twice", () => {
  it("has its last value, be it 1", async () => {
    const { code, stderr } = await runCli([...generate, "--top-p", "0.5", "--bars", "1", "--top-p", "1"]);
    // With 0.5 and 1 added up the option itself would be refused, with exit code 2.
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^attacca: missing model: expected a checkpoint/),
    ]);
  });
});

describe("a width that the environment sets", () => {
  it("is kept where stdout is no terminal", async () => {
    const { stdout } = await runCli(["train", "--help"], { env: { COLUMNS: "60" } });
    const longest = Math.max(...stdout.split("\n").map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(60);
    expect(longest).toBeGreaterThan(50);
  });
});
