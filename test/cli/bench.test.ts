import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

describe("attacca bench", () => {
  it("times training, and says what each kernel took", async () => {
    const { code, stdout, stderr } = await runCli(
      "bench train --preset tiny --batch-size 1 --rounds 1 --profile --threads 2 --backend simd".split(" "),
    );
    expect(stderr).toContain("backend: simd");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^train: [\d,]+ tokens\/s, [\d.]+ ms a step, [\d.]+ GFLOP\/s\n/);
    // Two blocks of four products each, in the one step that is timed.
    expect(stdout).toMatch(/AttaccaLinearGrad +8 /);
    expect(stdout).toMatch(/AttaccaAdamW +1 /);
  });

  it("times a model with lookahead keys, by the engine's own kernels", async () => {
    const flags = "--preset tiny --batch-size 1 --rounds 1 --profile --backend simd --json".split(" ");
    const { code, stdout } = await runCli(["bench", "train", "--attention", "lookahead", ...flags]);
    expect(code).toBe(0);
    const { attention, kernels } = JSON.parse(stdout);
    expect(attention).toBe("lookahead");
    expect(kernels.AttaccaLookaheadAttention.calls).toBe(2);
    expect(kernels.AttaccaLookaheadAttentionGrad.calls).toBe(2);
    // Five products of each of two blocks: one is the second projection.
    expect(kernels.AttaccaLinear.calls).toBe(10);
    expect(kernels.SplitV).toBeUndefined();
  });

  it("times generating and tokenizing, as JSON", async () => {
    for (const what of ["decode", "tokenize"]) {
      const { code, stdout } = await runCli(["bench", what, "--preset", "tiny", "--rounds", "1", "--json"]);
      expect(code).toBe(0);
      const result = JSON.parse(stdout) as Record<string, unknown>;
      expect(result.what).toBe(what);
      expect(result.tokensPerSecond).toBeGreaterThan(0);
      expect(result.backend).toBe(what === "decode" ? "simd" : undefined);
    }
  });

  it("times generating with weights in int8", async () => {
    const flags = "--preset tiny --rounds 1 --weights int8 --json".split(" ");
    const { code, stdout } = await runCli(["bench", "decode", ...flags]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ what: "decode", weights: "int8", backend: "simd" });
  });

  it.each([
    ["bench sleep", /what to time: "sleep"; expected one of train, decode, tokenize/],
    ["bench tokenize --tokenizer abacus", /value of --tokenizer: "abacus"; expected one of remi/],
    ["bench train --threads 0", /threads/],
    ["bench decode --weights int4", /value of --weights: "int4"; expected one of f32, f16, int8/],
  ])("refuses %s in one line", async (line, message) => {
    const { code, stderr } = await runCli(line.split(" "));
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
