import { join } from "node:path";
import {
  type BatchSource,
  disposeParameters,
  initialParameters,
  type ModelConfig,
  modelConfig,
  type Parameters,
  sampledPrefixes,
  train,
  zeroMoments,
} from "attacca";
import { newRunOptions, writeAtomic } from "attacca/node";

/** How often a run is scored. */
const EVALUATIONS = 20;
/** Heads of every model. */
const HEADS = 4;
/** The moving average of the training loss that is told beside the scores. */
const SMOOTHING = 0.99;

/** The attentions that a control compares. */
export type ControlAttention = "full" | "causal";

/** A task on which full attention should win, and how it is learned. */
export interface ControlTask {
  /** Number of ids. */
  readonly vocabulary: number;
  /** Context length. */
  readonly length: number;
  /** Width of the model. */
  readonly width: number;
  readonly layers: number;
  readonly steps: number;
  /** The highest learning rate. */
  readonly rate: number;
  /** How many prefixes of a sequence the full model learns from in a step. */
  readonly prefixes: number;
  readonly batches: BatchSource;
}

/** What a model makes of unseen sequences after so many steps. */
export type ControlScore<Score> = { readonly step: number } & Score & {
    /** Mean loss of the training steps before it, the last ones counting most. */
    readonly training: number;
  };

/** One run of a task: the model is scored twenty times on its way, and each score told on stderr. */
export async function controlRun<Score>(
  task: ControlTask,
  { attention, seed }: { readonly attention: ControlAttention; readonly seed: number },
  score: (parameters: Parameters, config: ModelConfig) => Promise<Score>,
  textOf: (score: Score) => string,
): Promise<ControlScore<Score>[]> {
  const { steps, prefixes, batches } = task;
  const config = modelConfig({
    vocab_size: task.vocabulary,
    n_positions: task.length,
    n_embd: task.width,
    n_layer: task.layers,
    n_head: HEADS,
    attention,
  });
  const parameters = initialParameters(config, seed);
  const [first, second] = [zeroMoments(config), zeroMoments(config)];
  const every = Math.ceil(steps / EVALUATIONS);
  const settings = {
    ...newRunOptions({ steps, learningRate: task.rate, weightDecay: 0.01 }),
    accumulation: attention === "full" ? prefixes : 1,
    seed,
    saveEvery: steps,
  };
  const scores: ControlScore<Score>[] = [];
  const options = {
    model: { config, parameters, first, second },
    settings,
    batches: attention === "full" ? sampledPrefixes(batches, { attention, count: prefixes, seed }) : batches,
  };
  let training = Math.log(task.vocabulary);
  for await (const event of train({ ...options, now: () => performance.now(), pause: async () => {} })) {
    if (event.type !== "step") continue;
    training = SMOOTHING * training + (1 - SMOOTHING) * event.loss;
    if (event.step % every !== 0 && event.step !== steps) continue;
    const found = await score(parameters, config);
    scores.push({ step: event.step, ...found, training });
    process.stderr.write(
      `${attention}, seed ${seed}, step ${event.step}: training loss ${training.toFixed(3)}, ${textOf(found)}\n`,
    );
  }
  for (const tensors of [parameters, first, second]) disposeParameters(tensors);
  return scores;
}

/** Runs every attention with every seed, and keeps what came so far in record.json of the folder. */
export async function keepControlRuns<Score>(
  { out, seeds, attentions }: { out: string; seeds: number; attentions: readonly ControlAttention[] },
  measures: Readonly<Record<string, number>>,
  run: (which: { attention: ControlAttention; seed: number }) => Promise<ControlScore<Score>[]>,
): Promise<void> {
  const runs: object[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    for (const attention of attentions) {
      runs.push({ attention, seed, scores: await run({ attention, seed }) });
      const record = { ...measures, runs };
      await writeAtomic(join(out, "record.json"), `${JSON.stringify(record, undefined, 2)}\n`);
    }
  }
}
