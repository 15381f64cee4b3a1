// Times all engines in turn and writes what was found as JSON; report.mjs makes tables and plots of it.
//   node test/bench/measure.mjs --environments FOLDER [--node PATH]... [--rounds N] [--only train,decode,size,web]
//     [--engines ID,...] [--prefix COMMAND] [--out FILE] [--quick]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { listEngines, whyMissing } from "./engines.mjs";

const { values } = parseArgs({
  options: {
    environments: { type: "string", default: "build/bench" },
    node: { type: "string", multiple: true, default: [process.execPath] },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "train,decode,batch,length,size,web" },
    engines: { type: "string" },
    prefix: { type: "string", default: "" },
    out: { type: "string", default: "test/bench/results/latest.json" },
    quick: { type: "boolean", default: false },
  },
});
const parts = values.only.split(",");
const rounds = Number(values.rounds);
const prefix = values.prefix.split(" ").filter((word) => word !== "");
const nodes = values.node.map((path) => ({
  path,
  version: spawnSync(path, ["--version"], { encoding: "utf8" }).stdout.trim(),
}));
const wanted = values.engines?.split(",");
const engines = listEngines(nodes, values.environments).filter(({ id }) => wanted?.includes(id) ?? true);
const best = engines.filter(({ ours }) => ours).at(-1);

/** One run in a process of its own: the line of JSON that it prints, or why there is none. */
function run(command) {
  const [program, ...args] = [...prefix, ...command];
  const start = performance.now();
  const { stdout, stderr, error, status, signal } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 300_000,
  });
  const line = stdout?.split("\n").find((text) => text.startsWith("{"));
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  if (error === undefined && status === 0 && line !== undefined) return { ...JSON.parse(line), seconds };
  const said = stderr?.split("\n").find((text) => /Error/.test(text));
  return { failure: error?.message ?? said?.trim() ?? `ended with ${status ?? signal}` };
}

const usual = values.quick
  ? { train: ["--steps", "2", "--warmup", "1"], decode: ["--rounds", "2"] }
  : { train: ["--steps", "10", "--warmup", "3"], decode: ["--rounds", "8"] };
const missing = [];

/** Runs jobs in turn, for some rounds; a job that fails is named as missing and not tried again. */
function inTurn(part, jobs, times = rounds) {
  const results = jobs.map(({ engine, name }) => ({ id: engine.id, label: engine.label, ...name, runs: [] }));
  const failed = new Set();
  for (let round = 1; round <= times; round++) {
    for (const [i, { engine, command }] of jobs.entries()) {
      if (failed.has(engine.id) || (engine.once && round > 1)) continue;
      const found = run(command);
      console.error(`${part}, round ${round}, ${engine.label}: ${JSON.stringify(found).slice(0, 200)}`);
      if (found.failure === undefined) {
        results[i].runs.push(found);
        continue;
      }
      failed.add(engine.id);
      missing.push({ part, label: engine.label, why: found.failure });
    }
  }
  return results.filter(({ runs }) => runs.length > 0);
}

function task(name) {
  const jobs = [];
  for (const engine of engines.filter(({ tasks }) => tasks.includes(name))) {
    const why = whyMissing(engine);
    if (why === undefined) {
      const options = engine.options?.[name] ?? [];
      const command = [...engine.command(name), ...(engine.once ? [] : usual[name]), ...options];
      jobs.push({ engine, command: name === "train" && engine.ours ? [...command, "--peak"] : command });
    } else missing.push({ part: name, label: engine.label, why });
  }
  return inTurn(name, jobs);
}

/** Engines that are there, of those named. */
const among = (...ids) =>
  engines.filter((engine) => ids.includes(engine.id) && whyMissing(engine) === undefined);

/** Generating eight sequences at once. */
const batch = () =>
  inTurn(
    "batch",
    [...engines.filter(({ ours }) => ours), ...among("torch", "c")].map((engine) => ({
      engine,
      command: [...engine.command("decode"), ...usual.decode, "--batch", "8"],
    })),
    Math.min(rounds, 3),
  );

/** Cached and recompute generation, the time of each token. */
const length = () =>
  inTurn(
    "length",
    [[], ["--recompute"]].map((way) => ({
      engine: best,
      name: { way: way.length === 0 ? "cached" : "recompute" },
      command: [...best.command("decode"), "--each", "--rounds", way.length === 0 ? "8" : "1", ...way],
    })),
    Math.min(rounds, 2),
  );

/** Training at other sizes; the batch is such that every step has 2,048 tokens. */
function size() {
  const widths = [128, 256, 512, 768].map((width) => [width, 256]);
  const contexts = [128, 512, 1024, 2048].map((context) => [256, context]);
  const jobs = [];
  for (const [width, context] of values.quick ? widths.slice(0, 1) : [...widths, ...contexts]) {
    for (const engine of [best, ...among("torch", "c")]) {
      const measures = { width, context, batch: 2048 / context };
      const options = Object.entries(measures).flatMap(([name, value]) => [`--${name}`, `${value}`]);
      const steps = width > 256 ? ["--steps", "3", "--warmup", "1"] : ["--steps", "6", "--warmup", "2"];
      jobs.push({ engine, name: measures, command: [...engine.command("train"), ...steps, ...options] });
    }
  }
  return inTurn("size", jobs, 1);
}

/** The engine in a tab, beside Node. */
function web() {
  const script = new URL("web.mjs", import.meta.url).pathname;
  const options = ["--rounds", `${Math.min(rounds, 3)}`, "--node", nodes.at(-1).path];
  const command = [...prefix, process.execPath, script, ...options];
  const { stdout, stderr, status } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  console.error(stderr);
  const lines = stdout.split("\n").filter((text) => text.startsWith("{"));
  if (status === 0) return lines.map((line) => JSON.parse(line));
  missing.push({
    part: "web",
    label: "Chromium",
    why: stderr.split("\n").find((text) => /Error/.test(text)),
  });
  return [];
}

const kinds = { train: () => task("train"), decode: () => task("decode"), batch, length, size, web };
const machine = {
  processor: cpus()[0].model,
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  description: readDescription(),
};
function readDescription() {
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const field = (name) => text.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1];
    return `family ${field("cpu family")}, model ${field("model")}${/avx512f/.test(text) ? ", AVX-512" : ""}`;
  } catch {
    return undefined;
  }
}
const start = performance.now();
// Parts that aren't measured this time stay as they were.
const before = existsSync(values.out) ? JSON.parse(readFileSync(values.out, "utf8")) : {};
const found = {
  ...before,
  date: new Date().toISOString().slice(0, 10),
  machine,
  nodes: nodes.map((n) => n.version),
  rounds,
};
for (const [name, measure] of Object.entries(kinds)) if (parts.includes(name)) found[name] = measure();
found.missing = [...(before.missing ?? []).filter(({ part }) => !parts.includes(part)), ...missing];
const seconds = Math.round((performance.now() - start) / 1000);
mkdirSync(dirname(values.out), { recursive: true });
// A line for each run.
const lines = JSON.stringify(found).replaceAll(/\{"(?:id|engine|part)":/g, "\n$&");
writeFileSync(values.out, `${lines}\n`);
console.error(`${values.out}: ${seconds} s`);
