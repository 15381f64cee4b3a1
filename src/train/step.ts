import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { lossAndGradients, type ModelConfig, type Parameters, parameterShapes } from "../model/index.js";
import { adamW, globalNorm } from "../ops/index.js";
import { type Batch, countTargets } from "./batch.js";
import type { TrainingSettings } from "./settings.js";

/** A model in training: its weights and, for each, the moments of AdamW, by the same names. */
export interface TrainedModel {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** Running means of the gradients. */
  readonly first: Parameters;
  /** Running means of the gradients' squares. */
  readonly second: Parameters;
}

/** Moments before the first update: zeros of the parameters' shapes. */
export function zeroMoments(config: ModelConfig): Parameters {
  const moments = new Map<string, tf.Variable>();
  for (const [name, shape] of parameterShapes(config)) {
    moments.set(
      name,
      tf.tidy(() => tf.variable(tf.zeros([...shape]))),
    );
  }
  return moments;
}

/** How one update is made; of the settings only what it looks at. */
export interface StepOptions
  extends Pick<TrainingSettings, "seed" | "weightDecay" | "beta1" | "beta2" | "clip"> {
  /** The update's number, from 1. */
  readonly step: number;
  readonly learningRate: number;
}

/** What an update found. */
export interface StepOutcome {
  /** Mean over all counted targets of all micro-batches, nats. */
  readonly loss: number;
  /** Global norm of the gradient of that mean, before clipping. */
  readonly gradientNorm: number;
  /** False where the loss or the norm isn't finite: then the weights are as they were. */
  readonly applied: boolean;
}

/**
 * One update of the weights: the gradient of the mean loss over every counted target of all micro-batches (as if they
 * were one batch, however unevenly their targets are counted, unless they bring weights), clipped by its global norm, then AdamW.
 *
 * Dropout masks are functions of (seed, number of the micro-batch), so each micro-batch has its own.
 *
 * @throws AttaccaError `invalid` where no target of the batches is counted
 */
export async function trainingStep(
  model: TrainedModel,
  batches: readonly Batch[],
  options: StepOptions,
): Promise<StepOutcome> {
  const counts = batches.map(weightOf);
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) throw invalid(`batch of step ${options.step}`, "no counted target", "at least one");

  const parts: { readonly share: number; readonly loss: tf.Scalar }[] = [];
  let gradients: tf.Tensor[] = [];
  let norm: tf.Scalar | undefined;
  try {
    for (const [k, batch] of batches.entries()) {
      const share = counts[k] / total;
      if (share === 0) continue;
      const part = gradientsOf(model, batch, {
        seed: options.seed,
        step: (options.step - 1) * batches.length + k,
      });
      parts.push({ share, loss: part.loss });
      gradients = addScaled(gradients, part.gradients, share);
    }
    norm = globalNorm(gradients);
    // Read together, once everything has been asked for: a GPU then waits for the reader once a step.
    const numbers = await Promise.all([norm, ...parts.map((part) => part.loss)].map((one) => one.data()));
    const [gradientNorm, ...losses] = numbers.map((values) => values[0]);
    const loss = parts.reduce((sum, { share }, i) => sum + share * losses[i], 0);
    const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
    if (applied) {
      const state = {
        parameters: [...model.parameters.values()],
        first: [...model.parameters.keys()].map((name) => model.first.get(name)!),
        second: [...model.parameters.keys()].map((name) => model.second.get(name)!),
      };
      const { step, learningRate, beta1, beta2, weightDecay, clip } = options;
      adamW(state, gradients, { step, learningRate, beta1, beta2, weightDecay, maxNorm: clip, norm });
    }
    return { loss, gradientNorm, applied };
  } finally {
    norm?.dispose();
    tf.dispose([...gradients, ...parts.map((part) => part.loss)]);
  }
}

/** How much a batch's mean counts beside those of the other batches. */
function weightOf(batch: Batch): number {
  const targets = countTargets(batch);
  return targets === 0 ? 0 : (batch.weight ?? targets);
}

function gradientsOf(
  { parameters, config }: TrainedModel,
  batch: Batch,
  training: { readonly seed: number; readonly step: number },
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  const [ids, targets] = batchTensors(batch);
  const source = sourceTensors(batch);
  const weights = batch.weights && tf.tensor2d(batch.weights, [batch.batchSize, batch.length]);
  try {
    const { prefixes, positions } = batch;
    const options = { training, prefixes, positions, weights, source };
    const result = lossAndGradients(parameters, config, ids, targets, options);
    return { loss: result.loss, gradients: [...result.gradients.values()] };
  } finally {
    tf.dispose([ids, targets]);
    source?.ids.dispose();
    weights?.dispose();
  }
}

/** sums (none yet: an empty list) + share · gradients, and frees what went in. */
function addScaled(sums: readonly tf.Tensor[], gradients: tf.Tensor[], share: number): tf.Tensor[] {
  if (share === 1) return gradients;
  return gradients.map((gradient, i) => {
    const sum = tf.tidy(() => {
      const scaled = tf.mul(gradient, share);
      return sums.length === 0 ? scaled : tf.add(sums[i], scaled);
    });
    tf.dispose(sums.length === 0 ? [gradient] : [gradient, sums[i]]);
    return sum;
  });
}

/** What a batch's rows give to an encoder, its ids as an int32 tensor; undefined where there is none. */
export function sourceTensors({
  sources,
  batchSize,
}: Batch): { readonly ids: tf.Tensor2D; readonly lengths: readonly number[] } | undefined {
  if (sources === undefined) return undefined;
  const { ids, length, lengths } = sources;
  return { ids: tf.tensor2d(ids, [batchSize, length], "int32"), lengths };
}

/** A batch's ids and targets as int32 tensors [batchSize, length]; where only the last ones are counted, targets [batchSize, 1]. */
export function batchTensors(batch: Batch): [ids: tf.Tensor2D, targets: tf.Tensor2D] {
  const { batchSize, length } = batch;
  const ids = tf.tensor2d(batch.ids, [batchSize, length], "int32");
  if (batch.positions !== "last") return [ids, tf.tensor2d(batch.targets, [batchSize, length], "int32")];
  const last = Int32Array.from({ length: batchSize }, (_, row) => batch.targets[(row + 1) * length - 1]);
  return [ids, tf.tensor2d(last, [batchSize, 1], "int32")];
}
