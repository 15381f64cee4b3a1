import { z } from "zod";
import type { Tokenized } from "../../node/tokenize.js";
import { tokenizerNames } from "../../tokens/index.js";
import { defineCommand, Interrupted, type JsonObject, usage } from "../command.js";
import { counted, type Terminal } from "../terminal.js";

const options = z.object({
  out: z.string().min(1, "a folder").describe("dataset folder to write"),
  tokenizer: z
    .enum(tokenizerNames)
    .optional()
    .describe("how music becomes tokens (default: remi, or what --tokenizer-config says)"),
  tokenizerConfig: z.string().optional().describe("tokenizer's JSON, as MidiTok or attacca writes it"),
  workers: z
    .number()
    .int()
    .min(1, "1 or more")
    .max(1024, "1,024 at most")
    .optional()
    .describe("worker threads (default: one a core)"),
  align: z
    .string()
    .min(1, "none, offset or a path")
    .default("none")
    .describe(
      "bring each file to its beats: none, offset (estimated), or annotated beats (a file or folder)",
    ),
  timeSignature: z.string().optional().describe("meter in place of the files' own, e.g. 4/4"),
  melody: z
    .string()
    .min(1, "a track's name or number")
    .optional()
    .describe(
      "encode this track (its name, or its number from 1) apart from all others, for train --task harmonize",
    ),
  split: z.string().default("90,5,5").describe("shares of the train, val and test splits"),
  shard: z.string().optional().describe("take only part i of N (i/N, from 1); see attacca merge"),
  force: z.boolean().default(false).describe("replace a dataset that is there"),
});

export const tokenizeCommand = defineCommand({
  name: "tokenize",
  summary: "turn MIDI files into a dataset folder",
  positionals: { name: "paths", description: "folders and .mid files", count: "many" },
  options,
  examples: [
    ["attacca tokenize my-midi --out data/my-midi", "all .mid files under a folder"],
    ["attacca tokenize my-midi --out part-2 --shard 2/4", "a quarter of them, on one of four machines"],
    ["attacca tokenize pop --out data/pop --align offset --time-signature 4/4", "files off their own grid"],
    [
      "attacca tokenize pop909 --out data/pairs --melody MELODY --align offset --time-signature 4/4",
      "melodies apart from the piano that is played to them",
    ],
    ["attacca tokenize Jsb16thSeparated.json --tokenizer chorale --out data/chorales", "the JSB chorales"],
  ],
  async run({ options, positionals, terminal, signal }) {
    const { checkDatasetTarget, parsePart, tokenize, tokenizerJSON, writeDataset } = await import(
      "../../node/index.js"
    );
    const { parseMeter, parseSplitShares } = await import("../../dataset/index.js");
    const shares = usage(() => parseSplitShares(options.split));
    const { shard, timeSignature: meter, melody } = options;
    const part = shard === undefined ? undefined : usage(() => parsePart(shard));
    const timeSignature = meter === undefined ? undefined : usage(() => parseMeter(meter));
    const align = options.align === "none" || options.align === "offset" ? options.align : "beats";
    await checkDatasetTarget(options.out, options.force);
    const tokenizer = await tokenizerJSON(options.tokenizer, options.tokenizerConfig);
    const started = performance.now();
    let bar: ReturnType<typeof terminal.progress> | undefined;
    try {
      const result = await tokenize({
        paths: positionals,
        tokenizer,
        preparation: {
          align,
          ...(timeSignature && { timeSignature }),
          ...(melody !== undefined && { melody }),
        },
        beats: align === "beats" ? options.align : undefined,
        shares,
        part,
        workers: options.workers,
        signal,
        onStart(total, threads) {
          if (!process.stderr.isTTY)
            terminal.note(`attacca: encoding ${counted(total, "file")} on ${counted(threads, "thread")}`);
          bar = terminal.progress(total, "files");
        },
        onProgress(done) {
          bar?.update(done);
        },
      });
      bar?.stop();
      await writeDataset(options.out, result.dataset.files, { force: options.force, signal });
      const summary = summaryOf(result, (performance.now() - started) / 1000);
      printSummary(terminal, options.out, result, summary);
      return { out: options.out, ...summary };
    } catch (error) {
      bar?.stop();
      if (signal.aborted) throw new Interrupted("interrupted; nothing was written");
      throw error;
    }
  },
});

function summaryOf(result: Tokenized, seconds: number) {
  const { splits } = result.dataset.manifest;
  return {
    files: result.files,
    skipped: result.dataset.skipped.length,
    tokens: splits.train.tokens + splits.val.tokens + splits.test.tokens,
    filesPerSecond: Number((result.files / seconds).toFixed(1)),
    seconds: Number(seconds.toFixed(3)),
    filesWithWarnings: result.filesWithWarnings,
    splits,
  } satisfies JsonObject;
}

function printSummary(
  terminal: Terminal,
  out: string,
  result: Tokenized,
  summary: ReturnType<typeof summaryOf>,
): void {
  const number = (value: number): string => value.toLocaleString("en");
  const { splits } = summary;
  for (const [i, name] of (["train", "val", "test"] as const).entries()) {
    const { pieces, tokens } = splits[name];
    terminal.print(
      `${name.padEnd(6)}${number(pieces).padStart(9)} pieces ${number(tokens).padStart(14)} tokens`,
    );
    if (pieces === 0 && result.dataset.manifest.shares[i] > 0)
      terminal.note(`attacca: the ${name} split is empty; give more files or another --split`);
  }
  for (const [kind, count] of countBy(result.dataset.skipped.map((file) => file.kind))) {
    terminal.print(`left out: ${number(count)} ${kind}, listed in skipped.jsonl`);
  }
  terminal.print(
    `${number(summary.files)} files in ${summary.seconds.toFixed(1)} s (${number(summary.filesPerSecond)} a second) → ${out}`,
  );
}

function countBy(words: readonly string[]): [word: string, count: number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
