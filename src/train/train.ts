import type { Batch, BatchSource, EvaluationSource } from "./batch.js";
import { evaluateUnlessAborted } from "./evaluation.js";
import { afterEvaluation, afterUpdate, hasDiverged, NO_PROGRESS, type TrainingProgress } from "./progress.js";
import { learningRateAt } from "./schedule.js";
import { checkSettings, type TrainingSettings } from "./settings.js";
import { type TrainedModel, trainingStep } from "./step.js";

/** What a training run needs. */
export interface TrainOptions {
  /** Weights and moments, changed in place; the caller made them and disposes of them. */
  readonly model: TrainedModel;
  readonly settings: TrainingSettings;
  /** Micro-batch `k` of update `n` (from 1) is batch (n − 1) · accumulation + k of this source. */
  readonly batches: BatchSource;
  /** Without it nothing is evaluated, and there is no best checkpoint and no early stopping. */
  readonly validation?: EvaluationSource;
  /** Where to go on; default: at the beginning. */
  readonly progress?: TrainingProgress;
  /** Looked at between updates; an AbortSignal will do. */
  readonly signal?: { readonly aborted: boolean };
  /** Milliseconds from any origin, for tokens a second. */
  readonly now: () => number;
  /** Gives the event loop a turn, so that signals and clicks arrive; awaited after every update. */
  readonly pause: () => Promise<void>;
}

/** Why a run ended. */
export type StopReason = "finished" | "interrupted" | "early-stopping" | "diverged";

/** What a run tells of itself while it goes on. */
export type TrainingEvent =
  | {
      readonly type: "step";
      readonly step: number;
      /** Mean negative log-likelihood of the counted tokens, nats a token. */
      readonly loss: number;
      readonly learningRate: number;
      /** Before clipping. */
      readonly gradientNorm: number;
      /** Ids that were read in this step. */
      readonly tokens: number;
      readonly tokensPerSecond: number;
    }
  | {
      readonly type: "evaluation";
      readonly step: number;
      readonly validationLoss: number;
      readonly tokens: number;
      readonly best: boolean;
    }
  /** The moment to save: the model's tensors hold this state until the next event is asked for. */
  | { readonly type: "checkpoint"; readonly kind: "best" | "last"; readonly progress: TrainingProgress }
  /** Always the last event. */
  | {
      readonly type: "stop";
      readonly reason: StopReason;
      readonly progress: TrainingProgress;
      readonly found?: string;
    };

/**
 * Trains a model, as a stream of events; nothing happens until the next one is asked for.
 *
 * Everything random is a function of (seed, step), so a run that goes on from a saved "last" checkpoint gives the same
 * numbers, bit for bit on the same backend, as one that never stopped. A "best" checkpoint comes before the "last" one
 * of the same step, so that what the last one calls best exists.
 *
 * A loss or a gradient that isn't finite stops the run before the weights are touched; so does a loss that has run away
 * (see `hasDiverged`). Then nothing more is saved.
 *
 * @throws AttaccaError `invalid` for a setting out of its range, or a batch in which nothing is counted
 *
 * @example
 * for await (const event of train({ model, settings, batches, validation, now: () => performance.now(), pause })) {
 *   if (event.type === "step") console.log(event.step, event.loss);
 * }
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { model, settings, validation, signal, now, pause } = options;
  checkSettings(settings);
  const start = options.progress ?? NO_PROGRESS;
  let progress = start;
  if (progress.step === 0) yield { type: "checkpoint", kind: "last", progress };

  for (;;) {
    if (validation && isEvaluationDue(progress, settings)) {
      const score = await evaluateUnlessAborted(model.parameters, model.config, validation, {
        pause,
        signal,
      });
      if (score !== undefined) {
        const { step } = progress;
        progress = afterEvaluation(progress, score.nllPerToken);
        const best = progress.bestStep === step;
        yield { type: "evaluation", step, validationLoss: score.nllPerToken, tokens: score.tokens, best };
        if (best) yield { type: "checkpoint", kind: "best", progress };
      }
    }
    const reason = stopReason(progress, settings, signal);
    if (progress !== start && (reason !== undefined || progress.step % settings.saveEvery === 0)) {
      yield { type: "checkpoint", kind: "last", progress };
    }
    if (reason !== undefined) return yield { type: "stop", reason, progress };

    const step = progress.step + 1;
    const started = now();
    const learningRate = learningRateAt(settings, step);
    const batches = microBatches(options.batches, step, settings.accumulation);
    const outcome = await trainingStep(model, batches, { ...settings, step, learningRate });
    if (!outcome.applied) {
      const found = `loss ${outcome.loss} and gradient norm ${outcome.gradientNorm} at step ${step}`;
      return yield { type: "stop", reason: "diverged", progress, found };
    }
    progress = afterUpdate(progress, outcome.loss);
    const tokens = batches.reduce((sum, batch) => sum + batch.ids.length, 0);
    const tokensPerSecond = (1000 * tokens) / Math.max(now() - started, 1e-3);
    const { loss, gradientNorm } = outcome;
    yield { type: "step", step, loss, learningRate, gradientNorm, tokens, tokensPerSecond };
    await pause();
    if (hasDiverged(progress, model.config.vocab_size)) {
      const found = `smoothed loss ${progress.smoothedLoss?.toFixed(3)} at step ${step}, once ${progress.lowestLoss?.toFixed(3)}`;
      return yield { type: "stop", reason: "diverged", progress, found };
    }
  }
}

function isEvaluationDue({ step, evaluatedStep }: TrainingProgress, settings: TrainingSettings): boolean {
  return step > evaluatedStep && (step % settings.evalEvery === 0 || step >= settings.steps);
}

function stopReason(
  progress: TrainingProgress,
  settings: TrainingSettings,
  signal: { readonly aborted: boolean } | undefined,
): StopReason | undefined {
  if (progress.step >= settings.steps) return "finished";
  if (settings.patience > 0 && progress.evaluationsSinceBest >= settings.patience) return "early-stopping";
  return signal?.aborted ? "interrupted" : undefined;
}

function microBatches(source: BatchSource, step: number, accumulation: number): Batch[] {
  return Array.from({ length: accumulation }, (_, k) => source((step - 1) * accumulation + k));
}
