// The npm package gpt-tfjs on a stock engine: node peers/gpt-tfjs.mjs train|decode --environment FOLDER [--backend wasm|cpu]
// It generates without a cache, so a token's time is the mean over prompts of evenly spread lengths.
import {
  backend,
  batch,
  C,
  H,
  L,
  load,
  report,
  rounds,
  startTensorFlow,
  steps,
  T,
  task,
  trainingIds,
  V,
  version,
  warmup,
} from "./options.mjs";

const tf = load("@tensorflow/tfjs");
await startTensorFlow(tf);
const { GPTLMHeadModel } = load("gpt-tfjs").model;
const rates = { dropout: 0, embdDrop: 0, residDrop: 0 };
const model = GPTLMHeadModel({ nLayer: L, nHead: H, nEmbd: C, vocabSize: V, blockSize: T, ...rates });

async function train() {
  const ids = trainingIds();
  const rows = Array.from({ length: batch }, (_, i) => ({
    x: Array.from(ids.slice(i * T, i * T + T)),
    y: Array.from(ids.slice(i * T + 1, i * T + T + 1)),
  }));
  const data = tf.data
    .array(rows)
    .map(({ x, y }) => ({ x: tf.tensor1d(x, "int32"), y: tf.oneHot(tf.tensor1d(y, "int32"), V) }));
  const times = [];
  let start = performance.now();
  let loss = 0;
  const note = (_, value, step) => {
    if (step > warmup) times.push(performance.now() - start);
    loss = value;
    start = performance.now();
  };
  const settings = { batchSize: batch, maxIter: warmup + steps, shuffle: undefined, weightDecay: 0.1 };
  await model.train(data, { ...settings, callbacks: [note] });
  return { times, loss };
}

async function decode() {
  const lengths = Array.from({ length: 4 }, (_, i) => Math.round(((2 * i + 1) * T) / 8));
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    for (const length of lengths) {
      const prompt = Array.from({ length: batch }, () => Array.from({ length }, (_, t) => (t * 31) % V));
      await model.generate(prompt, { maxNewTokens: 1 });
    }
    if (round > 0) times.push((performance.now() - start) / lengths.length);
  }
  return { times, way: "recompute" };
}

const { times, ...more } = task === "train" ? await train() : await decode();
report(`gpt-tfjs ${version("gpt-tfjs")}, ${backend}`, times, { ...more, threads: 1 });
