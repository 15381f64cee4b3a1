import type { ModelConfig } from "../../src/model/index.js";
import { initialParameters, modelConfig, parameterValues } from "../../src/model/index.js";
import { randomStream } from "../../src/random.js";
import type { Batch, BatchSource, EvaluationSource } from "../../src/train/batch.js";
import {
  type TrainedModel,
  type TrainingEvent,
  type TrainingSettings,
  type TrainOptions,
  train,
  zeroMoments,
} from "../../src/train/index.js";

/** A model that trains in milliseconds. */
export const tinyConfig: ModelConfig = modelConfig({
  vocab_size: 11,
  n_positions: 8,
  n_embd: 8,
  n_layer: 1,
  n_head: 2,
  resid_pdrop: 0.1,
  embd_pdrop: 0.1,
  attn_pdrop: 0.1,
});

export const settings: TrainingSettings = {
  seed: 3,
  steps: 12,
  learningRate: 5e-3,
  warmupSteps: 2,
  finalRatio: 0.1,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  clip: 1,
  accumulation: 1,
  evalEvery: 4,
  saveEvery: 3,
  patience: 0,
};

/** A model with its moments; `dispose` with `tf.dispose`-like care is the test's. */
export function newModel(config: ModelConfig = tinyConfig): TrainedModel {
  return {
    config,
    parameters: initialParameters(config, 1),
    first: zeroMoments(config),
    second: zeroMoments(config),
  };
}

export function disposeModel({ parameters, first, second }: TrainedModel): void {
  for (const tensors of [parameters, first, second]) {
    for (const variable of tensors.values()) variable.dispose();
  }
}

/** Rows that count up from a random id, modulo the vocabulary: easy to learn. */
export function countingBatches(batchSize = 4, length = 8): BatchSource {
  return (step) => {
    const stream = randomStream(9, "test batch", step);
    const ids = new Int32Array(batchSize * length);
    for (let row = 0; row < batchSize; row++) {
      const start = stream.below(11);
      for (let i = 0; i < length; i++) ids[row * length + i] = (start + i) % 11;
    }
    return { ids, targets: ids.map((id) => (id + 1) % 11), batchSize, length };
  };
}

/** The first batches of another stream of such rows. */
export function countingValidation(count = 2): EvaluationSource {
  const source = countingBatches();
  return { batches: () => Array.from({ length: count }, (_, i): Batch => source(1000 + i)) };
}

/** A clock that a test owns: each look at it is 5 ms later. */
export function fakeClock(): { now: () => number; pause: () => Promise<void> } {
  let time = 0;
  return {
    now: () => {
      time += 5;
      return time;
    },
    pause: async () => {},
  };
}

/** Runs to the end and gives the events. */
export async function collect(
  options: Omit<TrainOptions, "now" | "pause">,
  onEvent: (event: TrainingEvent) => void | Promise<void> = () => {},
): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of train({ ...options, ...fakeClock() })) {
    events.push(event);
    await onEvent(event);
  }
  return events;
}

/** All numbers of a model, by name, to compare bit for bit. */
export async function snapshot(model: TrainedModel): Promise<Record<string, Map<string, Float32Array>>> {
  return {
    parameters: await parameterValues(model.parameters),
    first: await parameterValues(model.first),
    second: await parameterValues(model.second),
  };
}
