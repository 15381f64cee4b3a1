/**
 * The positive control: a task on which full-prefix attention is said to win.
 *
 *     node build/scripts/study/count3.js [--length 16] [--given 6] [--steps 4000] [--layers 2] [--width 64] [--prefixes 10]
 *         [--rate 0.001] [--seeds 3] [--threads 1]
 *
 * Trains a full-prefix and a causal model on Count3 sequences, the causal one on all targets of each sequence and the other on as many
 * of them as it has prefixes (all of them, if as many as there are), and writes how often each predicts the next id of unseen sequences to docs/study/count3.json. Run it in the project's folder.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type Batch,
  disposeParameters,
  forward,
  initialParameters,
  type ModelConfig,
  modelConfig,
  type Parameters,
  sampledPrefixes,
  train,
  zeroMoments,
} from "attacca";
import { chooseBackend, newRunOptions, writeAtomic } from "attacca/node";
import { count3Sequence } from "./count3-sequences.js";

const BATCH = 32;
const TESTED = 256;
const EVALUATIONS = 20;

const { values } = parseArgs({
  options: {
    length: { type: "string", default: "16" },
    given: { type: "string", default: "6" },
    steps: { type: "string", default: "4000" },
    layers: { type: "string", default: "2" },
    width: { type: "string", default: "64" },
    prefixes: { type: "string", default: "10" },
    rate: { type: "string", default: "0.001" },
    seeds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
  },
});
const [length, given, steps, layers, width, prefixes, rate, seeds, threads] = [
  values.length,
  values.given,
  values.steps,
  values.layers,
  values.width,
  values.prefixes,
  values.rate,
  values.seeds,
  values.threads,
].map(Number);

/** The share of targets that the model puts first, each by a pass over its own prefix. */
async function accuracyOf(parameters: Parameters, config: ModelConfig): Promise<number> {
  const sequences = Array.from({ length: TESTED }, (_, i) => count3Sequence({ length, given }, "test", i));
  let right = 0;
  let targets = 0;
  for (let place = given; place < length; place++) {
    const rows = sequences.map((ids) => ids.slice(0, place));
    const seen = rows.map(() => (config.attention === "full" ? place : 0));
    const logits = forward(parameters, config, rows, { prefixes: seen, positions: "last" });
    const all = (await logits.data()) as Float32Array;
    logits.dispose();
    for (const [row, ids] of sequences.entries()) {
      const own = all.subarray(row * length, (row + 1) * length);
      if (own.indexOf(own.reduce((a, b) => Math.max(a, b))) === ids[place]) right++;
      targets++;
    }
  }
  return right / targets;
}

function batchOf(step: number): Batch {
  const ids = new Int32Array(BATCH * (length - 1));
  const targets = new Int32Array(BATCH * (length - 1)).fill(-1);
  for (let row = 0; row < BATCH; row++) {
    const sequence = count3Sequence({ length, given }, "training", step * BATCH + row);
    const at = row * (length - 1);
    ids.set(sequence.slice(0, length - 1), at);
    targets.set(sequence.slice(given, length), at + given - 1);
  }
  return { ids, targets, batchSize: BATCH, length: length - 1 };
}

async function run(attention: "causal" | "full", seed: number): Promise<(readonly [number, number])[]> {
  const config = modelConfig({
    vocab_size: length,
    n_positions: length,
    n_embd: width,
    n_layer: layers,
    n_head: 4,
    attention,
  });
  const parameters = initialParameters(config, seed);
  const [first, second] = [zeroMoments(config), zeroMoments(config)];
  const every = Math.ceil(steps / EVALUATIONS);
  const settings = {
    ...newRunOptions({ steps, learningRate: rate, weightDecay: 0.01 }),
    accumulation: attention === "full" ? prefixes : 1,
    seed,
    saveEvery: steps,
  };
  const batches =
    attention === "full" ? sampledPrefixes(batchOf, { attention, count: prefixes, seed }) : batchOf;
  const accuracies: (readonly [number, number])[] = [];
  const options = { model: { config, parameters, first, second }, settings, batches };
  for await (const event of train({ ...options, now: () => performance.now(), pause: async () => {} })) {
    if (event.type !== "step" || (event.step % every !== 0 && event.step !== steps)) continue;
    const accuracy = await accuracyOf(parameters, config);
    accuracies.push([event.step, accuracy]);
    process.stderr.write(
      `${attention}, seed ${seed}, step ${event.step}: loss ${event.loss.toFixed(3)}, ${(100 * accuracy).toFixed(1)} % right\n`,
    );
  }
  for (const tensors of [parameters, first, second]) disposeParameters(tensors);
  return accuracies;
}

await chooseBackend("simd", { threads });
const runs: object[] = [];
for (let seed = 0; seed < seeds; seed++) {
  for (const attention of ["full", "causal"] as const) {
    runs.push({ attention, seed, accuracies: await run(attention, seed) });
  }
}
const record = { length, given, steps, layers, width, prefixes, rate, batchSize: BATCH, runs };
await writeAtomic(join("docs", "study", "count3.json"), `${JSON.stringify(record, undefined, 2)}\n`);
