import { invalid, missing } from "../../errors.js";
import { continueScore } from "../../generate/index.js";
import type { Score } from "../../midi/index.js";
import { parameterCount } from "../../model/index.js";
import { type MetricsRecord, train } from "../../train/index.js";
import type { ModelInfo, SessionInfo, TrainEvent, Trained, TrainRequest } from "../protocol.js";
import { inVoices, isInVoices } from "../voices.js";
import type { JobContext } from "../worker.js";
import { useCheckpoint } from "./open.js";
import { breather, type Studio } from "./studio.js";
import { trainingData } from "./training-data.js";
import {
  disposeSession,
  keepCheckpoint,
  newSession,
  sessionCheckpoint,
  type TrainingSession,
  zipSession,
} from "./training-session.js";

/** Ids of a sample at most: a model that has learned little may never end a bar. */
const MOST_SAMPLE_IDS = 600;

/**
 * Trains a model, or goes on with the one that was stopped. Stopped itself, it ends after the update that it is at, and
 * everything stays to go on from.
 */
export async function trainJob(request: TrainRequest, context: JobContext<TrainEvent>): Promise<Trained> {
  const { studio } = context;
  if (studio.isTraining) throw invalid("training", "one that is going on", "one at a time", "Stop it first");
  studio.isTraining = true;
  try {
    const session = request.goOn ? stoppedSession(studio) : await begin(request, context);
    try {
      return await runSession(session, request, context);
    } catch (error) {
      session.broken ??= "one that failed between two updates";
      throw error;
    }
  } finally {
    studio.isTraining = false;
  }
}

async function begin(request: TrainRequest, context: JobContext<TrainEvent>): Promise<TrainingSession> {
  const { studio, signal, tell } = context;
  const { files, tokenizer, options } = request;
  const breathe = breather();
  const data = await trainingData({
    files,
    tokenizer,
    version: studio.version,
    signal,
    async onFile(done) {
      tell({ kind: "reading", done, files: files.length });
      await breathe();
    },
  });
  const session = newSession(data, options, studio.version);
  if (studio.session !== undefined) disposeSession(studio.session);
  studio.session = session;
  return session;
}

function stoppedSession(studio: Studio): TrainingSession {
  const session = sessionOf(studio);
  if (session.broken === undefined) return session;
  throw invalid(
    "training",
    session.broken,
    "a run that was stopped",
    "Start it anew; its checkpoint is still there",
  );
}

function sessionOf(studio: Studio): TrainingSession {
  if (studio.session === undefined) throw missing("training", "a run to go on with");
  return studio.session;
}

async function runSession(
  session: TrainingSession,
  { sample }: TrainRequest,
  { studio, signal, tell }: JobContext<TrainEvent>,
): Promise<Trained> {
  const { options, batches, model, dataset, data, metrics } = session;
  tell({ kind: "start", info: infoOf(session), skipped: data.skipped });
  const breathe = breather();
  const pause = async (): Promise<void> => {
    await breathe();
    await studio.letOthersGo();
  };
  const sing = async (step: number): Promise<void> => {
    const score = await sampleOf(session, sample, signal);
    tell({ kind: "sample", step, score });
  };
  const events = train({
    model,
    settings: { ...options, accumulation: batches.accumulation },
    batches: batches.training,
    validation: batches.validation,
    progress: session.progress,
    signal,
    now: () => performance.now(),
    pause,
  });
  for await (const event of events) {
    if (event.type === "stop") {
      const { reason, found, progress } = event;
      if (reason === "diverged") session.broken = "one whose loss ran away";
      return { reason, found, step: progress.step, bestStep: progress.bestStep, info: infoOf(session) };
    }
    if (event.type === "checkpoint") {
      session.progress = event.progress;
      await keepCheckpoint(session, event.kind, event.progress);
    } else if (event.type === "step") {
      const { type: _, ...record } = event;
      metrics.push(record);
      tell({ kind: "step", record });
      if (batches.validation === undefined && event.step % options.evalEvery === 0) await sing(event.step);
    } else {
      const newest = metrics.pop() as MetricsRecord;
      metrics.push({ ...newest, validationLoss: event.validationLoss });
      tell({ kind: "evaluation", step: event.step, validationLoss: event.validationLoss, best: event.best });
      await sing(event.step);
    }
  }
  throw new Error(`training ended without a reason, with ${dataset.manifest.pieces.length} pieces`);
}

/** What the model makes by now of the sample's prompt. */
async function sampleOf(
  { model: { config, parameters }, dataset: { tokenizer } }: TrainingSession,
  { prompt, bars, seed }: TrainRequest["sample"],
  signal: AbortSignal,
): Promise<Score> {
  const breathe = breather();
  const limit = { aborted: false };
  const { samples } = await continueScore({
    config,
    parameters,
    tokenizer,
    prompt: prompt && tokenizer.name === "chorale" && !isInVoices(prompt) ? inVoices(prompt) : prompt,
    bars,
    seed,
    topP: 0.95,
    signal: limit,
    async onStep({ tokens }) {
      limit.aborted = tokens >= MOST_SAMPLE_IDS || signal.aborted;
      await breathe();
    },
  });
  return samples[0].score;
}

function infoOf({ model: { config }, dataset, batches, options, progress }: TrainingSession): SessionInfo {
  const { train: training, val } = dataset.manifest.splits;
  return {
    parameters: parameterCount(config),
    vocabulary: config.vocab_size,
    trainPieces: training.pieces,
    trainTokens: training.tokens,
    validationPieces: val.pieces,
    updatesPerEpoch: batches.updatesPerEpoch,
    steps: options.steps,
    step: progress.step,
  };
}

/** The run as a zip of Node's folder. */
export async function zipJob(
  { name }: { readonly name: string },
  { studio }: JobContext<never>,
): Promise<Blob> {
  return new Blob([zipSession(sessionOf(studio), name)], { type: "application/zip" });
}

/** Makes what was trained the studio's model. */
export async function useTrainedJob(
  { name }: { readonly name: string },
  { studio }: JobContext<never>,
): Promise<ModelInfo> {
  return useCheckpoint(studio, name, sessionCheckpoint(sessionOf(studio)));
}
