// Times the studio's worker in a tab of Chromium beside Node, in turn: the bundled checkpoint goes on from a bundled prompt.
// node test/bench/studio.mjs [--rounds N] [--bars N] [--threads N] [--build NAME]
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildPage, openTab } from "../../build/scripts/web/tab.js";
import { continueScore } from "../../dist/generate/index.js";
import { notesEnd, readScore, tempoMap } from "../../dist/midi/index.js";
import { chooseBackend } from "../../dist/node/backend.js";
import { loadModel } from "../../dist/node/model.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    bars: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
    build: { type: "string", default: "shared-plain" },
  },
});
const CHECKPOINT = "checkpoints/chorales";
const threads = Number(values.threads);
const prompt = readScore(readFileSync("data/prompts/chorale.mid")).score;
const request = {
  prompt,
  bars: Number(values.bars),
  temperature: 0.95,
  topP: 0.98,
  seed: 1,
  decode: "cached",
};

const { why } = await chooseBackend("simd", { threads });
const model = await loadModel(CHECKPOINT, "simd");
async function inNode() {
  const started = performance.now();
  let tokens = 0;
  const { samples, seam } = await continueScore({
    ...request,
    ...model,
    onStep: (progress) => {
      tokens = progress.tokens;
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const map = tempoMap(samples[0].score);
  const musicSeconds = map.secondsAt(notesEnd(samples[0].score)) - map.secondsAt(seam);
  return { tokens, seconds, musicSeconds };
}

await buildPage();
const tab = await openTab({ isolated: true });
const ask = async (name, argument, files) => (await tab.call("studio", { name, argument, files })).result;
const engine = await ask("start", { version: "0.0.0", threads, build: values.build });
const files = readdirSync(CHECKPOINT).map((name) => ({
  path: name,
  base64: readFileSync(`${CHECKPOINT}/${name}`).toString("base64"),
}));
await ask("open", { name: "chorales" }, files);
const inTab = async () => (await ask("continue", request)).costs;

const found = { tab: [], node: [] };
// The first of each warms up and isn't counted.
for (let round = 0; round <= Number(values.rounds); round++) {
  const [a, b] = [await inTab(), await inNode()];
  if (round === 0) continue;
  found.tab.push(a);
  found.node.push(b);
}
await tab.close();
model.dispose();

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const summary = (runs) => ({
  tokens: runs[0].tokens,
  millisecondsPerToken: Number(
    median(runs.map(({ seconds, tokens }) => (1000 * seconds) / tokens)).toFixed(3),
  ),
  tokensPerSecond: Math.round(median(runs.map(({ seconds, tokens }) => tokens / seconds))),
  realTimeFactor: Number(median(runs.map(({ seconds, musicSeconds }) => musicSeconds / seconds)).toFixed(1)),
});
console.log(JSON.stringify({ engine: tab.browser, build: engine.build, threads, ...summary(found.tab) }));
console.log(
  JSON.stringify({ engine: `Node ${process.versions.node}`, build: why, threads, ...summary(found.node) }),
);
process.exit();
