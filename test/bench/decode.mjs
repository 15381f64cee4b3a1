// Times generating with a cache: node test/bench/decode.mjs [--batch N] [--threads N] [--backend B] [--recompute]
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

/** Greedy generation from one token to a full context; the time of one token in ms, logits read each time. */
function round() {
  const cache = new Cache();
  let ids = Array.from({ length: batch }, (_, i) => [i]);
  const rows = ids.map((row) => [...row]);
  const start = performance.now();
  for (let t = 0; t < length; t++) {
    const options = values.recompute ? { positions: "last" } : { cache, positions: "last" };
    const logits = forward(parameters, config, values.recompute ? rows : ids, options);
    const data = logits.dataSync();
    logits.dispose();
    ids = ids.map((_, i) => [argMax(data.subarray(512 * i, 512 * i + 512))]);
    if (t < length - 1) rows.forEach((row, i) => void row.push(ids[i][0]));
  }
  const ms = (performance.now() - start) / length;
  cache.dispose();
  return ms;
}
const rounds = Number(values.rounds);
const times = Array.from({ length: rounds + 2 }, round)
  .slice(2)
  .sort((a, b) => a - b);
const median = times[times.length >> 1];

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
    engine: choice.name,
    node: process.version,
    threads,
    batch,
    way: values.recompute ? "recompute" : "cached",
    msPerToken: +median.toFixed(3),
    tokensPerSecond: Math.round((1e3 / median) * batch),
    roofMs: roofMs && +roofMs.toFixed(3),
    ofRoof: roofMs && +(roofMs / median).toFixed(2),
  }),
);
