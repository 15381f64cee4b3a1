/**
 * What a token and a note cost by each way of decoding, against the length of what was written before:
 *
 *     node build/scripts/study/decode-costs.js DATA [--rounds 7] [--lengths 64,128,512] [--threads 1] [--out docs/study/decode-costs]
 *
 * DATA is a dataset of chorales: its tokenizer decides what may be drawn, and its test split how many tokens a note takes. Models of the
 * study's sizes with random weights, which cost what trained ones do, write from the begin token to a full context. What is told is
 * processor time, all threads together: what else the machine does takes wall time away, and hardly any of that. The ways take turns;
 * medians over the rounds go to decode-costs.json and decode-costs.md in the folder.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type DecodeMode,
  disposeParameters,
  generate,
  initialParameters,
  type ModelConfig,
  modelConfig,
  type Parameters,
} from "attacca";
import { chooseBackend, readDataset, writeAtomic } from "attacca/node";
import { windowRuleOf } from "#built/generate/index.js";
import { notesOf, stepsOf } from "#built/study/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    lengths: { type: "string", default: "64,128,512" },
    threads: { type: "string", default: "1" },
    out: { type: "string", default: join("docs", "study", "decode-costs") },
  },
});
const rounds = Number(values.rounds);
const threads = Number(values.threads);

const sizes = {
  "2 layers, width 64": { n_layer: 2, n_embd: 64, n_head: 4 },
  "3 layers, width 128": { n_layer: 3, n_embd: 128, n_head: 4 },
} as const;

const ways: readonly {
  readonly name: string;
  readonly attention: ModelConfig["attention"];
  readonly decode: DecodeMode;
}[] = [
  { name: "causal, cached (A, A0)", attention: "causal", decode: "cached" },
  { name: "by bars, cached (C)", attention: "bar", decode: "cached" },
  { name: "causal, recompute", attention: "causal", decode: "recompute" },
  { name: "full, recompute (B, B′)", attention: "full", decode: "recompute" },
];

/** One way of writing so many tokens, and what it took in each round. */
interface Timed {
  readonly size: string;
  readonly way: string;
  readonly length: number;
  readonly decode: DecodeMode;
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** Of processor time, a token. */
  readonly milliseconds: number[];
}

const { tokenizer, split } = await readDataset(positionals[0]);
await chooseBackend("simd", { threads });
const tokensPerNote = tokensOfNote();
const timed = Object.entries(sizes).flatMap(([size, measures]) =>
  values.lengths.split(",").flatMap((text) =>
    ways.map(({ name, attention, decode }): Timed => {
      const length = Number(text);
      const config = modelConfig({
        ...measures,
        vocab_size: tokenizer.vocabulary.size,
        n_positions: length,
        attention,
      });
      const parameters = initialParameters(config, 1);
      return { size, way: name, length, decode, config, parameters, milliseconds: [] };
    }),
  ),
);
// The first round only warms up.
for (let round = 0; round <= rounds; round++) {
  for (const one of timed) {
    const started = process.cpuUsage();
    const tokens = await write(one, round);
    const { user, system } = process.cpuUsage(started);
    if (round > 0) one.milliseconds.push((user + system) / 1000 / tokens);
  }
  process.stderr.write(`round ${round} of ${rounds}\n`);
}
for (const { parameters } of timed) disposeParameters(parameters);

const rows = timed.map(({ size, way, length, milliseconds }) => {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const token = sorted[Math.floor(sorted.length / 2)];
  return {
    size,
    way,
    length,
    token,
    note: token * tokensPerNote,
    lowest: sorted[0],
    highest: sorted.at(-1)!,
  };
});
const machine = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`;
const record = { machine, threads, rounds, tokensPerNote, rows };
await writeAtomic(join(values.out, "decode-costs.json"), `${JSON.stringify(record, undefined, 2)}\n`);
await writeAtomic(join(values.out, "decode-costs.md"), page());
process.stdout.write(page());

/** Writes from the begin token to a full context; gives the number of tokens. */
async function write({ config, parameters, decode }: Timed, seed: number): Promise<number> {
  const { special } = tokenizer;
  const grammar = tokenizer.grammar();
  grammar.push(special.begin);
  let tokens = 0;
  const options = { ...windowRuleOf(tokenizer), avoid: [special.end], maxTokens: config.n_positions - 1 };
  const prompt = [special.begin];
  for await (const event of generate({ config, parameters, decode, ...options, prompt, grammar, seed })) {
    if (event.kind === "step") tokens++;
  }
  return tokens;
}

/** How many tokens a note takes in the test split: a held note is told again at each 16th. */
function tokensOfNote(): number {
  const test = split("test");
  let [tokens, notes] = [0, 0];
  for (let i = 0; i < test.pieceCount; i++) {
    const steps = stepsOf(tokenizer, test.piece(i));
    tokens += 4 * steps.length;
    notes += notesOf(steps);
  }
  return tokens / notes;
}

function page(): string {
  const lengths = values.lengths.split(",").map(Number);
  const lines = Object.keys(sizes).flatMap((size) =>
    ways.map(({ name }) => {
      const cells = lengths.map((length) => {
        const { token, note } = rows.find(
          (row) => row.size === size && row.way === name && row.length === length,
        )!;
        return `${token.toFixed(3)} / ${note.toFixed(2)}`;
      });
      return `| ${size} | ${name} | ${cells.join(" | ")} |`;
    }),
  );
  return `# Cost of decoding

Made by \`node build/scripts/study/decode-costs.js\`. Milliseconds of processor time a token / a note (${tokensPerNote.toFixed(2)} tokens), mean from the first token to a full context of so
many; medians of ${rounds} rounds in which the ways took turns. ${machine}; engine \`simd\`, threads: ${threads}.

| model | decoding | ${lengths.map((length) => `${length} tokens`).join(" | ")} |
| --- | --- | ${lengths.map(() => "---:").join(" | ")} |
${lines.join("\n")}
`;
}
