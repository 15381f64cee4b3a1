import { z } from "zod";
import { splitNames } from "../../dataset/index.js";
import { weightForms } from "../../model/choices.js";
import type { CheckpointEvaluation } from "../../node/evaluate.js";
import { defineCommand, Interrupted, type JsonObject } from "../command.js";
import { backendOption, threadsOption, useThreads } from "../engine.js";
import type { Progress, Terminal } from "../terminal.js";

const optionsSchema = z.object({
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
  targets: z
    .number()
    .int()
    .min(1, "1 or more")
    .optional()
    .describe(
      "score so many tokens, evenly spread, instead of all: with full attention each takes a pass of its own",
    ),
  novelty: z
    .boolean()
    .default(false)
    .describe("instead of scoring: the longest runs of samples that stand in the training split, in any key"),
  samples: z
    .string()
    .min(1, "a folder")
    .default("generated")
    .describe("with --novelty: folder of MIDI files, or generated: pieces from nothing"),
  count: z
    .number()
    .int()
    .min(1, "1 or more")
    .max(1024, "1,024 at most")
    .default(16)
    .describe("generated samples"),
  bars: z
    .number()
    .int()
    .min(1, "1 or more")
    .max(1000, "1,000 at most")
    .default(16)
    .describe("bars in each of them"),
  seed: z.number().int().min(0, "0 or more").default(0).describe("decides what is generated"),
  weights: z
    .enum(weightForms)
    .default("f32")
    .describe(
      "f16 and int8 score the weights rounded to 16 or 8 bits beside the floats, and say what it costs",
    ),
  backend: backendOption,
  threads: threadsOption,
});

export const evalCommand = defineCommand({
  name: "eval",
  summary: "score a checkpoint on a dataset, beside n-gram models",
  options: optionsSchema,
  examples: [
    ["attacca eval --checkpoint runs/chorales --data data/chorales", "the run's best checkpoint"],
    ["attacca eval --checkpoint runs/chorales/last --data data/chorales --split test", "its last one"],
    [
      "attacca eval --checkpoint runs/chorales --data data/chorales --novelty",
      "whether it copies or composes",
    ],
    ["attacca eval --checkpoint c --data d --weights int8", "and what 8-bit weights cost"],
    [
      "attacca eval --checkpoint c --data d --targets 2000 --json",
      "an estimate, with what each piece has to it",
    ],
  ],
  async run({ options, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    if (options.novelty) return measureNovelty(options, terminal, signal);
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

async function measureNovelty(
  options: z.output<typeof optionsSchema>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { evaluateNovelty } = await import("../../node/novelty.js");
  const { noveltyLines } = await import("../novelty-text.js");
  let bar: Progress | undefined;
  try {
    const report = await evaluateNovelty({
      ...options,
      signal,
      onStart({ folder, backend }) {
        terminal.note(`model: ${folder}; backend: ${backend.name} (${backend.why})`);
      },
      onProgress(share) {
        bar ??= terminal.progress(100, "% generated");
        bar.update(Math.floor(100 * share));
      },
    });
    bar?.stop();
    if (report === undefined) throw new Interrupted("interrupted; an evaluation leaves nothing behind");
    for (const line of noveltyLines(report)) terminal.print(line);
    return { ...report };
  } finally {
    bar?.stop();
  }
}

function printResult(result: CheckpointEvaluation, terminal: Terminal): void {
  const { tokens, notes, pieces, split } = result;
  const number = (value: number): string => value.toLocaleString("en-GB");
  terminal.print(
    `${result.checkpoint} on ${split}: ${number(pieces)} pieces, ${number(tokens)} tokens, ${number(notes)} notes`,
  );
  const row = (name: string, nll: number, perplexity = "", digits = 4): void =>
    terminal.print(`${name.padEnd(20)}${nll.toFixed(digits).padStart(10)} nats a token${perplexity}`);
  row("model", result.nllPerToken, `, perplexity ${result.perplexity.toFixed(3)}`);
  for (const form of ["f16", "int8"] as const) {
    const rounded = result[form];
    if (rounded === undefined) continue;
    row(`model in ${form}`, rounded.nllPerToken, `, perplexity ${rounded.perplexity.toFixed(3)}`);
    row(`cost of ${form}`, rounded.cost, "", 5);
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
