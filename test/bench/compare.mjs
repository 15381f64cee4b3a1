// Runs the peers in turn, several rounds, and prints medians as a table: see README.md.
//   node test/bench/compare.mjs train|decode [--rounds N] [--node PATH]... [--python PATH] [--prefix COMMAND] [-- OPTIONS]
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    node: { type: "string", multiple: true, default: [process.execPath] },
    python: { type: "string" },
    prefix: { type: "string" },
  },
});
const [what, ...options] = positionals;
if (what !== "train" && what !== "decode") throw new Error("say train or decode");

const here = new URL("./", import.meta.url);
const script = (name) => new URL(name, here).pathname;
const peers = values.node.map((node) => [node, script(`${what}.mjs`)]);
if (values.python !== undefined) peers.push([values.python, script(`${what}.py`)]);

/** One run of one peer in a process of its own. */
function run(command) {
  const [program, ...args] = [...(values.prefix?.split(" ") ?? []), ...command, ...options];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return JSON.parse(stdout.split("\n").find((line) => line.startsWith("{")));
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const results = peers.map(() => []);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [i, peer] of peers.entries()) {
    results[i].push(run(peer));
  }
}
const speeds = results.map((runs) => median(runs.map(({ tokensPerSecond }) => tokensPerSecond)));
console.log(`\n${what} ${options.join(" ")}: medians of ${values.rounds} runs in turn\n`);
console.log("| engine | runtime | threads | tokens/s | range | of the last | peak memory, MB |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
results.forEach((runs, i) => {
  const all = runs.map(({ tokensPerSecond }) => tokensPerSecond);
  const { engine, node, threads } = runs[0];
  const memory = runs[0].rssMB === undefined ? "" : median(runs.map(({ rssMB }) => rssMB));
  const ratio = (speeds[i] / speeds.at(-1)).toFixed(2);
  const cells = [
    engine,
    node ?? "Python",
    threads,
    speeds[i],
    `${Math.min(...all)}–${Math.max(...all)}`,
    ratio,
  ];
  console.log(`| ${[...cells, memory].join(" | ")} |`);
});
