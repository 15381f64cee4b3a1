import { z } from "zod";
import { splitNames } from "../../dataset/index.js";
import { weightForms } from "../../model/choices.js";
import type { CheckpointEvaluation } from "../../node/evaluate.js";
import { defineCommand, Interrupted } from "../command.js";
import { backendOption, threadsOption, useThreads } from "../engine.js";
import type { Progress, Terminal } from "../terminal.js";

const options = z.object({
  checkpoint: z.string().min(1, "a folder").describe("checkpoint folder, or the folder of a training run"),
  data: z.string().min(1, "a folder").describe("dataset folder, made with the checkpoint's tokenizer"),
  split: z.enum(splitNames).default("val").describe("pieces to score"),
  batchSize: z.number().int().min(1, "1 or more").default(8).describe("windows scored at once"),
  stride: z
    .number()
    .int()
    .min(1, "1 or more")
    .optional()
    .describe("tokens between windows (default: half the context); less sees more, and takes longer"),
  scoreEnd: z.boolean().default(true).describe("score the end token of each piece"),
  weights: z
    .enum(weightForms)
    .default("f32")
    .describe("int8 scores the weights rounded to 8 bits beside the floats, and says what it costs"),
  backend: backendOption,
  threads: threadsOption,
});

export const evalCommand = defineCommand({
  name: "eval",
  summary: "score a checkpoint on a dataset, beside n-gram models",
  options,
  examples: [
    ["attacca eval --checkpoint runs/chorales --data data/chorales", "the run's best checkpoint"],
    ["attacca eval --checkpoint runs/chorales/last --data data/chorales --split test", "its last one"],
    ["attacca eval --checkpoint c --data d --weights int8", "and what 8-bit weights cost"],
  ],
  async run({ options, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    const { evaluateCheckpoint } = await import("../../node/evaluate.js");
    let bar: Progress | undefined;
    try {
      const result = await evaluateCheckpoint({
        ...options,
        signal,
        onStart({ folder, backend }) {
          terminal.note(`model: ${folder}; backend: ${backend.name} (${backend.why})`);
        },
        onProgress(done, tokens) {
          bar ??= terminal.progress(tokens, "tokens");
          bar.update(done);
        },
      });
      bar?.stop();
      if (result === undefined) throw new Interrupted("interrupted; an evaluation leaves nothing behind");
      printResult(result, terminal);
      return { ...result };
    } finally {
      bar?.stop();
    }
  },
});

function printResult(result: CheckpointEvaluation, terminal: Terminal): void {
  const { tokens, notes, pieces, split } = result;
  const number = (value: number): string => value.toLocaleString("en-GB");
  terminal.print(
    `${result.checkpoint} on ${split}: ${number(pieces)} pieces, ${number(tokens)} tokens, ${number(notes)} notes`,
  );
  const row = (name: string, nll: number, perplexity = "", digits = 4): void =>
    terminal.print(`${name.padEnd(20)}${nll.toFixed(digits).padStart(10)} nats a token${perplexity}`);
  row("model", result.nllPerToken, `, perplexity ${result.perplexity.toFixed(3)}`);
  if (result.int8) {
    const { nllPerToken, perplexity, cost } = result.int8;
    row("model in int8", nllPerToken, `, perplexity ${perplexity.toFixed(3)}`);
    row("cost of int8", cost, "", 5);
  }
  row("4-gram, smoothed", result.ngramNll);
  row("bigram, smoothed", result.bigramNll);
  terminal.print(`${"model".padEnd(20)}${result.nllPerNote.toFixed(4).padStart(10)} nats a note`);
  if (!result.beatsNgrams) {
    terminal.print(
      "This model does not beat the n-gram models: it isn't worth using. Train it longer, or on more.",
    );
  }
}
