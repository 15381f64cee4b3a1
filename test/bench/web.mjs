// Times the engine in a tab of Chromium, with and without cross-origin isolation, in turn with this Node:
// node test/bench/web.mjs [--rounds N] [--steps N] [--decodes N] [--threads N] [--seconds-between N]
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { buildPage, openTab } from "../../build/scripts/web/tab.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "5" },
    decodes: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    relaxed: { type: "string", multiple: true, default: [] },
  },
});
const threads = Number(values.threads);
const last = (text) => JSON.parse(text.trim().split("\n").at(-1));
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];
const bench = (script, options, node = process.execPath) =>
  last(execFileSync(node, [`test/bench/${script}.mjs`, ...options], { encoding: "utf8" }).split("\nAttacca")[0]);

/** Tokens/s of training and of decoding on a Node. */
function inNode(node, build, threads) {
  const train = bench("train", ["--steps", values.steps, "--warmup", "1", "--threads", `${threads}`, ...(build ? ["--build", build] : [])], node);
  const decode = bench("decode", ["--rounds", values.decodes, "--threads", `${threads}`], node);
  return { engine: train.engine, train: train.tokensPerSecond, decode: decode.tokensPerSecond };
}
