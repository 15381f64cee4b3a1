/**
 * Makes a small checkpoint folder out of a training run, to be kept with the package: the best weights as float16, no
 * optimizer state, and a card with what it is and how good it is.
 *
 *     node build/scripts/bundle-checkpoint.js RUN DATA OUT CARD [STRIDE]
 *
 * Run it in the project's folder. RUN is the folder that `attacca train` wrote, DATA the dataset that it learned from, CARD a file with the card's first
 * part (what the model is, where the data are from); the rest of the card is measured here.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { decodeCheckpoint, encodeCheckpoint, parameterCount } from "attacca";
import { readCheckpoint, writeCheckpoint } from "attacca/node";
import { noveltySection, withSection } from "./novelty-section.js";

/** What `attacca eval --json` says, as far as the card quotes it. */
interface Score {
  readonly tokens: number;
  readonly nllPerToken: number;
  readonly nllPerNote: number;
  readonly bigramNll: number;
  readonly ngramNll: number;
}

const [run, data, out, cardPath, stride = "64"] = process.argv.slice(2);
if (cardPath === undefined) throw new Error("usage: bundle-checkpoint.js RUN DATA OUT CARD [STRIDE]");

const checkpoint = decodeCheckpoint((await readCheckpoint(run)).files);
const options: Record<string, number | string> = JSON.parse(
  await readFile(join(run, "options.json"), "utf8"),
);
const files = new Map<string, Uint8Array | string>(
  encodeCheckpoint({ ...checkpoint, optimizer: undefined }, { dtype: "f16" }),
);
await writeCheckpoint(out, files);

// What is measured is what is bundled: the rounded weights.
const scores = new Map<string, Score>();
for (const split of ["val", "test"]) {
  scores.set(split, evaluate(split));
  scores.set(`${split} without ends`, evaluate(split, "--no-score-end"));
}
files.set("README.md", withSection(await card(), noveltySection(out, data)));
await writeCheckpoint(out, files);

function evaluate(split: string, ...more: string[]): Score {
  const given = ["eval", "--checkpoint", out, "--data", data, "--split", split, "--stride", stride, "--json"];
  return JSON.parse(
    execFileSync(process.execPath, ["dist/cli/main.js", ...given, ...more], { encoding: "utf8" }),
  );
}

async function card(): Promise<string> {
  const { config } = checkpoint;
  const progress = (checkpoint.training as { progress: Record<string, number> }).progress;
  const number = (value: number): string => value.toLocaleString("en-GB");
  const bytes = files.get("model.safetensors")!.length;
  const kind =
    config.position_embedding_type === "rotary" ? "GPT-2 decoder with rotary positions" : "GPT-2 decoder";
  const row = (split: string): string => {
    const all = scores.get(split)!;
    const inner = scores.get(`${split} without ends`)!;
    const cells = [all.nllPerToken, all.nllPerNote, all.ngramNll, all.bigramNll, inner.nllPerToken];
    return `| ${split} | ${number(all.tokens)} | ${cells.map((cell) => cell.toFixed(4)).join(" | ")} |`;
  };
  return `${(await readFile(cardPath, "utf8")).trimEnd()}

## The model

${kind}, ${number(parameterCount(config))} parameters: ${config.n_layer} layers, ${config.n_head} heads, width ${config.n_embd}, context ${config.n_positions} tokens,
vocabulary ${config.vocab_size}. Weights in float16 (${number(bytes)} bytes), rounded from the float32 of training; the optimizer's state is left
out. It is the best of the run by validation loss: step ${number(progress.bestStep)} of ${number(Number(options.steps))}.

\`\`\`sh
${command()}
\`\`\`

## How good it is

Mean negative log-likelihood in nats, by \`attacca eval --stride ${stride}\` on the bundled weights. The 4-gram and the bigram
(interpolated Witten–Bell smoothing) are fitted on the same training split, without transposition.

| split | tokens | a token | a note | 4-gram, a token | bigram, a token | a token without end tokens |
| --- | --- | --- | --- | --- | --- | --- |
${row("val")}
${row("test")}
`;
}

/** The command line that gives the run, with every option said. */
function command(): string {
  const flags = Object.entries(options).map(([field, value]) => {
    const flag = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return `${flag} ${typeof value === "string" ? JSON.stringify(value) : value}`;
  });
  const lines = [`attacca train --data data/${basename(out)} --out runs/${basename(out)}`];
  for (const flag of flags) {
    if (`${lines.at(-1)} ${flag}`.length > 100) lines.push(`  ${flag}`);
    else lines[lines.length - 1] += ` ${flag}`;
  }
  return lines.join(" \\\n");
}
