// Writes the tables and plots of docs/performance.md from raw results: node test/bench/report.mjs [FILE] [--check]
// With --check nothing is written; it fails where what stands there isn't what the results say.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { costPlot, speedPlot } from "./plots.mjs";
import { curves, gflops, median, readable, share, summarize } from "./results.mjs";

const root = new URL("../../", import.meta.url);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false } },
});
const file = positionals[0] ?? new URL("results/epyc.json", import.meta.url);
const found = JSON.parse(readFileSync(file, "utf8"));
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const range = ({ lowest, highest, runs }) =>
  runs.length > 1 ? `${readable(lowest)}–${readable(highest)}` : "one run";
const ratio = (a, b) => (b === undefined ? "" : share(a.speed / b.speed));
const sorted = (results) => results.map(summarize).toSorted((a, b) => b.speed - a.speed);
const named = (results, id) => results.find((result) => result.id === id);
const middle = (entry, field) => median(entry.runs.map((run) => run[field]));
const nodeOf = (id) => id.match(/-(v\d+)$/)?.[1];

const train = sorted(found.train);
const decode = sorted(found.decode);
const ours = (results) => results.filter(({ id }) => id.startsWith("simd-"));
const newest = (results) =>
  ours(results)
    .toSorted((a, b) => a.id.localeCompare(b.id))
    .at(-1);
const oldest = (results) => ours(results).toSorted((a, b) => a.id.localeCompare(b.id))[0];
const small = ({ runs }) => (runs[0].batch && runs[0].batch !== 8 ? `, batch ${runs[0].batch}` : "");

const trainTable = () =>
  table(
    ["engine", "tokens/s", "range", "of PyTorch", "GFLOP/s", "peak memory, MB"],
    train.map((entry) => [
      entry.label,
      readable(entry.speed),
      range(entry) + small(entry),
      ratio(entry, named(train, "torch")),
      readable(gflops(entry.speed)),
      readable(entry.memory),
    ]),
  );

const decodeTable = () =>
  table(
    ["engine", "tokens/s", "range", "of PyTorch", "ms a token"],
    decode.map((entry) => [
      entry.runs[0].way === "recompute" ? `${entry.label}, recompute` : entry.label,
      readable(entry.speed),
      range(entry),
      ratio(entry, named(decode, "torch")),
      entry.speed > 10 ? (1e3 / entry.speed).toPrecision(2) : readable(1e3 / entry.speed),
    ]),
  );

function batchTable() {
  const batch = sorted(found.batch);
  return table(
    ["engine", "tokens/s", "range", "of PyTorch"],
    batch.map((entry) => [
      entry.label,
      readable(entry.speed),
      range(entry),
      ratio(entry, named(batch, "torch")),
    ]),
  );
}

/** Time until so many tokens are there, the median of the runs. */
const readyAt = (way, tokens) =>
  median(found.length.find((entry) => entry.way === way).runs.map(({ readyMs }) => readyMs[tokens - 1]));
function firstWin() {
  let tokens = 256;
  while (tokens > 1 && readyAt("cached", tokens - 1) < readyAt("recompute", tokens - 1)) tokens--;
  return tokens;
}
const lengthTable = () => {
  const rows = [1, 2, 4, 16, 64, 128, 256].map((tokens) => {
    const [cached, recompute] = [readyAt("cached", tokens), readyAt("recompute", tokens)];
    return [tokens, cached.toPrecision(3), readable(recompute), `${share(recompute / cached)} ×`];
  });
  const heads = ["tokens", "cached, ms", "recompute, ms", "recompute takes"];
  return `${table(heads, rows)}\n\nCached generation is ahead from ${firstWin()} tokens on.`;
};

function sizeTable() {
  const entries = Object.values(curves(found.size)).flat();
  const sizes = [...new Set(entries.map(({ width, context }) => `${width} ${context}`))];
  return table(
    [
      "width",
      "context",
      "batch",
      "simd",
      "GFLOP/s",
      "memory, MB",
      "engine's, MB",
      "PyTorch",
      "memory, MB",
      "C",
      "simd of PyTorch",
    ],
    sizes.map((size) => {
      const here = entries.filter(({ width, context }) => `${width} ${context}` === size);
      const [simd, torch, c] = [
        here.find(({ id }) => id.startsWith("simd-")),
        named(here, "torch"),
        named(here, "c"),
      ];
      return [
        readable(simd.width),
        readable(simd.context),
        simd.batch,
        readable(simd.speed),
        readable(gflops(simd.speed, simd)),
        readable(simd.memory),
        readable(simd.runs[0].memory / 1e6),
        readable(torch?.speed),
        readable(torch?.memory),
        readable(c?.speed),
        ratio(simd, torch),
      ];
    }),
  );
}

