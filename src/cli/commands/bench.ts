import { z } from "zod";
import { unknown } from "../../errors.js";
import type { AttentionKind } from "../../model/choices.js";
import type { BenchResult } from "../../node/bench.js";
import { tokenizerNames } from "../../tokens/index.js";
import { defineCommand, Interrupted, UsageError } from "../command.js";
import { backendOption, threadsOption, weightsOption } from "../engine.js";
import type { Progress, Terminal } from "../terminal.js";

/** Those that train on whole windows. */
const benchAttentions = ["causal", "lookahead"] as const satisfies readonly AttentionKind[];

const options = z.object({
  preset: z.enum(["tiny", "small", "medium"]).default("small").describe("measures of the model"),
  batchSize: z
    .number()
    .int()
    .min(1, "1 or more")
    .optional()
    .describe("sequences at once (default: 8 in training, 1 in generating)"),
  attention: z
    .enum(benchAttentions)
    .default("causal")
    .describe("attention of the model that is trained or generates"),
  rounds: z.number().int().min(1, "1 or more").default(10).describe("steps or rounds that are timed"),
  backend: backendOption,
  threads: threadsOption,
  weights: weightsOption,
  tokenizer: z.enum(tokenizerNames).default("remi").describe("tokenizer, for tokenize"),
  profile: z.boolean().default(false).describe("show what each kernel took (train, simd engine)"),
});

export const benchCommand = defineCommand({
  name: "bench",
  summary: "time training, generating or tokenizing on this machine",
  positionals: { name: "what", description: "train, decode or tokenize", count: "one" },
  options,
  examples: [
    ["attacca bench train", "steps of training of a small model"],
    ["attacca bench train --profile", "and what each kernel took"],
    ["attacca bench train --attention lookahead", "what lookahead keys cost"],
    ["attacca bench decode --weights int8", "generating with 8-bit weights"],
    ["attacca bench decode --batch-size 8 --threads 1", "eight sequences at once, one thread"],
  ],
  async run({ options, positionals, terminal, signal }) {
    const what = positionals[0];
    if (what !== "train" && what !== "decode" && what !== "tokenize") {
      throw new UsageError(unknown("what to time", what, ["train", "decode", "tokenize"]).message);
    }
    let bar: Progress | undefined;
    const common = {
      ...options,
      signal,
      onProgress(done: number) {
        bar ??= terminal.progress(options.rounds, "rounds");
        bar.update(done);
      },
    };
    let result: BenchResult;
    try {
      const bench = await import("../../node/bench.js");
      if (what === "train") result = await bench.benchTrain({ ...common, batchSize: options.batchSize ?? 8 });
      else if (what === "decode") {
        result = await bench.benchDecode({ ...common, batchSize: options.batchSize ?? 1 });
      } else {
        result = await bench.benchTokenize(common);
      }
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      throw error;
    } finally {
      bar?.stop();
    }
    printResult(result, what, terminal);
    const { kernels, backend, ...numbers } = result;
    return {
      what,
      ...(what === "tokenize" ? {} : { attention: options.attention }),
      ...(what === "decode" ? { weights: options.weights } : {}),
      ...numbers,
      backend: backend?.name,
      kernels: kernels && Object.fromEntries(kernels),
    };
  },
});

function printResult(result: BenchResult, what: string, terminal: Terminal): void {
  const { backend, tokensPerSecond, milliseconds, gflops, peakMemory, kernels } = result;
  if (backend !== undefined) terminal.note(`backend: ${backend.name} (${backend.why})`);
  const unit = { train: "a step", decode: "a token", tokenize: "for all tunes" }[what];
  const speed = Math.round(tokensPerSecond).toLocaleString("en-GB");
  const flops = gflops === undefined ? "" : `, ${gflops.toFixed(1)} GFLOP/s`;
  terminal.print(`${what}: ${speed} tokens/s, ${milliseconds.toFixed(3)} ms ${unit}${flops}`);
  terminal.print(`peak memory of the process: ${Math.round(peakMemory / 2 ** 20)} MiB`);
  if (kernels === undefined) return;
  const all = [...kernels].sort((a, b) => b[1].milliseconds - a[1].milliseconds);
  const total = all.reduce((sum, [, times]) => sum + times.milliseconds, 0);
  terminal.print(`\n${"kernel".padEnd(30)}${"calls".padStart(7)}${"ms".padStart(11)}   share   GFLOP/s`);
  for (const [name, { calls, milliseconds: time, flops: operations }] of all) {
    const share = `${((100 * time) / total).toFixed(1)} %`.padStart(8);
    const rate = operations === 0 ? "" : (operations / time / 1e6).toFixed(1).padStart(10);
    terminal.print(
      `${name.padEnd(30)}${String(calls).padStart(7)}${time.toFixed(2).padStart(11)}${share}${rate}`,
    );
  }
}
