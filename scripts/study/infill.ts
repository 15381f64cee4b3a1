/**
 * Measures infilling: how likely a masked model finds what really stood in gaps of test pieces, beside a causal model that is given the left
 * side only; and what it writes there, by how many passes.
 *
 *     node build/scripts/study/infill.js DATA MASKED CAUSAL JUDGE [--without-causal]
 *
 * Run it in the project's folder. DATA is the dataset of JSB chorales; MASKED and CAUSAL are runs of equal size and steps; JUDGE is a
 * causal checkpoint that is neither. --without-causal leaves out what CAUSAL is needed for, as long as it isn't trained. What is kept goes to docs/study/infill/runs, and what is there already is left as it is;
 * `node build/scripts/study/infill-tables.js` makes the tables and plots of it.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generate, randomStream, windowRuleOf } from "attacca";
import { chooseBackend, type LoadedModel, loadModel, readDataset, writeAtomic } from "attacca/node";
import { type RefineOptions, refine } from "#built/generate/index.js";
import { parameterCount } from "#built/model/index.js";
import { musicStatistics, type Steps, stepsOf, voiceRanges } from "#built/study/index.js";
import { spanNll } from "#built/train/index.js";
import {
  type FilledRecord,
  type ModelRecord,
  type PassesRecord,
  type Scoring,
  type SpansRecord,
  scorings,
} from "./infill-record.js";
import { type Gap, gapsOf, type SpanKind, spanKinds, windowAround, windowBefore } from "./infill-spans.js";

const OUT = join("docs", "study", "infill", "runs");
const PASSES = [1, 2, 4, 8, 16, 32];
/** Pieces in whose gaps something is written; all of them are scored. */
const WRITTEN = 40;
/** Ids behind a gap that are judged too: a bar. */
const BEYOND = 64;
const VOICES = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "without-causal": { type: "boolean" } },
});
const [data, maskedRun, causalRun, judgeFolder] = positionals;
if (judgeFolder === undefined)
  throw new Error("usage: infill.js DATA MASKED CAUSAL JUDGE [--without-causal]");