function webTable() {
  const cells = ({ median: speed, range: [lowest, highest] }) => [
    readable(speed),
    `${readable(lowest)}–${readable(highest)}`,
  ];
  return table(
    ["where", "threads", "build", "training, tokens/s", "range", "generating, tokens/s", "range"],
    found.web.map(({ engine, build, threads, train, decode }) => [
      engine,
      threads,
      build,
      ...cells(train),
      ...cells(decode),
    ]),
  );
}

const missingList = () =>
  [...new Set(found.missing.map(({ label, why }) => `- ${label}: ${why}`))].join("\n") || "- none";

/** What the engine was meant to reach, and whether it does. */
function targetTable() {
  const [fast, slow] = [newest(train), oldest(train)];
  const best = newest(decode);
  const torch = { train: named(train, "torch"), decode: named(decode, "torch") };
  const rows = [];
  const target = (what, wanted, value, met, digits = share(value)) =>
    rows.push([what, wanted, digits, met ? "yes" : "no"]);
  const least = (what, wanted, value) => target(what, `≥ ${wanted} ×`, value, value >= wanted);
  least(`training, ${fast.label}, beside PyTorch`, 1, fast.speed / torch.train.speed);
  least(`training, ${slow.label}, beside PyTorch`, 0.7, slow.speed / torch.train.speed);
  for (const entry of ours(train).toSorted((a, b) => a.id.localeCompare(b.id))) {
    const stock = named(train, `tfjs-wasm-${nodeOf(entry.id)}`);
    if (stock) least(`training, ${entry.label}, beside stock tfjs-wasm`, 30, entry.speed / stock.speed);
    const part = gflops(entry.speed) / middle(entry, "peakGflops");
    target(`whole step of the engine's own peak, ${entry.label}`, "≥ 0.60", part, part >= 0.6);
  }
  const memory = fast.memory / torch.train.memory;
  target("peak memory of training beside PyTorch", "≤ 1 ×", memory, memory <= 1);
  least(`generating, ${best.label}, beside PyTorch`, 2, best.speed / torch.decode.speed);
  for (const peer of decode.filter(({ id }) => /^(onnxruntime|transformers)-/.test(id))) {
    least(`generating, ${best.label}, beside ${peer.label}`, 1, best.speed / peer.speed);
  }
  const roof = middle(best, "ofRoof");
  target(`generating, ${best.label}, of the roof`, "≥ 0.50", roof, roof >= 0.5);
  return table(["target", "wanted", "found", "met"], rows);
}

const facts = () => {
  const [fast, slow] = [newest(train), oldest(train)];
  const { processor, description, cores, memoryGB } = found.machine;
  return [
    `Measured on ${processor} (${description}; ${cores} cores, ${memoryGB} GB), ${found.date}; medians of at most ${found.rounds} rounds in turn.`,
    "",
    `The engine's own product of matrices reached ${readable(middle(fast, "peakGflops"))} GFLOP/s in the relaxed build and ${readable(middle(slow, "peakGflops"))} in the plain one, in the same runs.`,
  ].join("\n");
};

const sections = {
  facts,
  targets: targetTable,
  train: trainTable,
  decode: decodeTable,
  batch: batchTable,
  length: lengthTable,
  size: sizeTable,
  web: webTable,
  missing: missingList,
};
const page = new URL("docs/performance.md", root);
let text = readFileSync(page, "utf8");
for (const [name, make] of Object.entries(sections)) {
  const [from, to] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`docs/performance.md has no ${from} … ${to}`);
  text = `${text.slice(0, start + from.length)}\n\n${make()}\n\n${text.slice(end)}`;
}
const written = {
  "docs/performance.md": text,
  "docs/images/speed.svg": speedPlot(found),
  "docs/images/cost.svg": costPlot(found),
};
for (const [name, content] of Object.entries(written)) {
  const path = new URL(name, root);
  if (!values.check) writeFileSync(path, content);
  else if (readFileSync(path, "utf8") !== content) {
    throw new Error(`${name} isn't what the results say: run node test/bench/report.mjs`);
  }
}
