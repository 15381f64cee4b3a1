// Times generating with weights in f32 and in int8, in turn: node test/bench/int8.mjs [--checkpoint FOLDER | --width N]
// [--batch N] [--positions N] [--threads N] [--rounds N]
import { parseArgs } from "node:util";
import {
  Cache,
  forward,
  initialParameters,
  modelConfig,
  parametersFrom,
  parameterValues,
} from "../../dist/model/index.js";
import { chooseBackend } from "../../dist/node/backend.js";
import { readModel } from "../../dist/node/model.js";

const { values } = parseArgs({
  options: {
    checkpoint: { type: "string" },
    width: { type: "string", default: "256" },
    context: { type: "string", default: "256" },
    batch: { type: "string", default: "1" },
    positions: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "15" },
  },
});
const threads = Number(values.threads);
await chooseBackend("simd", { threads });
const { config, weights } = await modelToTime();
const batch = Number(values.batch);
const positions = Number(values.positions);
const length = Math.min(Number(values.context), config.n_positions);

async function modelToTime() {
  if (values.checkpoint !== undefined) {
    const { checkpoint } = await readModel(values.checkpoint);
    return { config: checkpoint.config, weights: checkpoint.parameters };
  }
  const width = Number(values.width);
  const config = modelConfig({
    vocab_size: 512,
    n_positions: Number(values.context),
    n_embd: width,
    n_layer: 4,
    n_head: width / 64,
  });
  return { config, weights: await parameterValues(initialParameters(config, 1)) };
}

/** From one token to a full context, `positions` ids at a time; the time of a pass in ms, logits read each time. */
function round(parameters) {
  const cache = new Cache();
  const ids = Array.from({ length: batch }, (_, i) => Array.from({ length: positions }, (_, t) => i + t));
  forward(parameters, config, Array(batch).fill([0]), { cache, positions: "last" }).dispose();
  let passes = 0;
  const start = performance.now();
  for (; cache.length + positions <= length; passes++) {
    const logits = forward(parameters, config, ids, { cache });
    logits.dataSync();
    logits.dispose();
  }
  const ms = (performance.now() - start) / passes;
  cache.dispose();
  return ms;
}

const forms = ["f32", "int8"].map((form) => ({
  form,
  parameters: parametersFrom(config, weights, { weights: form }),
  times: [],
}));
for (let i = 0; i < Number(values.rounds) + 2; i++) {
  for (const { parameters, times } of forms) {
    const ms = round(parameters);
    if (i >= 2) times.push(ms);
  }
}
const tokens = batch * positions;
const [f32, int8] = forms.map(({ times }) => times.sort((a, b) => a - b));
const speed = (ms) => Math.round((1000 * tokens) / ms);
const summary = (times) => ({
  tokensPerSecond: speed(times[times.length >> 1]),
  range: [speed(times.at(-1)), speed(times[0])],
});
console.log(
  JSON.stringify({
    node: process.version,
    threads,
    width: config.n_embd,
    vocabulary: config.vocab_size,
    batch,
    positions,
    f32: summary(f32),
    int8: summary(int8),
    ratio: +(f32[f32.length >> 1] / int8[int8.length >> 1]).toFixed(2),
  }),
);
process.exit(0);
