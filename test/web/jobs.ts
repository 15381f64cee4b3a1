import * as tf from "@tensorflow/tfjs-core";
import type { GenerateOptions, SamplingOptions } from "../../src/generate/index.js";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  loss,
  lossAndGradients,
  type ModelConfig,
  modelConfig,
  nll,
  type Parameters,
  parametersFrom,
} from "../../src/model/index.js";
import { type AdamWOptions, adamW, globalNorm } from "../../src/ops/index.js";
import type { Batch } from "../../src/train/batch.js";
import { type StepOptions, trainingStep, zeroMoments } from "../../src/train/index.js";
import { runGenerate } from "../generate/tiny-model.js";
import { runOperation } from "../ops/run-operation.js";
import { takeAll, upload, type Values } from "../values.js";

// What the tests have computed, in a page's worker and in Node alike: plain data in, plain data out.

/** A model as plain data. */
export interface ModelJob {
  readonly config: ModelConfig;
  /** Weights by name. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly ids: number[][];
}

interface TrainingJob extends ModelJob {
  readonly targets: number[][];
  /** With dropout, where the config has some. */
  readonly training?: { readonly seed: number; readonly step: number };
}

interface AdamWJob {
  readonly parameters: readonly Values[];
  /** By step, by parameter. */
  readonly gradients: readonly (readonly Values[])[];
  readonly options: Omit<AdamWOptions, "step">;
}

interface CurveJob extends Omit<ModelJob, "ids"> {
  /** They are taken in turn. */
  readonly batches: readonly Batch[];
  readonly options: Omit<StepOptions, "seed" | "step">;
  readonly steps: number;
}

interface GenerateJob extends Omit<ModelJob, "ids">, SamplingOptions {
  readonly prompt: number[];
  readonly maxTokens: number;
  readonly count: number;
  readonly seed: number;
  readonly decode: GenerateOptions["decode"];
}

interface BenchJob {
  readonly rounds: number;
}

const take = async (tensor: tf.Tensor): Promise<Float32Array> => (await takeAll([tensor]))[0];

async function withModel<Result>(
  { config, values }: Pick<ModelJob, "config" | "values">,
  call: (parameters: Parameters, config: ModelConfig) => Result | Promise<Result>,
): Promise<Result> {
  const parameters = parametersFrom(config, new Map(Object.entries(values)));
  try {
    return await call(parameters, config);
  } finally {
    disposeParameters(parameters);
  }
}