const withoutCausal = values["without-causal"] === true;
const machine = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`;
const log = (text: string): void => void process.stderr.write(`${text}\n`);
const sum = (numbers: Float64Array): number => numbers.reduce((a, b) => a + b, 0);
const rounded = (value: number): number => Number(value.toFixed(5));

await chooseBackend("simd", { threads: 1 });
const dataset = await readDataset(data);
const { tokenizer } = dataset;
const split = dataset.split("test");
const train = dataset.split("train");
const ranges = voiceRanges(
  Array.from({ length: train.pieceCount }, (_, i) => stepsOf(tokenizer, train.piece(i))),
);
// The last state, not the best: neither chooses by its own validation.
const masked = await loadModel(join(maskedRun, "last"), "simd");
const judge = await loadModel(judgeFolder, "simd");
let causalModel: LoadedModel | undefined;
const causal = async (): Promise<LoadedModel> => {
  causalModel ??= await loadModel(join(causalRun, "last"), "simd");
  return causalModel;
};
await mkdir(OUT, { recursive: true });

type Fill = (gap: Gap, seed: number) => Promise<readonly Uint16Array[]>;

const refined =
  (options: Partial<RefineOptions>): Fill =>
  async (gap, seed) => {
    const results: Uint16Array[] = [];
    // The end token, as the ids of a whole piece have it.
    const ids = [...gap.ids, tokenizer.special.end];
    for (const passes of PASSES) {
      let last: Int32Array | undefined;
      const { positions } = gap;
      for await (const step of refine({ ...masked, tokenizer, ids, positions, passes, seed, ...options })) {
        last = step.ids;
      }
      results.push(Uint16Array.from(last!.subarray(0, -1)));
    }
    return results;
  };

/** A bar that the causal model writes without seeing what comes after it. */
const continued: Fill = async (gap, seed) => {
  const { positions } = gap;
  const prompt = [...gap.ids.subarray(0, positions[0])];
  const grammar = tokenizer.grammar();
  for (const id of prompt) grammar.push(id);
  const ids = Uint16Array.from(gap.ids);
  let at = positions[0];
  const options = {
    ...windowRuleOf(tokenizer),
    avoid: [tokenizer.special.end],
    maxTokens: positions.length,
  };
  for await (const event of generate({ ...(await causal()), ...options, prompt, grammar, seed })) {
    if (event.kind === "step") ids[at++] = event.drawn[0].id;
  }
  return [ids];
};

const ways: readonly {
  readonly name: string;
  readonly kind: SpanKind;
  readonly fill: Fill;
  readonly passes: readonly number[];
}[] = [
  { name: "bar-original", kind: "bar", passes: [0], fill: async ({ ids }) => [Uint16Array.from(ids)] },
  { name: "bar-causal", kind: "bar", passes: [0], fill: continued },
  { name: "bar-uncertain", kind: "bar", passes: PASSES, fill: refined({}) },
  { name: "bar-greedy", kind: "bar", passes: PASSES, fill: refined({ greedy: true }) },
  { name: "voice-original", kind: "voice", passes: [0], fill: async ({ ids }) => [Uint16Array.from(ids)] },
  { name: "voice-uncertain", kind: "voice", passes: PASSES, fill: refined({}) },
  { name: "bar-random", kind: "bar", passes: PASSES, fill: refined({ remask: "random" }) },
];

for (const scoring of scorings) {
  for (const kind of spanKinds) {
    // A masked voice still has the other voices beside and behind it.
    if ((scoring === "blind" && kind === "voice") || (scoring === "left" && withoutCausal)) continue;
    await kept(`spans-${kind}-${scoring}`, () => measureSpans(kind, scoring));
  }
}
for (const way of ways) {
  if (way.fill === continued && withoutCausal) continue;
  await kept(`passes-${way.name}`, () => measureFilling(way));
}
for (const model of [masked, judge, causalModel]) model?.dispose();

async function kept(name: string, measure: () => Promise<object>): Promise<void> {
  const path = join(OUT, `${name}.json`);
  if (existsSync(path)) return;
  log(name);
  await writeAtomic(path, new TextEncoder().encode(`${JSON.stringify(await measure())}\n`));
}

async function measureFilling({ name, kind, fill, passes }: (typeof ways)[number]): Promise<PassesRecord> {
  const gaps = gapsOf(split, kind, WRITTEN);
  const found = passes.map(() => ({
    judged: { tokens: [] as number[], nll: [] as number[] },
    same: 0,
    ids: 0,
    pieces: [] as Steps[],
  }));
  for (const [seed, gap] of gaps.entries()) {
    for (const [i, ids] of (await fill(gap, seed)).entries()) {
      const nll = await judged({ ...gap, ids });
      found[i].judged.tokens.push(nll.length);
      found[i].judged.nll.push(rounded(sum(nll)));
      found[i].ids += gap.positions.length;
      for (const at of gap.positions) if (ids[at] === gap.ids[at]) found[i].same++;
      // With a step on either side, so that the seams count.
      const [first, end] = gap.steps;
      found[i].pieces.push(stepsOf(tokenizer, ids).slice(first - 1, end + 1));
    }
  }
  const filled = found.map(({ judged, same, ids, pieces }, i): FilledRecord => {
    const bars = gaps.reduce((count, { steps: [first, end] }) => count + (end - first) / 16, 0);
    return {
      passes: passes[i],
      judged,
      agreement: rounded(same / ids),
      notes: rounded(pieces.reduce((count, steps) => count + onsets(steps), 0) / bars),
      statistics: musicStatistics(pieces, ranges),
    };
  });
  return { name, kind, machine, pieces: gaps.length, filled };
}

/** The judge's negative log-likelihoods of a gap's steps, all voices, and the bar behind them, given what is on their left. */
async function judged(gap: Gap): Promise<Float64Array> {
  const { ids, positions } = windowBefore(gap, judge.config.n_positions, tokenizer, BEYOND);
  const first = positions[0] - ((positions[0] - 1) % VOICES);
  const all = Array.from({ length: ids.length - first }, (_, i) => first + i);
  return spanNll(judge, { ids, positions: all });
}

async function measureSpans(kind: SpanKind, scoring: Scoring): Promise<SpansRecord> {
  const gaps = gapsOf(split, kind);
  const model = scoring === "left" ? await causal() : masked;
  const length = model.config.n_positions;
  const sums = { tokens: [] as number[], nll: [] as number[] };
  for (const [number, gap] of gaps.entries()) {
    // On the left as much as the context holds: the best place for a causal model.
    const isLeft = scoring === "left" || scoring === "blind";
    const window = isLeft ? windowBefore(gap, length, tokenizer) : windowAround(gap, length, tokenizer);
    const positions = scoring === "random" ? shuffled(window.positions, number) : window.positions;
    const nll = await spanNll(model, { ids: window.ids, positions });
    sums.tokens.push(nll.length);
    sums.nll.push(rounded(sum(nll)));
  }
  const run = scoring === "left" ? causalRun : maskedRun;
  const sources = gaps.map(({ source }) => source);
  return { kind, scoring, machine, model: await modelRecord(run, model), sources, sums };
}

async function modelRecord(run: string, { config }: LoadedModel): Promise<ModelRecord> {
  const { init: _, ...options } = JSON.parse(await readFile(join(run, "options.json"), "utf8"));
  const { progress } = JSON.parse(await readFile(join(run, "last", "training.json"), "utf8"));
  return { attention: config.attention, steps: progress.step, parameters: parameterCount(config), options };
}

function shuffled(positions: readonly number[], number: number): number[] {
  const stream = randomStream(0, "infill order", number);
  const keys = new Map(positions.map((at) => [at, stream.uniform()]));
  return [...positions].sort((a, b) => keys.get(a)! - keys.get(b)!);
}

/** Notes that begin behind the first step. */
function onsets(steps: Steps): number {
  let count = 0;
  for (let at = 1; at < steps.length - 1; at++) {
    for (let voice = 0; voice < VOICES; voice++) {
      if (steps[at][voice] >= 0 && steps[at][voice] !== steps[at - 1][voice]) count++;
    }
  }
  return count;
}
