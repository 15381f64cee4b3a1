import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Dataset } from "../dataset/index.js";
import { invalid, missing } from "../errors.js";
import { newRunOptions, runBatches, runModelConfig } from "../run/index.js";
import {
  type Arm,
  armRunOptions,
  arms,
  type Budget,
  budgets,
  continuedSteps,
  hasVoices,
  musicStatistics,
  type PlannedRun,
  plan,
  type Ranges,
  type RunRecord,
  realSteps,
  type Setting,
  type SettingName,
  type SettingRecord,
  settings,
  stepsOf,
  studyReport,
  type Training,
  type TrainingRecord,
  trainingFlops,
  voiceRanges,
} from "../study/index.js";
import { countTargets, parseMetrics } from "../train/index.js";
import { chooseBackend } from "./backend.js";
import { readDataset } from "./dataset.js";
import { evaluateCheckpoint } from "./evaluate.js";
import { exists, readJson, writeAtomic } from "./files.js";
import { loadModel } from "./model.js";
import { stepCosts, withLackingCosts } from "./study-costs.js";
import { trainRun } from "./train.js";
import { packageVersion } from "./version.js";

/** Which part of which study is done, and where. */
export interface StudyRun {
  /** Dataset folder. */
  readonly data: string;
  readonly setting: SettingName;
  /** Folder of the records: `setting.json`, and `runs/NAME.json` for each run. */
  readonly out: string;
  /** Folder of the training runs. Default: `work` in `out`. */
  readonly work?: string;
  /** Default: all. */
  readonly arms?: readonly Arm[];
  readonly budgets?: readonly Budget[];
  /** How many seeds, from 0 on. Default: as many as the setting has. */
  readonly seeds?: number;
  readonly signal?: { readonly aborted: boolean };
}

/** What a study tells while it goes on. */
export type StudyEvent =
  /** Before what a step of each arm costs is measured. */
  | { readonly type: "costs" }
  | { readonly type: "plan"; readonly runs: number; readonly done: number }
  | { readonly type: "run"; readonly name: string; readonly number: number; readonly runs: number }
  | { readonly type: "step"; readonly training: string; readonly step: number; readonly steps: number }
  | {
      readonly type: "evaluation";
      readonly training: string;
      readonly step: number;
      readonly validationLoss: number;
    }
  | { readonly type: "record"; readonly record: RunRecord }
  | { readonly type: "end"; readonly reason: "finished" | "interrupted"; readonly done: number };

/** All that the runs of a study share. */
interface Study {
  readonly run: StudyRun;
  readonly setting: Setting;
  readonly dataset: Dataset;
  readonly ranges: Ranges;
  readonly work: string;
}

const machine = (): string => `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`;

/**
 * Trains and scores the arms of a study on the simd engine. What is done already is left as it is, and what was cut off is gone on with:
 * a study that was stopped and started again has the same losses as one that never stopped.
 *
 * @throws AttaccaError where the folder holds records of another setting, or a training diverges
 */
export async function* runStudy(run: StudyRun): AsyncGenerator<StudyEvent, void, void> {
  const setting = settings[run.setting];
  const dataset = await readDataset(run.data);
  const study = {
    run,
    setting,
    dataset,
    ranges: trainingRanges(dataset),
    work: run.work ?? join(run.out, "work"),
  };
  await chooseBackend("simd");
  if (!(await exists(join(run.out, "setting.json")))) yield { type: "costs" };
  const shared = await settingRecord(study);
  if (shared === undefined) {
    yield { type: "end", reason: "interrupted", done: 0 };
    return;
  }
  const planned = plan(setting.options.steps, shared.costs, {
    arms: run.arms ?? arms,
    budgets: run.budgets ?? budgets,
    seeds: Array.from({ length: run.seeds ?? setting.seeds }, (_, seed) => seed),
  });
  const pathOf = ({ name }: PlannedRun): string => join(run.out, "runs", `${name}.json`);
  const there = await Promise.all(planned.map((one) => exists(pathOf(one))));
  let done = there.filter(Boolean).length;
  yield { type: "plan", runs: planned.length, done };
  for (const [i, one] of planned.entries()) {
    if (there[i]) continue;
    yield { type: "run", name: one.name, number: i + 1, runs: planned.length };
    const record = yield* recordOf(study, one);
    if (record === undefined) {
      yield { type: "end", reason: "interrupted", done };
      return;
    }
    await writeAtomic(pathOf(one), `${JSON.stringify(record)}\n`);
    done++;
    yield { type: "record", record };
  }
  yield { type: "end", reason: "finished", done };
}

/**
 * Makes a study's tables and plots of its records, beside them.
 *
 * @param folder the `out` of a study
 * @returns the files that were written, and of how many runs
 * @throws AttaccaError `missing` where there are no records, `invalid` where one can't be read
 */
export async function reportStudy(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly runs: number }> {
  const path = join(folder, "setting.json");
  if (!(await exists(path))) throw missing(path, "the folder of a study, as attacca study --out makes it");
  const shared = (await readJson(path)) as SettingRecord;
  const runs = await readRecords(folder);
  if (runs.length === 0) throw missing(join(folder, "runs"), "one run's record or more");
  if (shared?.costs === undefined || shared.real === undefined) {
    throw invalid(path, "no costs and statistics in it", "what attacca study wrote");
  }
  const files: string[] = [];
  for (const [name, text] of studyReport(runs[0].setting, shared, runs)) {
    files.push(join(folder, name));
    await writeAtomic(join(folder, name), text);
  }
  return { files, runs: runs.length };
}

