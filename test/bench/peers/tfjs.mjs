// GPT-2 as one writes it in stock TensorFlow.js, after nanoGPT: node peers/tfjs.mjs train|decode --environment FOLDER
// [--backend wasm|cpu|node]. Decoding keeps keys and values, as tensors that grow by a row a token.
import { availableParallelism } from "node:os";
import {
  argMax,
  backend,
  batch,
  C,
  enginePackage,
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

const weights = new Map();
function weight(name, shape, deviation) {
  const start =
    deviation === undefined
      ? tf.ones(shape)
      : deviation
        ? tf.randomNormal(shape, 0, deviation)
        : tf.zeros(shape);
  weights.set(name, tf.variable(start));
}
weight("wte", [V, C], 0.02);
weight("wpe", [T, C], 0.02);
const norms = ["ln_f"];
for (let l = 0; l < L; l++) {
  for (const [name, inputs, outputs] of [
    ["qkv", C, 3 * C],
    ["proj", C, C],
    ["fc", C, 4 * C],
    ["out", 4 * C, C],
  ]) {
    weight(`${l}.${name}.w`, [inputs, outputs], 0.02);
    weight(`${l}.${name}.b`, [outputs], 0);
  }
  norms.push(`${l}.ln_1`, `${l}.ln_2`);
}
for (const name of norms) {
  weight(`${name}.w`, [C]);
  weight(`${name}.b`, [C], 0);
}
const w = (name) => weights.get(name);

const linear = (x, name) => tf.add(tf.matMul(x, w(`${name}.w`)), w(`${name}.b`));
function norm(x, name) {
  const { mean, variance } = tf.moments(x, -1, true);
  const even = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(even, w(`${name}.w`)), w(`${name}.b`));
}
function gelu(x) {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}
// Later positions get a score of −1e9.
const future = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([T, T]), -1, 0)), -1e9));

/** x [rows · time, width] → the same after all blocks; a cache is a list of keys and values for each layer. */
function blocks(x, rows, time, cache) {
  const heads = (part) => tf.transpose(tf.reshape(part, [rows, time, H, C / H]), [0, 2, 1, 3]);
  for (let l = 0; l < L; l++) {
    let [q, k, v] = tf.split(linear(norm(x, `${l}.ln_1`), `${l}.qkv`), 3, -1).map(heads);
    if (cache !== undefined) {
      if (cache[l] !== undefined) [k, v] = [tf.concat([cache[l][0], k], 2), tf.concat([cache[l][1], v], 2)];
      if (cache[l] !== undefined) tf.dispose(cache[l]);
      cache[l] = [tf.keep(k), tf.keep(v)];
    }
    let scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(C / H));
    if (time > 1) scores = tf.add(scores, future);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    x = tf.add(x, linear(tf.reshape(mixed, [rows * time, C]), `${l}.proj`));
    x = tf.add(x, linear(gelu(linear(norm(x, `${l}.ln_2`), `${l}.fc`)), `${l}.out`));
  }
  return norm(x, "ln_f");
}

function train() {
  const ids = trainingIds();
  // The gradient of a gather is a scatter-add, which stock WASM doesn't have: a product with one-hot rows does both.
  const hot = tf.cast(tf.oneHot(tf.tensor1d(ids.slice(0, -1), "int32"), V), "float32");
  const targets = tf.cast(tf.oneHot(tf.tensor1d(ids.slice(1), "int32"), V), "float32");
  const loss = () => {
    const tokens = tf.reshape(tf.matMul(hot, w("wte")), [batch, T, C]);
    const x = tf.reshape(tf.add(tokens, w("wpe")), [batch * T, C]);
    const logits = tf.matMul(blocks(x, batch, T), w("wte"), false, true);
    return tf.losses.softmaxCrossEntropy(targets, logits);
  };
  const optimizer = tf.train.adam(1e-3, 0.9, 0.95);
  const all = [...weights.values()];
  const times = [];
  let last = 0;
  for (let step = 0; step < warmup + steps; step++) {
    const start = performance.now();
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, all);
      const squares = Object.values(grads).map((g) => tf.sum(tf.square(g)));
      const factor = tf.minimum(1, tf.div(1, tf.sqrt(tf.addN(squares))));
      optimizer.applyGradients(
        Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.mul(g, factor)])),
      );
      // AdamW's decay, of the matrices only.
      for (const v of all) if (v.rank > 1) v.assign(tf.mul(v, 1 - 1e-3 * 0.1));
      return value;
    });
    last = value.dataSync()[0];
    value.dispose();
    if (step >= warmup) times.push(performance.now() - start);
  }
  return { times, loss: last };
}

function decode() {
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const cache = [];
    let ids = Array.from({ length: batch }, (_, i) => i);
    const start = performance.now();
    for (let t = 0; t < T; t++) {
      const logits = tf.tidy(() => {
        const x = tf.add(tf.gather(w("wte"), tf.tensor1d(ids, "int32")), tf.slice(w("wpe"), [t, 0], [1, C]));
        return tf.matMul(blocks(x, batch, 1, cache), w("wte"), false, true);
      });
      const values = logits.dataSync();
      logits.dispose();
      ids = ids.map((_, i) => argMax(values.subarray(V * i, V * i + V)));
    }
    if (round > 0) times.push((performance.now() - start) / T);
    tf.dispose(cache);
  }
  return { times };
}

const { times, ...more } = task === "train" ? train() : decode();
report(`${enginePackage.split("/")[1]} ${version(enginePackage)}`, times, {
  ...more,
  // In Node, WebAssembly of TensorFlow.js has one; the native library takes the cores.
  threads: backend === "node" ? availableParallelism() : 1,
});
