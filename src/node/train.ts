import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { BackendChoice } from "../backend/index.js";
import type { Dataset } from "../dataset/index.js";
import { invalid } from "../errors.js";
import { type ModelConfig, parameterCount } from "../model/index.js";
import {
  disposeTrainedModel,
  formatRunOptions,
  type InitialWeights,
  newRunOptions,
  newTrainedModel,
  resumedRunOptions,
  runBatches,
  runModelConfig,
  sourceStep,
  type TrainingRecord,
  type TrainRunOptions,
  trainedModelWithWeights,
  trainingRecord,
} from "../run/index.js";
import {
  checkSettings,
  NO_PROGRESS,
  type StopReason,
  type TrainedModel,
  type TrainingEvent,
  type TrainingProgress,
  train,
} from "../train/index.js";
import { lossPlot } from "../view/index.js";
import { chooseBackend } from "./backend.js";
import { readDataset } from "./dataset.js";
import { exists, writeAtomic } from "./files.js";
import { checkUnlocked, lockRun } from "./run-lock.js";
import { hasLast, loadLast, saveTrainedModel } from "./train-checkpoint.js";
import { checkResources, checkRunTarget, removeLeftovers, removeRun } from "./train-checks.js";
import { initialWeights } from "./train-init.js";
import { type MetricsLog, openMetricsLog, readMetrics } from "./train-metrics.js";
import { readRunOptions } from "./train-options.js";
import { packageVersion } from "./version.js";

/** A run: what to learn from, where to write, and what differs from the defaults. */
export interface TrainRun {
  /** Dataset folder. */
  readonly data: string;
  /** The run's folder: `best` and `last` checkpoints, `options.json`, `metrics.jsonl`, `loss.svg`. */
  readonly out: string;
  readonly options: Partial<TrainRunOptions>;
  /** Go on with the run that is in `out`. */
  readonly resume?: boolean;
  /** Replace the run that is in `out`. */
  readonly force?: boolean;
  readonly signal?: { readonly aborted: boolean };
  /** Version of this package, for the checkpoint's record. Default: this one. */
  readonly attacca?: string;
}

/** What a run is, once all checks have passed. */
export interface RunStart {
  readonly type: "start";
  readonly options: TrainRunOptions;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly backend: string;
  readonly backendWhy: string;
  readonly trainTokens: number;
  /** Batches in which every token of the training split has been seen once. */
  readonly updatesPerEpoch: number;
  readonly progress: TrainingProgress;
}

/** What a run came to. */
export interface RunEnd {
  readonly type: "end";
  readonly reason: StopReason;
  /** What was found where the loss diverged. */
  readonly found?: string;
  readonly progress: TrainingProgress;
  /** Tokens read a second by the updates of this call. */
  readonly tokensPerSecond: number;
  /** The checkpoint that a user of the run's folder gets. */
  readonly checkpoint: string;
  readonly plot: string;
}

/** The loop's events, with a start in front, and an end in place of its stop; checkpoints are saved before they are told. */
export type RunEvent = RunStart | Exclude<TrainingEvent, { type: "stop" }> | RunEnd;

/**
 * Trains on a dataset folder and writes everything into the run's folder.
 *
 * @throws AttaccaError before anything is written where the run can't go through
 */
export async function* trainRun(run: TrainRun): AsyncGenerator<RunEvent, void, void> {
  const { data, out, resume = false, force = false } = run;
  await checkUnlocked(out);
  await checkRunTarget(out, { resume, force });
  const saved = resume ? await readRunOptions(out) : undefined;
  const options = saved ? resumedRunOptions(saved, run.options, out) : newRunOptions(run.options);
  checkSettings(options);
  const dataset = await readDataset(data);
  const config = runModelConfig(options, dataset);
  // A run that has saved something goes on with its own weights.
  const goesOn = resume && (await hasLast(out));
  const init = goesOn ? undefined : await initialWeights(options, dataset, data, config);
  const backend = await chooseBackend(options.backend);
  await checkResources(out, dataset, config, { batchSize: options.batchSize, backend: backend.name });

  const release = await lockRun(out);
  try {
    // Another run may have come and gone since the first look.
    await checkRunTarget(out, { resume, force });
    yield* lockedRun(run, { options, config, dataset, backend, init });
  } finally {
    await release();
  }
}

/** What a run reads before it takes its folder. */
interface RunInput {
  readonly options: TrainRunOptions;
  readonly config: ModelConfig;
  readonly dataset: Dataset;
  readonly backend: BackendChoice;
  /** What the weights begin with, if not with random numbers. */
  readonly init: InitialWeights | undefined;
}

