/**
 * A positive control: a task that is easier where positions see what comes after them.
 *
 *     node build/scripts/study/pointers.js [--names 6] [--steps 3000] [--width 64] [--rate 0.002] [--batch 64] [--seeds 3]
 *         [--layers 2] [--threads 1] [--out docs/study/pointers]
 *
 * A sequence lists, in random order, a pointer from each of some names to another one, and ends with a query: a name, and how many
 * pointers (1 to 3) to follow from it. What is to be predicted is where that leads. Three pointers in two layers: in the first, the query
 * finds the first pointer while each pointer finds the one that it leads to; in the second, the query finds both. Under a causal mask a pointer
 * finds only what stands before it, so that half of the sequences want another way (each pointer finding the one that leads to it), and a model has
 * to learn both.
 * Writes record.json to the folder. Run it in the project's folder.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Batch, forward, type ModelConfig, type Parameters } from "attacca";
import { chooseBackend } from "attacca/node";
import { HOPS, pointerSequence, pointerVocabulary } from "#built/study/index.js";
import { controlRun, keepControlRuns } from "./control.js";

const TESTED = 1536;

const { values } = parseArgs({
  options: {
    names: { type: "string", default: "6" },
    steps: { type: "string", default: "3000" },
    layers: { type: "string", default: "2" },
    width: { type: "string", default: "64" },
    rate: { type: "string", default: "0.002" },
    batch: { type: "string", default: "64" },
    seeds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    out: { type: "string", default: join("docs", "study", "pointers") },
  },
});
const [names, steps, layers, width, rate, batchSize, seeds, threads] = [
  values.names,
  values.steps,
  values.layers,
  values.width,
  values.rate,
  values.batch,
  values.seeds,
  values.threads,
].map(Number);
/** The pointers and the query. */
const length = names + 1;

/** The share of right answers for one, two and three pointers. */
async function rightOf(parameters: Parameters, config: ModelConfig): Promise<number[]> {
  const sequences = Array.from({ length: TESTED }, (_, i) => pointerSequence(names, "test", i));
  const rows = sequences.map(({ ids }) => [...ids]);
  const prefixes = rows.map(() => (config.attention === "full" ? length : 0));
  const logits = forward(parameters, config, rows, { prefixes, positions: "last" });
  const all = (await logits.data()) as Float32Array;
  logits.dispose();
  const right = new Array<number>(HOPS).fill(0);
  for (const [row, { hops, answer }] of sequences.entries()) {
    const own = all.subarray(row * config.vocab_size, (row + 1) * config.vocab_size);
    if (own.indexOf(own.reduce((a, b) => Math.max(a, b))) === answer) right[hops - 1]++;
  }
  return right.map((count, i) => count / sequences.filter(({ hops }) => hops === i + 1).length);
}

function batchOf(step: number): Batch {
  const ids = new Int32Array(batchSize * length);
  const targets = new Int32Array(batchSize * length).fill(-1);
  for (let row = 0; row < batchSize; row++) {
    const sequence = pointerSequence(names, "training", step * batchSize + row);
    ids.set(sequence.ids, row * length);
    targets[(row + 1) * length - 1] = sequence.answer;
  }
  return { ids, targets, batchSize, length };
}

await chooseBackend("simd", { threads });
// One target a sequence, and so one prefix: both kinds learn from the same, in passes of the same cost.
const task = {
  ...{ vocabulary: pointerVocabulary(names), length, width, layers, steps, rate },
  ...{ prefixes: 1, batches: batchOf },
};
const measures = { names, steps, layers, width, rate, batchSize };
await keepControlRuns({ out: values.out, seeds, attentions: ["full", "causal"] }, measures, (which) =>
  controlRun(
    task,
    which,
    async (parameters, config) => ({ right: await rightOf(parameters, config) }),
    ({ right }) => `right ${right.map((share) => `${(100 * share).toFixed(1)} %`).join(", ")}`,
  ),
);
