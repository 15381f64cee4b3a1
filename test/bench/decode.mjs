// Times greedy generation: node test/bench/decode.mjs [--batch N] [--threads N] [--backend B] [--recompute] [--each]
import { parseArgs } from "node:util";
import { Cache, forward, initialParameters, modelConfig } from "../../dist/model/index.js";
import { chooseBackend } from "../../dist/node/backend.js";
import { startSimd } from "../../dist/node/simd.js";

const { values } = parseArgs({
  options: {
    batch: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    backend: { type: "string", default: "simd" },
    rounds: { type: "string", default: "10" },
    width: { type: "string", default: "256" },
    context: { type: "string", default: "256" },
    recompute: { type: "boolean", default: false },
    each: { type: "boolean", default: false },
  },
});
const batch = Number(values.batch);
const threads = Number(values.threads);
const choice = await chooseBackend(values.backend, { threads });
const config = modelConfig({
  vocab_size: 512,
  n_positions: Number(values.context),
  n_embd: Number(values.width),
  n_layer: 4,
  n_head: Number(values.width) / 64,
});
const parameters = initialParameters(config, 1);
const length = config.n_positions;
const argMax = (logits) => {
  let best = 0;
  for (let i = 1; i < 512; i++) if (logits[i] > logits[best]) best = i;
  return best;
};

/** When each token of the last round was ready, ms after its start. */
const ready = new Float64Array(length);

/** Greedy generation from one token to a full context; the time of one token in ms, logits read each time. */
async function round() {
  const cache = new Cache();
  let ids = Array.from({ length: batch }, (_, i) => [i]);
  const rows = ids.map((row) => [...row]);
  const start = performance.now();
  for (let t = 0; t < length; t++) {
    const options = values.recompute ? { positions: "last" } : { cache, positions: "last" };
    const logits = forward(parameters, config, values.recompute ? rows : ids, options);
    const data = await logits.data();
    logits.dispose();
    ids = ids.map((_, i) => [argMax(data.subarray(512 * i, 512 * i + 512))]);
    if (t < length - 1) rows.forEach((row, i) => void row.push(ids[i][0]));
    ready[t] = performance.now() - start;
  }
  const ms = (performance.now() - start) / length;
  cache.dispose();
  return ms;
}
const rounds = Number(values.rounds);
const whole = [];
const readies = [];
for (let i = 0; i < rounds + 2; i++) {
  const ms = await round();
  if (i < 2) continue;
  whole.push(ms);
  readies.push(Float64Array.from(ready));
}
const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const median = middle(whole);

/** The roof: all weights streamed once by the bare matrix-vector loop. */
async function roof() {
  const engine = await startSimd({ threads });
  const count = [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const columns = Math.floor(count / 256 / 128) * 128;
  const [x, weight, y] = [256, 256 * columns, columns].map((size) => engine.allocator.allocate(4 * size));
  const runs = Array.from({ length: 300 }, () => {
    const start = performance.now();
    engine.exports.multiplyTurnedRows(x, weight, y, 1, 256, columns);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return runs[150];
}
const roofMs = values.backend === "simd" ? await roof() : undefined;
console.log(
  JSON.stringify({
    engine: choice.name === "simd" ? "simd" : choice.why.replace(/; asked for$/, ""),
    node: process.version,
    threads,
    batch,
    way: values.recompute ? "recompute" : "cached",
    msPerToken: +median.toFixed(3),
    tokensPerSecond: Math.round((1e3 / median) * batch),
    roofMs: roofMs && +roofMs.toFixed(3),
    ofRoof: roofMs && +(roofMs / median).toFixed(2),
    rssMB: Math.round(process.resourceUsage().maxRSS / 1024),
    readyMs: values.each
      ? Array.from({ length }, (_, t) => +middle(readies.map((r) => r[t])).toFixed(3))
      : undefined,
  }),
);
