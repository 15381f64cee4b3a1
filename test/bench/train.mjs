// Times training steps of the small model: node test/bench/train.mjs [--steps N] [--threads N] [--backend B] [--profile]
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { initialParameters, modelConfig } from "../../dist/model/index.js";
import { chooseBackend } from "../../dist/node/backend.js";
import { startSimd } from "../../dist/node/simd.js";
import { trainingStep, zeroMoments } from "../../dist/train/index.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "20" },
    warmup: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    backend: { type: "string", default: "simd" },
    build: { type: "string" },
    dropout: { type: "string", default: "0" },
    width: { type: "string", default: "256" },
    context: { type: "string", default: "256" },
    batch: { type: "string", default: "8" },
    profile: { type: "boolean", default: false },
    peak: { type: "boolean", default: false },
  },
});
const number = (name) => Number(values[name]);
const rate = number("dropout");
const config = modelConfig({
  vocab_size: 512,
  n_positions: number("context"),
  n_embd: number("width"),
  n_layer: 4,
  n_head: number("width") / 64,
  resid_pdrop: rate,
  embd_pdrop: rate,
  attn_pdrop: rate,
});
let build = values.backend;
if (values.backend === "simd") {
  const engine = await startSimd({ threads: number("threads"), build: values.build });
  await tf.setBackend("simd");
  build = engine.build;
} else build = (await chooseBackend(values.backend)).why.replace(/; asked for$/, "");

const profile = new Map();
if (values.profile) {
  const run = tf.engine().runKernel.bind(tf.engine());
  tf.engine().runKernel = (name, inputs, attributes) => {
    const start = performance.now();
    const result = run(name, inputs, attributes);
    const entry = profile.get(name) ?? { ms: 0, calls: 0 };
    entry.ms += performance.now() - start;
    entry.calls++;
    profile.set(name, entry);
    return result;
  };
}

const parameters = initialParameters(config, 1);
const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
const length = config.n_positions;
const batchSize = number("batch");
const ids = Int32Array.from({ length: batchSize * length + 1 }, (_, i) => (i * 7919 + (i >> 3)) % 512);
const batch = { ids: ids.slice(0, -1), targets: ids.slice(1), batchSize, length };
const times = [];
let loss = 0;
const steps = number("steps");
const warmup = number("warmup");
for (let step = 1; step <= warmup + steps; step++) {
  if (step === warmup + 1) profile.clear();
  const start = performance.now();
  const options = { step, learningRate: 1e-3, seed: 1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, clip: 1 };
  loss = (await trainingStep(model, [batch], options)).loss;
  if (step > warmup) times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
const median = times[times.length >> 1];
// Kaplan et al. 2020: 6 FLOPs a parameter and token, and the attention's own (causal: half of the square).
const count =
  [...parameters.values()].reduce((sum, p) => sum + p.size, 0) - parameters.get("wpe.weight").size;
const tokens = batchSize * length;
const flops = 6 * count * tokens + 6 * 2 * config.n_layer * tokens * (length / 2) * config.n_embd;
const rssMB = Math.round(process.resourceUsage().maxRSS / 1024);
const { bytesPeak, bytesReserved } = tf.memory();

/** The engine's own peak: GFLOP/s of its best of 30 products of matrices, 1,024 × 1,024 each. */
function peak() {
  const [a, b] = [tf.ones([1024, 1024]), tf.ones([1024, 1024])];
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 30; i++) {
    const start = performance.now();
    tf.matMul(a, b).dispose();
    best = Math.min(best, performance.now() - start);
  }
  return 2 ** 31 / best / 1e6;
}
console.log(
  JSON.stringify({
    engine: build,
    node: process.version,
    threads: number("threads"),
    msMedian: +median.toFixed(1),
    msBest: +times[0].toFixed(1),
    tokensPerSecond: Math.round((tokens / median) * 1e3),
    gflops: +(flops / median / 1e6).toFixed(1),
    loss,
    peakGflops: values.peak ? +peak().toFixed(1) : undefined,
    rssMB,
    memory: bytesPeak,
    reserved: bytesReserved,
  }),
);
for (const [name, { ms, calls }] of [...profile].sort((a, b) => b[1].ms - a[1].ms).slice(0, 25)) {
  console.log(name.padEnd(28), (ms / steps).toFixed(2), "ms a step", calls / steps, "calls");
}