async function readRecords(folder: string): Promise<RunRecord[]> {
  const runs = join(folder, "runs");
  const names = (await exists(runs)) ? (await readdir(runs)).filter((name) => name.endsWith(".json")) : [];
  return Promise.all(
    names.sort().map(async (name) => {
      const record = (await readJson(join(runs, name))) as Partial<RunRecord> | undefined;
      if (!record?.arm || !record.test?.pieces || !record.trainings || !record.music) {
        throw invalid(join(runs, name), "not the record of a run", "what attacca study wrote");
      }
      return record as RunRecord;
    }),
  );
}

/** Costs and statistics that all runs share: measured by the first call. */
async function settingRecord({ run, setting, dataset, ranges }: Study): Promise<SettingRecord | undefined> {
  const path = join(run.out, "setting.json");
  if (await exists(path)) {
    const found = (await readJson(path)) as SettingRecord;
    const name = found.setting ?? (await readRecords(run.out))[0]?.setting ?? run.setting;
    if (name !== run.setting) {
      throw invalid(
        run.out,
        `a study of the setting ${name}`,
        `one of ${run.setting}`,
        "Choose another --out",
      );
    }
    const costs = await withLackingCosts(dataset, setting, found.costs, run.signal);
    if (costs === undefined || costs === found.costs) return costs && found;
    const made = { ...found, costs };
    await writeAtomic(path, `${JSON.stringify(made, undefined, 2)}\n`);
    return made;
  }
  const costs = await stepCosts(dataset, setting, arms, run.signal);
  if (costs === undefined) return undefined;
  const real = musicStatistics(
    realSteps(dataset.split("test"), setting.music),
    ranges,
    hasVoices(dataset.tokenizer),
  );
  const made = { setting: run.setting, costs, machine: machine(), real };
  await writeAtomic(path, `${JSON.stringify(made, undefined, 2)}\n`);
  return made;
}

async function* recordOf(
  study: Study,
  planned: PlannedRun,
): AsyncGenerator<StudyEvent, RunRecord | undefined, void> {
  const { run, setting, dataset, ranges, work } = study;
  const trainings: TrainingRecord[] = [];
  for (const training of planned.trainings) {
    const trained = yield* trainingOf(study, training);
    if (trained === undefined) return undefined;
    trainings.push(trained);
  }
  // The last state, not the best: each arm has the whole of its budget, and none chooses by its own validation.
  const checkpoint = join(work, planned.name, "last");
  const { signal, data } = run;
  const { targets, music } = setting;
  const score = await evaluateCheckpoint({
    checkpoint,
    data,
    split: "test",
    targets,
    backend: "simd",
    signal,
  });
  if (score === undefined) return undefined;
  const model = await loadModel(checkpoint, "simd");
  try {
    const now = () => performance.now();
    const continued = await continuedSteps(model, dataset.split("test"), music, { now, signal });
    if (continued === undefined) return undefined;
    const { tokens, notes, seconds } = continued;
    return {
      name: planned.name,
      setting: run.setting,
      arm: planned.arm,
      budget: planned.budget,
      seed: planned.seed,
      machine: machine(),
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
        tokens,
        notes,
        seconds,
        statistics: musicStatistics(continued.steps, ranges, hasVoices(dataset.tokenizer)),
      },
    };
  } finally {
    model.dispose();
  }
}

/** Trains, or goes on, or finds it done. */
async function* trainingOf(
  { run, setting, dataset, work }: Study,
  training: Training,
): AsyncGenerator<StudyEvent, TrainingRecord | undefined, void> {
  const { name, steps } = training;
  const out = join(work, name);
  const init = training.init === undefined ? "" : join(work, training.init, "last");
  const options = newRunOptions(armRunOptions(setting, { ...training, init }));
  const resume = await exists(join(out, "options.json"));
  for await (const event of trainRun({ data: run.data, out, options, resume, signal: run.signal })) {
    if (event.type === "step") yield { type: "step", training: name, step: event.step, steps };
    if (event.type === "evaluation") {
      yield { type: "evaluation", training: name, step: event.step, validationLoss: event.validationLoss };
    }
    if (event.type !== "end" || event.reason === "finished") continue;
    if (event.reason === "interrupted") return undefined;
    throw invalid(`training ${name}`, `${event.reason}: ${event.found ?? ""}`, "a run that goes through");
  }
  const metrics = parseMetrics(await readFile(join(out, "metrics.jsonl"), "utf8"));
  const config = runModelConfig(options, dataset);
  const batches = runBatches(dataset, options);
  let [flops, seconds, tokens, targets] = [0, 0, 0, 0];
  for (const { step, tokensPerSecond } of metrics) {
    let read = 0;
    for (let k = 0; k < batches.accumulation; k++) {
      const batch = batches.training((step - 1) * batches.accumulation + k);
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
    options: { ...options, init: training.init ?? "" },
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
