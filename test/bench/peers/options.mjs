// What every peer in JavaScript shares: its options, the package it times, and the line of JSON it prints.
import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";

const { values, positionals } = util.parseArgs({
  allowPositionals: true,
  options: {
    environment: { type: "string", default: "." },
    backend: { type: "string", default: "wasm" },
    threads: { type: "string", default: "2" },
    steps: { type: "string", default: "3" },
    warmup: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    width: { type: "string", default: "256" },
    context: { type: "string", default: "256" },
    batch: { type: "string" },
  },
});

/** "train" or "decode". */
export const task = positionals[0];
export const environment = values.environment;
export const backend = values.backend;
export const threads = Number(values.threads);
export const steps = Number(values.steps);
export const warmup = Number(values.warmup);
export const rounds = Number(values.rounds);
export const batch = Number(values.batch ?? (task === "train" ? 8 : 1));
/** The model's measures. */
export const V = 512;
export const L = 4;
export const C = Number(values.width);
export const T = Number(values.context);
export const H = C / 64;

/** Loads a package of the peer's own environment, never of this project's. */
export const load = createRequire(join(environment, "package.json"));
/** The version of a package there. */
export const version = (name) => load(join(environment, "node_modules", name, "package.json")).version;

/** The package of the stock engine that was asked for: wasm, cpu, or node (TensorFlow's native library). */
export const enginePackage =
  backend === "node" ? "@tensorflow/tfjs-node" : `@tensorflow/tfjs-backend-${backend}`;

/** Starts the stock engine that was asked for. */
export async function startTensorFlow(tf) {
  // Node 23 and later have no longer what tfjs-node 4.22 calls.
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  load(enginePackage);
  await tf.setBackend(backend === "node" ? "tensorflow" : backend);
  await tf.ready();
}

/** The median, the middle one but one of an even number. */
export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

/** Index of the highest number. */
export function argMax(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** The ids that every peer trains on: batch · context + 1 of them. */
export const trainingIds = () =>
  Int32Array.from({ length: batch * T + 1 }, (_, i) => (i * 7919 + (i >> 3)) % V);

/** Prints what was found: times in ms, of a training step or of one generated token. */
export function report(engine, times, more = {}) {
  const ms = median(times);
  const tokens = task === "train" ? batch * T : batch;
  console.log(
    JSON.stringify({
      engine,
      node: process.version,
      threads,
      batch,
      msMedian: +ms.toFixed(3),
      tokensPerSecond: +((1e3 * tokens) / ms).toPrecision(5),
      rssMB: Math.round(process.resourceUsage().maxRSS / 1024),
      ...more,
    }),
  );
}
