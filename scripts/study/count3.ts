/**
 * The positive control: a task on which full-prefix attention is said to win.
 *
 *     node build/scripts/study/count3.js [--length 17] [--given 16] [--steps 20000] [--layers 3] [--width 64] [--prefixes 1]
 *         [--rate 0.001] [--batch 64] [--seeds 3] [--attentions full,causal] [--threads 1] [--out docs/study/count3]
 *
 * Trains a full-prefix and a causal model on Count3 sequences, the causal one on all targets of each sequence and the other on as many
 * of them as it has prefixes (all of them, if as many as there are), and writes how often each predicts the next id of unseen sequences,
 * with the curves, to the folder. Run it in the project's folder.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Batch, forward, type ModelConfig, type Parameters } from "attacca";
import { chooseBackend } from "attacca/node";
import { count3Sequence } from "#built/study/index.js";
import { controlRun, keepControlRuns } from "./control.js";

const TESTED = 512;

const { values } = parseArgs({
  options: {
    length: { type: "string", default: "17" },
    given: { type: "string", default: "16" },
    steps: { type: "string", default: "20000" },
    layers: { type: "string", default: "3" },
    width: { type: "string", default: "64" },
    prefixes: { type: "string", default: "1" },
    rate: { type: "string", default: "0.001" },
    batch: { type: "string", default: "64" },
    seeds: { type: "string", default: "3" },
    attentions: { type: "string", default: "full,causal" },
    threads: { type: "string", default: "1" },
    out: { type: "string", default: join("docs", "study", "count3") },
  },
});
const [length, given, steps, layers, width, prefixes, rate, batchSize, seeds, threads] = [
  values.length,
  values.given,
  values.steps,
  values.layers,
  values.width,
  values.prefixes,
  values.rate,
  values.batch,
  values.seeds,
  values.threads,
].map(Number);
const attentions = (["full", "causal"] as const).filter((one) => values.attentions.split(",").includes(one));

/** What a model makes of unseen sequences. */
interface Score {
  /** The share of targets that the model puts first, each by a pass over its own prefix. */
  readonly right: number;
  /** Mean negative log-likelihood of the targets, nats. */
  readonly nll: number;
}

async function scoreOf(parameters: Parameters, config: ModelConfig): Promise<Score> {
  const sequences = Array.from({ length: TESTED }, (_, i) => count3Sequence({ length, given }, "test", i));
  let [right, nll, targets] = [0, 0, 0];
  for (let place = given; place < length; place++) {
    const rows = sequences.map((ids) => ids.slice(0, place));
    const seen = rows.map(() => (config.attention === "full" ? place : 0));
    const logits = forward(parameters, config, rows, { prefixes: seen, positions: "last" });
    const all = (await logits.data()) as Float32Array;
    logits.dispose();
    for (const [row, ids] of sequences.entries()) {
      const own = all.subarray(row * length, (row + 1) * length);
      const highest = own.reduce((a, b) => Math.max(a, b));
      const sum = own.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      nll += highest + Math.log(sum) - own[ids[place]];
      if (own.indexOf(highest) === ids[place]) right++;
      targets++;
    }
  }
  return { right: right / targets, nll: nll / targets };
}

function batchOf(step: number): Batch {
  const ids = new Int32Array(batchSize * (length - 1));
  const targets = new Int32Array(batchSize * (length - 1)).fill(-1);
  for (let row = 0; row < batchSize; row++) {
    const sequence = count3Sequence({ length, given }, "training", step * batchSize + row);
    const at = row * (length - 1);
    ids.set(sequence.slice(0, length - 1), at);
    targets.set(sequence.slice(given, length), at + given - 1);
  }
  return { ids, targets, batchSize, length: length - 1 };
}

await chooseBackend("simd", { threads });
const task = { vocabulary: length, length, width, layers, steps, rate, prefixes, batches: batchOf };
const measures = { length, given, steps, layers, width, prefixes, rate, batchSize };
await keepControlRuns({ out: values.out, seeds, attentions }, measures, (which) =>
  controlRun(
    task,
    which,
    scoreOf,
    ({ nll, right }) => `${nll.toFixed(3)} nats, ${(100 * right).toFixed(1)} % right`,
  ),
);
