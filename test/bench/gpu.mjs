/*
 * Times training and decoding on this machine's GPU, beside PyTorch on the same card, in turn:
 *
 *     npm ci && node scripts/install-webgpu.mjs && node test/bench/gpu.mjs --python PYTHON-WITH-TORCH
 *
 * prints a table for docs/performance.md. --quick tries it out where there is no GPU, on tiny models and without
 * torch.compile, which takes minutes on a processor; its numbers mean nothing.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    widths: { type: "string", default: "256,512,768,1024" },
    context: { type: "string", default: "256" },
    batch: { type: "string", default: "8" },
    rounds: { type: "string", default: "3" },
    device: { type: "string", default: "cuda" },
    quick: { type: "boolean", default: false },
  },
});
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = resolve(here, "../../build/webgpu/node_modules/webgpu");
const env = { ...process.env };
if (existsSync(folder)) env.ATTACCA_WEBGPU ??= folder;

const quick = values.quick;
const sizes = (width) => ["--width", width, "--context", quick ? "8" : values.context];
const training = [
  "--batch",
  quick ? "1" : values.batch,
  "--steps",
  quick ? "1" : "30",
  "--warmup",
  quick ? "1" : "10",
];
const decoding = ["--batch", "1", "--rounds", quick ? "1" : "5"];
const torch = ["--device", quick ? "cpu" : values.device];
const widths = quick ? ["64"] : values.widths.split(",");

/** What is timed: a name, and how one run of it is started for a width. */
const runs = [
  ["training, attacca", (width) => node("train.mjs", ...sizes(width), ...training)],
  ["training, PyTorch eager", (width) => python("torch-train.py", ...sizes(width), ...training, ...torch)],
  [
    "training, torch.compile",
    (width) => python("torch-train.py", ...sizes(width), ...training, ...torch, "--compile"),
  ],
  ["decoding, attacca", (width) => node("decode.mjs", ...sizes(width), ...decoding)],
  ["decoding, PyTorch eager", (width) => python("torch-decode.py", ...sizes(width), ...decoding, ...torch)],
];

const node = (script, ...args) => run(process.execPath, [join(here, script), ...args, "--backend", "webgpu"]);
const python = (script, ...args) => run(values.python, [join(here, "peers", script), ...args]);

if (quick) runs.splice(2, 1);

/** The JSON line that a run ends with, or why there is none. */
function run(program, args) {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: "utf8", env });
  if (status === 0) return JSON.parse(stdout.trim().split("\n")[0]);
  return { failed: error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit code ${status}` };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const engines = new Set();
const rows = [];
for (const width of widths) {
  const found = new Map(runs.map(([name]) => [name, []]));
  const failures = new Map();
  // In turn, so that a card that grows warm does so for all of them.
  for (let round = 0; round < (quick ? 1 : Number(values.rounds)); round++) {
    for (const [name, start] of runs) {
      const result = start(width);
      if (result.failed === undefined) {
        found.get(name).push(result.tokensPerSecond);
        engines.add([result.engine, result.device].filter(Boolean).join(" on "));
      } else failures.set(name, result.failed);
      process.stderr.write(`width ${width}, ${name}: ${result.tokensPerSecond ?? result.failed}\n`);
    }
  }
  const speed = (name) => (found.get(name)?.length ? median(found.get(name)) : undefined);
  const cell = (name) =>
    speed(name)?.toLocaleString("en-GB") ??
    (failures.has(name) ? `failed: ${failures.get(name)}` : "not run");
  const share = (what) => {
    const [ours, theirs] = [speed(`${what}, attacca`), speed(`${what}, PyTorch eager`)];
    return ours === undefined || theirs === undefined ? "" : (ours / theirs).toFixed(2);
  };
  rows.push(
    `| ${width} | ${cell("training, attacca")} | ${cell("training, PyTorch eager")} | ${cell("training, torch.compile")} | ${share("training")} | ${cell("decoding, attacca")} | ${cell("decoding, PyTorch eager")} | ${share("decoding")} |`,
  );
}
console.log(
  `Tokens/s; ${[...engines].join("; ")}.${quick ? " Tiny models, to try the benchmark out: no measurement." : ""}\n`,
);
console.log(
  "| width | training | PyTorch eager | torch.compile | of eager | decoding, batch 1 | PyTorch eager | of eager |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const row of rows) console.log(row);
