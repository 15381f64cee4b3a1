// Times the engine in a tab of Chromium, with and without cross-origin isolation, in turn with Node:
// node test/bench/web.mjs [--rounds N] [--steps N] [--decodes N] [--threads N] [--node PATH ...]
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { buildPage, openTab } from "../../build/scripts/web/tab.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "5" },
    decodes: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    node: { type: "string", multiple: true, default: [process.execPath] },
  },
});
const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

async function inTab(isolated) {
  const tab = await openTab({ isolated });
  try {
    const { build, threads } = await tab.run("start", { threads: Number(values.threads) });
    const train = median(await tab.run("timeTraining", { rounds: Number(values.steps) }));
    const decode = median(await tab.run("timeDecoding", { rounds: Number(values.decodes) }));
    return { engine: tab.browser, build, threads, train: 2048e3 / train, decode: 256e3 / decode };
  } finally {
    await tab.close();
  }
}

function inNode(node, threads) {
  const run = (script, options) => {
    const all = [`test/bench/${script}.mjs`, "--threads", `${threads}`, ...options];
    return JSON.parse(execFileSync(node, all, { encoding: "utf8" }).split("\n")[0]);
  };
  const train = run("train", ["--steps", values.steps, "--warmup", "1"]);
  const decode = run("decode", ["--rounds", values.decodes]);
  return {
    engine: `Node ${train.node}`,
    build: train.engine,
    threads,
    train: train.tokensPerSecond,
    decode: decode.tokensPerSecond,
  };
}

await buildPage();
const peers = [true, false].map((isolated) => () => inTab(isolated));
for (const node of values.node) {
  for (const threads of new Set([Number(values.threads), 1])) peers.push(() => inNode(node, threads));
}
const found = peers.map(() => []);
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const [i, peer] of peers.entries()) {
    found[i].push(await peer());
    console.error(`round ${round}: ${JSON.stringify(found[i].at(-1))}`);
  }
}
for (const runs of found) {
  const { engine, build, threads } = runs[0];
  const summary = (name) => {
    const numbers = runs.map((run) => Math.round(run[name]));
    return { median: median(numbers), range: [Math.min(...numbers), Math.max(...numbers)] };
  };
  console.log(JSON.stringify({ engine, build, threads, train: summary("train"), decode: summary("decode") }));
}
