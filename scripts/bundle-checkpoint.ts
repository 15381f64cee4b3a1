/**
 * Makes a small checkpoint folder out of a training run, to be kept with the package: the best weights as float16, no
 * optimizer state, and a card with what it is and how good it is.
 *
 *     node build/scripts/bundle-checkpoint.js RUN DATA OUT CARD
 *
 * RUN is the folder that `attacca train` wrote, DATA the dataset that it learned from, CARD a file with the card's first
 * part (what the model is, where the data are from); the rest of the card is measured here.
 */
import { readFile } from "node:fs/promises";
import { decodeCheckpoint, encodeCheckpoint, writeSafetensors } from "../src/checkpoint/index.js";
import { parameterCount, parameterShapes } from "../src/model/index.js";
import { type CheckpointFiles, readCheckpoint, writeCheckpoint } from "../src/node/checkpoint.js";
import { type CheckpointEvaluation, evaluateCheckpoint } from "../src/node/evaluate.js";
import { readRunOptions, type TrainRunOptions } from "../src/node/train-options.js";

const [run, data, out, cardPath] = process.argv.slice(2);
if (cardPath === undefined) throw new Error("usage: bundle-checkpoint.js RUN DATA OUT CARD");

const checkpoint = decodeCheckpoint((await readCheckpoint(run)).files);
const options = (await readRunOptions(run))!;
const files = new Map<string, Uint8Array | string>(encodeCheckpoint({ ...checkpoint, optimizer: undefined }));
const tensors = new Map(
  [...parameterShapes(checkpoint.config)].map(([name, shape]) => [
    `transformer.${name}`,
    { shape, values: checkpoint.parameters.get(name)! },
  ]),
);
files.set("model.safetensors", writeSafetensors(tensors, { format: "pt" }, "F16"));
await writeCheckpoint(out, files);

// What is measured is what is bundled: the rounded weights.
const scores = new Map<string, CheckpointEvaluation>();
for (const split of ["val", "test"] as const) {
  for (const scoreEnd of [true, false]) {
    const score = await evaluateCheckpoint({ checkpoint: out, data, split, scoreEnd, stride: 64 });
    scores.set(`${split} ${scoreEnd}`, score!);
  }
}
files.set("README.md", await card(files));
await writeCheckpoint(out, files);

async function card(files: CheckpointFiles): Promise<string> {
  const { config } = checkpoint;
  const progress = (checkpoint.training as { progress: Record<string, number> }).progress;
  const number = (value: number): string => value.toLocaleString("en-GB");
  const bytes = files.get("model.safetensors")!.length;
  const row = (split: string): string => {
    const all = scores.get(`${split} true`)!;
    const inner = scores.get(`${split} false`)!;
    const cells = [all.nllPerToken, all.nllPerNote, all.ngramNll, all.bigramNll, inner.nllPerToken];
    return `| ${split} | ${number(all.tokens)} | ${cells.map((cell) => cell.toFixed(4)).join(" | ")} |`;
  };
  return `${(await readFile(cardPath, "utf8")).trimEnd()}

## The model

GPT-2 decoder, ${number(parameterCount(config))} parameters: ${config.n_layer} layers, ${config.n_head} heads, width ${config.n_embd}, context ${config.n_positions} tokens,
vocabulary ${config.vocab_size}. Weights in float16 (${number(bytes)} bytes), rounded from the float32 of training; the optimizer's state is left
out. It is the best of the run by validation loss: step ${number(progress.bestStep)} of ${number(options.steps)}.

\`\`\`sh
${commandOf(options)}
\`\`\`

## How good it is

Mean negative log-likelihood in nats, by \`attacca eval --stride 64\` on the bundled weights. The 4-gram and the bigram
(interpolated Witten–Bell smoothing) are fitted on the same training split, without transposition.

| split | tokens | a token | a note | 4-gram, a token | bigram, a token | a token without end tokens |
| --- | --- | --- | --- | --- | --- | --- |
${row("val")}
${row("test")}
`;
}

/** The command line that gives the run, with every option said. */
function commandOf(options: TrainRunOptions): string {
  const flags = Object.entries(options).map(([field, value]) => {
    const flag = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return `${flag} ${typeof value === "string" ? JSON.stringify(value) : value}`;
  });
  const lines = ["attacca train --data data/chorales --out runs/chorales"];
  for (const flag of flags) {
    if (`${lines.at(-1)} ${flag}`.length > 100) lines.push(`  ${flag}`);
    else lines[lines.length - 1] += ` ${flag}`;
  }
  return lines.join(" \\\n");
}