async function* lockedRun(run: TrainRun, input: RunInput): AsyncGenerator<RunEvent, void, void> {
  const { out, resume = false } = run;
  const { options, config, dataset, backend, init } = input;
  const attacca = run.attacca ?? packageVersion();
  const record = trainingRecord(dataset, { attacca, label: options.label });
  const goOn = resume && (await hasLast(out));
  if (!resume) await removeRun(out);
  await removeLeftovers(out);
  const loaded = goOn ? await loadLast(out) : undefined;
  const fresh = () =>
    init
      ? trainedModelWithWeights(config, init, {
          seed: options.seed,
          idsPerStep: sourceStep(dataset),
        })
      : newTrainedModel(config, options, { idsPerStep: sourceStep(dataset) });
  const model = loaded?.model ?? fresh();
  const progress = loaded?.record.progress ?? NO_PROGRESS;
  try {
    if (loaded && loaded.record.dataset !== record.dataset) {
      throw invalid(run.data, "another dataset than the run was started with", "the same dataset");
    }
    if (progress.step > options.steps) {
      throw invalid(
        "option --steps",
        String(options.steps),
        `${progress.step} or more: so many are done in ${out}`,
        "A run can't go back; start a new one in another folder",
      );
    }
    await writeAtomic(join(out, "options.json"), formatRunOptions(options));
    const start = {
      type: "start",
      options,
      config: model.config,
      parameters: parameterCount(config),
      backend: backend.name,
      backendWhy: backend.why,
      trainTokens: dataset.split("train").tokenCount,
      progress,
    } as const;
    yield* drive(run, { start, dataset, model, record });
  } finally {
    disposeTrainedModel(model);
  }
}

interface Prepared {
  readonly start: Omit<RunStart, "updatesPerEpoch">;
  readonly dataset: Dataset;
  readonly model: TrainedModel;
  readonly record: Omit<TrainingRecord, "progress">;
}

async function* drive(run: TrainRun, prepared: Prepared): AsyncGenerator<RunEvent, void, void> {
  const { start, dataset, model, record } = prepared;
  const { options } = start;
  const { training, validation, updatesPerEpoch, accumulation } = runBatches(dataset, options);
  yield { ...start, updatesPerEpoch };

  const metricsPath = join(run.out, "metrics.jsonl");
  const log = await openMetricsLog(metricsPath, start.progress.step);
  const events = train({
    model,
    settings: { ...options, accumulation },
    batches: training,
    validation,
    progress: start.progress,
    signal: run.signal,
    now: () => performance.now(),
    pause: async () => {
      await setImmediate();
    },
  });
  let tokens = 0;
  let seconds = 0;
  try {
    for await (const event of events) {
      if (event.type === "stop") {
        await log.flush();
        const plot = await writePlot(run.out, metricsPath, options.label);
        const tokensPerSecond = tokens === 0 ? 0 : tokens / seconds;
        yield { ...event, type: "end", tokensPerSecond, plot, checkpoint: await checkpointOf(run.out) };
        return;
      }
      if (event.type === "step") {
        tokens += event.tokens;
        seconds += event.tokens / event.tokensPerSecond;
      }
      await writeMetrics(event, log);
      if (event.type === "checkpoint") {
        const moments = event.kind === "last";
        const { tokenizer } = dataset.manifest;
        const saved = { ...record, progress: event.progress };
        await saveTrainedModel(join(run.out, event.kind), model, saved, { tokenizer, moments });
      }
      yield event;
    }
  } finally {
    await log.close();
  }
}

async function writeMetrics(event: TrainingEvent, log: MetricsLog): Promise<void> {
  if (event.type === "step") {
    const { type: _, tokens: __, ...metrics } = event;
    await log.add(metrics);
  } else if (event.type === "evaluation") {
    log.evaluated(event.validationLoss);
  } else if (event.type === "checkpoint") {
    // Before the checkpoint: what it holds is in the metrics whenever it is there.
    await log.flush();
  }
}

async function writePlot(out: string, metricsPath: string, label: string): Promise<string> {
  const path = join(out, "loss.svg");
  await writeAtomic(path, lossPlot(await readMetrics(metricsPath), { title: label || "Training loss" }));
  return path;
}

async function checkpointOf(out: string): Promise<string> {
  const best = join(out, "best");
  return (await exists(best)) ? best : join(out, "last");
}