/** The jobs by name. */
export const jobs = {
  operation: runOperation,

  /** Logits of all positions and of the last one, and the loss of each target. */
  forward: ({ targets, ...job }: TrainingJob) =>
    withModel(job, async (parameters, config) => ({
      logits: await take(forward(parameters, config, job.ids)),
      last: await take(forward(parameters, config, job.ids, { positions: "last" })),
      loss: await take(loss(parameters, config, job.ids, targets)),
      nll: await take(nll(parameters, config, job.ids, targets)),
    })),

  /** The loss, and the gradient of every parameter. */
  gradients: ({ targets, training, ...job }: TrainingJob) =>
    withModel(job, async (parameters, config) => {
      const outcome = lossAndGradients(parameters, config, job.ids, targets, training && { training });
      const names = [...outcome.gradients.keys()];
      const [loss, ...gradients] = await takeAll([outcome.loss, ...outcome.gradients.values()]);
      return { loss, gradients: Object.fromEntries(names.map((name, i) => [name, gradients[i]])) };
    }),

  /** Parameters and the norm of the gradients after each step. */
  async adamW({ parameters, gradients, options }: AdamWJob) {
    const variables = (of: (values: Values) => tf.Tensor) =>
      parameters.map((values) => tf.tidy(() => tf.variable(of(values))));
    const zeros = () => variables(({ shape }) => tf.zeros(shape));
    const state = { parameters: variables(upload), first: zeros(), second: zeros() };
    const steps: { norm: Float32Array; parameters: Float32Array[] }[] = [];
    for (const [i, values] of gradients.entries()) {
      const norm = tf.tidy(() => {
        const norm = globalNorm(values.map(upload));
        adamW(state, values.map(upload), { ...options, step: i + 1, norm });
        return norm;
      });
      const copies = tf.tidy(() => state.parameters.map((parameter) => parameter.clone()));
      const [normNow, ...parametersNow] = await takeAll([norm, ...copies]);
      steps.push({ norm: normNow, parameters: parametersNow });
    }
    tf.dispose([...state.parameters, ...state.first, ...state.second]);
    return steps;
  },

  /** The loss and the gradient's norm at each step over the batches in turn. */
  train: ({ config, values, batches, options, steps }: CurveJob) =>
    withModel({ config, values }, async (parameters) => {
      const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
      const losses: number[] = [];
      const norms: number[] = [];
      for (let step = 1; step <= steps; step++) {
        const batch = batches[(step - 1) % batches.length];
        const outcome = await trainingStep(model, [batch], { ...options, seed: 1, step });
        losses.push(outcome.loss);
        norms.push(outcome.gradientNorm);
      }
      for (const moments of [model.first, model.second]) disposeParameters(moments);
      return { losses, norms };
    }),

  /** By position: the logits of one token after a cache, and those of a pass over all tokens so far. */
  cached: (job: ModelJob) =>
    withModel(job, async (parameters, config) => {
      const cache = new Cache();
      const positions: { cached: Float32Array; full: Float32Array }[] = [];
      for (const t of job.ids[0].keys()) {
        const next = job.ids.map((row) => [row[t]]);
        const all = job.ids.map((row) => row.slice(0, t + 1));
        positions.push({
          cached: await take(forward(parameters, config, next, { cache, positions: "last" })),
          full: await take(forward(parameters, config, all, { positions: "last" })),
        });
      }
      cache.dispose();
      return positions;
    }),

  /** The generated ids by sample. */
  generate: ({ config, values, ...options }: GenerateJob) =>
    withModel(
      { config, values },
      async (parameters) => (await runGenerate({ ...options, parameters, config })).ids,
    ),

  /** Milliseconds of the steps of training the small model, batch of 8, one more at first not counted. */
  async timeTraining({ rounds }: BenchJob) {
    const config = smallConfig();
    const parameters = initialParameters(config, 1);
    const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
    const ids = Int32Array.from({ length: 8 * 256 + 1 }, (_, i) => (i * 7919) % 512);
    const batch = { ids: ids.slice(0, -1), targets: ids.slice(1), batchSize: 8, length: 256 };
    const settings = { seed: 1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, clip: 1, learningRate: 1e-3 };
    const times: number[] = [];
    for (let step = 1; step <= rounds + 1; step++) {
      const start = performance.now();
      await trainingStep(model, [batch], { ...settings, step });
      if (step > 1) times.push(performance.now() - start);
    }
    for (const part of [parameters, model.first, model.second]) disposeParameters(part);
    return times;
  },

  /** Milliseconds of greedy generation with a cache, from one token to a full context, the first not counted. */
  async timeDecoding({ rounds }: BenchJob) {
    const config = smallConfig();
    const parameters = initialParameters(config, 1);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const cache = new Cache();
      const start = performance.now();
      let id = 0;
      for (let t = 0; t < config.n_positions; t++) {
        const logits = await take(forward(parameters, config, [[id]], { cache, positions: "last" }));
        id = logits.reduce((best, value, i) => (value > logits[best] ? i : best), 0);
      }
      if (round > 0) times.push(performance.now() - start);
      cache.dispose();
    }
    disposeParameters(parameters);
    return times;
  },
} as const;

/** What a job takes. */
export type JobArgument<Name extends keyof typeof jobs> = ArgumentOf<(typeof jobs)[Name]>;
type ArgumentOf<Job> = Job extends (argument: infer Argument) => unknown ? Argument : never;

/** What a job gives. */
export type JobResult<Name extends keyof typeof jobs> = Awaited<ReturnType<(typeof jobs)[Name]>>;

/** Runs a job on the engine in use, and fails where it leaves tensors over. */
export async function runJob<Name extends keyof typeof jobs>(
  name: Name,
  argument: JobArgument<Name>,
): Promise<JobResult<Name>> {
  const counts = () => `${tf.memory().numTensors} tensors, ${tf.memory().numBytes} bytes`;
  const before = counts();
  const result = await (jobs[name] as (argument: unknown) => unknown)(argument);
  if (counts() !== before) throw new Error(`${name} leaves tensors over: ${counts()}, before it ${before}`);
  return result as JobResult<Name>;
}

function smallConfig(): ModelConfig {
  return modelConfig({ vocab_size: 512, n_positions: 256, n_embd: 256, n_layer: 4, n_head: 4 });
}
