/**
 * Trains and scores the arms of the study of full-prefix attention; what was done already is left as it is, and what was cut off is gone
 * on with.
 *
 *     node build/scripts/study/run.js SETTING DATA WORK [--arms A,B] [--budgets steps,flops] [--seeds 0,1]
 *
 * Run it in the project's folder. SETTING is a name of settings.ts, DATA the dataset of JSB chorales, WORK a folder for the training
 * runs. What is kept goes to docs/study/SETTING; `node build/scripts/study/tables.js` makes the tables and plots of it.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseMetrics } from "attacca";
import {
  chooseBackend,
  evaluateCheckpoint,
  loadModel,
  newRunOptions,
  readDataset,
  readJson,
  type TrainRunOptions,
  trainRun,
  writeAtomic,
} from "attacca/node";
import type { Dataset } from "#built/dataset/index.js";
import { packageVersion } from "#built/node/version.js";
import { disposeTrainedModel, newTrainedModel, runBatches, runModelConfig } from "#built/run/index.js";
import { countTargets, trainingStep } from "#built/train/index.js";
import { continuedSteps, realSteps, stepsOf } from "./continue.js";
import { trainingFlops } from "./flops.js";
import { musicStatistics, type Ranges, voiceRanges } from "./music.js";
import { type Choice, everything, type PlannedRun, plan, type StepCost, type Training } from "./plan.js";
import type { RunRecord, SettingRecord, TrainingRecord } from "./record.js";
import { type Arm, armOptions, arms, type Budget, budgets, type Setting, settings } from "./settings.js";

/** Steps over which FLOPs are counted: lengths are random where prefixes are sampled. */
const COUNTED_STEPS = 1000;
/** The arms take turns at being timed, so that what else the machine does falls on all of them. */
const TIMED_ROUNDS = 15;
const TIMED_STEPS = 16;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { arms: { type: "string" }, budgets: { type: "string" }, seeds: { type: "string" } },
});
const [settingName, dataFolder, work] = positionals;
const setting: Setting | undefined = settings[settingName];
if (setting === undefined || work === undefined) {
  throw new Error(`usage: run.js SETTING DATA WORK; SETTING is one of ${Object.keys(settings).join(", ")}`);
}
const out = join("docs", "study", settingName);
const machine = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`;
const log = (text: string): void => void process.stderr.write(`${text}\n`);

const dataset = await readDataset(dataFolder);
await chooseBackend("simd");
const ranges = trainingRanges(dataset);
const shared = await settingRecord();
const runs = plan(setting.options.steps, shared.costs, choice(setting.seeds));
for (const [i, run] of runs.entries()) {
  const path = join(out, "runs", `${run.name}.json`);
  if (existsSync(path)) continue;
  log(`${i + 1} of ${runs.length}: ${run.name}`);
  await writeAtomic(path, `${JSON.stringify(await record(run, setting))}\n`);
}

function choice(seeds: number): Choice {
  const all = everything(seeds);
  const chosen = <T extends string>(text: string | undefined, known: readonly T[]): readonly T[] => {
    if (text === undefined) return known;
    const names = text.split(",");
    const wrong = names.find((name) => !known.some((one) => one === name));
    if (wrong !== undefined) throw new Error(`unknown ${wrong}; expected some of ${known.join(", ")}`);
    return known.filter((name) => names.includes(name));
  };
  return {
    arms: chosen<Arm>(values.arms, arms),
    budgets: chosen<Budget>(values.budgets, budgets),
    seeds: chosen(values.seeds, all.seeds.map(String)).map(Number),
  };
}

function optionsOf(arm: Arm, seed: number, steps: number, init = ""): TrainRunOptions {
  const given = { ...setting!.options, ...armOptions[arm], seed, steps, init };
  return newRunOptions({ ...given, warmupSteps: Math.min(given.warmupSteps ?? 0, Math.floor(steps / 10)) });
}

/** Costs and statistics that all runs share: measured by the first call. */
async function settingRecord(): Promise<SettingRecord> {
  const path = join(out, "setting.json");
  if (existsSync(path)) return (await readJson(path)) as SettingRecord;
  const costs = await stepCosts();
  const real = musicStatistics(realSteps(dataset.split("test"), setting!.music), ranges);
  const made = { costs, machine, real };
  await writeAtomic(path, `${JSON.stringify(made, undefined, 2)}\n`);
  return made;
}

async function stepCosts(): Promise<Record<Arm, StepCost>> {
  const timed = arms.map((arm) => {
    const options = optionsOf(arm, 0, COUNTED_STEPS);
    const config = runModelConfig(options, dataset);
    const { training, accumulation } = runBatches(dataset, options);
    const batchesOf = (step: number) =>
      Array.from({ length: accumulation }, (_, k) => training(step * accumulation + k));
    let flops = 0;
    for (let step = 0; step < COUNTED_STEPS; step++) {
      for (const batch of batchesOf(step)) flops += trainingFlops(config, batch) / COUNTED_STEPS;
    }
    return {
      arm,
      flops,
      options,
      batchesOf,
      model: newTrainedModel(config, options),
      seconds: [] as number[],
    };
  });
  // The first round only warms up.
  for (let round = 0; round <= TIMED_ROUNDS; round++) {
    for (const { options, batchesOf, model, seconds } of timed) {
      const started = performance.now();
      for (let k = 0; k < TIMED_STEPS; k++) {
        const step = round * TIMED_STEPS + k;
        await trainingStep(model, batchesOf(step), { ...options, step: step + 1, learningRate: 1e-4 });
      }
      if (round > 0) seconds.push((performance.now() - started) / 1000 / TIMED_STEPS);
    }
  }
  const costs = timed.map(({ arm, flops, model, seconds }): [Arm, StepCost] => {
    disposeTrainedModel(model);
    const median = seconds.sort((a, b) => a - b)[Math.floor(TIMED_ROUNDS / 2)];
    log(`a step of ${arm}: ${(flops / 1e9).toFixed(3)} GFLOP, ${(1000 * median).toFixed(1)} ms`);
    return [arm, { flops, seconds: median }];
  });
  return Object.fromEntries(costs) as Record<Arm, StepCost>;
}

async function record(run: PlannedRun, { targets, music }: Setting): Promise<RunRecord> {
  const trainings: TrainingRecord[] = [];
  for (const training of run.trainings) trainings.push(await trained(training));
  // The last state, not the best: each arm has the whole of its budget, and none chooses by its own validation.
  const checkpoint = join(work, run.name, "last");
  const score = await evaluateCheckpoint({
    checkpoint,
    data: dataFolder,
    split: "test",
    targets,
    backend: "simd",
  });
  if (score === undefined) throw new Error("the evaluation was cut off");
  const model = await loadModel(checkpoint, "simd");
  const continued = await continuedSteps(model, dataset.split("test"), music);
  model.dispose();
  return {
    name: run.name,
    setting: settingName,
    arm: run.arm,
    budget: run.budget,
    seed: run.seed,
    machine,
    attacca: packageVersion(),
    trainings,
    test: {
      tokens: score.tokens,
      nllPerToken: score.nllPerToken,
      nllPerNote: score.nllPerNote,
      fourGram: score.ngramNll,
      pieces: score.pieceScores,
    },
    music: {
      decode: model.config.attention === "full" ? "recompute" : "cached",
      tokens: continued.tokens,
      notes: continued.notes,
      seconds: continued.seconds,
      statistics: musicStatistics(continued.steps, ranges),
    },
  };
}

/** Trains, or goes on, or finds it done. */
async function trained({ name, arm, seed, steps, init }: Training): Promise<TrainingRecord> {
  const folder = join(work, name);
  const options = optionsOf(arm, seed, steps, init === undefined ? "" : join(work, init, "last"));
  const resume = existsSync(join(folder, "options.json"));
  for await (const event of trainRun({ data: dataFolder, out: folder, options, resume })) {
    if (event.type === "evaluation") {
      log(`  ${name}, step ${event.step} of ${steps}: validation loss ${event.validationLoss.toFixed(4)}`);
    }
    if (event.type === "end" && event.reason !== "finished") throw new Error(`${name}: ${event.reason}`);
  }
  const metrics = parseMetrics(await readFile(join(folder, "metrics.jsonl"), "utf8"));
  const config = runModelConfig(options, dataset);
  const { training, accumulation } = runBatches(dataset, options);
  let [flops, seconds, tokens, targets] = [0, 0, 0, 0];
  for (const { step, tokensPerSecond } of metrics) {
    let read = 0;
    for (let k = 0; k < accumulation; k++) {
      const batch = training((step - 1) * accumulation + k);
      read += batch.ids.length;
      targets += countTargets(batch);
      flops += trainingFlops(config, batch);
    }
    tokens += read;
    seconds += read / tokensPerSecond;
  }
  const validation = metrics.flatMap(({ step, validationLoss }) =>
    validationLoss === undefined ? [] : [[step, validationLoss] as const],
  );
  // Not the folder: what it begins with is a training of this study.
  return {
    name,
    options: { ...options, init: init ?? "" },
    steps,
    flops,
    seconds,
    tokens,
    targets,
    validation,
  };
}

function trainingRanges({ split }: Dataset): Ranges {
  const train = split("train");
  return voiceRanges(
    Array.from({ length: train.pieceCount }, (_, i) => stepsOf(train.tokenizer, train.piece(i))),
  );
}
