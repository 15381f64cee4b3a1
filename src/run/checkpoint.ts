import { type Checkpoint, encodeCheckpoint } from "../checkpoint/index.js";
import { bytesHash, type Dataset } from "../dataset/index.js";
import { invalid, missing, naming, unknown } from "../errors.js";
import {
  type AttentionKind,
  disposeParameters,
  encoderStart,
  initialParameters,
  type ModelConfig,
  modelConfig,
  parametersFrom,
  parameterValues,
  positionChoices,
} from "../model/index.js";
import { parseProgress, type TrainedModel, type TrainingProgress, zeroMoments } from "../train/index.js";
import type { TrainRunOptions } from "./choices.js";
import { checkTellsMelody } from "./harmonize-rule.js";

/** What `training.json` in a checkpoint says. */
export interface TrainingRecord {
  /** Version of this package that wrote it. */
  readonly attacca: string;
  readonly label: string;
  /** Hash of the dataset that the run reads; a resumed run must read the same. */
  readonly dataset: string;
  readonly progress: TrainingProgress;
}

/** What a run's checkpoints record of it, but its progress. */
export function trainingRecord(
  { manifest }: Dataset,
  { attacca, label }: Pick<TrainingRecord, "attacca" | "label">,
): Omit<TrainingRecord, "progress"> {
  const { tokenizer, shards, pieces } = manifest;
  // The bytes of the shards and how they are cut; not the folder's name or who wrote it.
  const content = JSON.stringify([
    tokenizer,
    shards.map((s) => s.sha256),
    pieces.map((p) => [p.split, p.length]),
  ]);
  return { attacca, label, dataset: bytesHash(new TextEncoder().encode(content)) };
}

/** The model that a run's options and its dataset's tokenizer ask for. */
export function runModelConfig(options: TrainRunOptions, dataset: Dataset): ModelConfig {
  if (options.task === "harmonize") checkTellsMelody(dataset);
  const { begin, end, pad } = dataset.tokenizer.special;
  return naming("model", () =>
    modelConfig({
      // One id more where some are masked: the mask.
      vocab_size: dataset.tokenizer.vocabulary.size + (options.attention === "masked" ? 1 : 0),
      n_positions: options.context,
      n_embd: options.width,
      n_layer: options.layers,
      n_head: options.heads,
      resid_pdrop: options.dropout,
      embd_pdrop: options.dropout,
      attn_pdrop: options.attentionDropout,
      bos_token_id: begin,
      eos_token_id: end,
      pad_token_id: pad,
      attention: options.attention as AttentionKind,
      position_embedding_type: options.positions === "rotary" ? "rotary" : "absolute",
      encoder_layers: options.task === "harmonize" ? options.encoderLayers : 0,
    }),
  );
}

/** The weights of another checkpoint to begin with. */
export type InitialWeights = Pick<Checkpoint, "config" | "parameters">;

/**
 * Refuses weights that don't fit a run's model; attention and dropout may be others, but lookahead keys have weights of their own. A model
 * with an encoder may begin with weights that have none; see `encoderStart`.
 *
 * @throws AttaccaError `invalid`, naming the measure
 */
export function checkSameMeasures(init: ModelConfig, config: ModelConfig): void {
  for (const name of [
    "vocab_size",
    "n_positions",
    "n_embd",
    "n_layer",
    "n_head",
    "n_inner",
    "encoder_layers",
  ] as const) {
    if (init[name] === config[name] || (name === "encoder_layers" && init[name] === 0)) continue;
    throw invalid(name, String(init[name]), `${config[name]}, as the run that begins with it has`);
  }
  const kind = "position_embedding_type";
  if (init[kind] !== config[kind]) {
    throw invalid(kind, init[kind], `${config[kind]}, as the run that begins with it has (--positions)`);
  }
  const needs = [init, config].map(({ attention }) => attention === "lookahead");
  if (needs[0] !== needs[1]) {
    throw invalid(
      "attention",
      init.attention,
      `${config.attention}: lookahead keys have weights of their own`,
    );
  }
}

/**
 * A model that begins with another one's weights (see `checkSameMeasures`), and moments of 0.
 *
 * @param options.seed what is drawn where an encoder is added
 * @param options.idsPerStep how many ids one of a source stands for; see `sourceStep`
 */
export function trainedModelWithWeights(
  config: ModelConfig,
  init: InitialWeights,
  { seed = 0, idsPerStep }: { readonly seed?: number; readonly idsPerStep?: number } = {},
): TrainedModel {
  const isNew = config.encoder_layers > 0 && init.config.encoder_layers === 0;
  const values = isNew
    ? encoderStart(config, init.parameters, { seed, sourceStep: idsPerStep })
    : init.parameters;
  return {
    config,
    parameters: parametersFrom(config, values),
    first: zeroMoments(config),
    second: zeroMoments(config),
  };
}

/**
 * A model with untrained weights.
 *
 * @param grid how many ids one of a source stands for; see `sourceStep`
 * @throws AttaccaError `unknown` for a start of the positions that isn't there
 */
export function newTrainedModel(
  config: ModelConfig,
  { seed, positions }: Pick<TrainRunOptions, "seed" | "positions">,
  grid: { readonly idsPerStep?: number } = {},
): TrainedModel {
  const choice = positionChoices.find((name) => name === positions);
  if (choice === undefined) throw unknown("option positions", positions, positionChoices);
  const start = choice === "rotary" ? "sinusoidal" : choice;
  return {
    config,
    parameters: initialParameters(config, seed, { positions: start, sourceStep: grid.idsPerStep }),
    first: zeroMoments(config),
    second: zeroMoments(config),
  };
}

/** Frees a model's tensors. */
export function disposeTrainedModel({ parameters, first, second }: TrainedModel): void {
  for (const tensors of [parameters, first, second]) disposeParameters(tensors);
}

/**
 * The files of a checkpoint of a model in training.
 *
 * @param options.tokenizer the dataset's tokenizer, as JSON
 * @param options.moments whether the optimizer's moments are in it too, as resuming needs
 */
export async function trainedModelFiles(
  model: TrainedModel,
  record: TrainingRecord,
  options: { readonly tokenizer: Record<string, unknown>; readonly moments: boolean },
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  return encodeCheckpoint({
    config: model.config,
    parameters: await parameterValues(model.parameters),
    tokenizer: options.tokenizer,
    training: { ...record },
    optimizer: options.moments
      ? {
          step: record.progress.step,
          first: await parameterValues(model.first),
          second: await parameterValues(model.second),
        }
      : undefined,
  });
}

/**
 * The model of a checkpoint with all that resuming needs.
 *
 * @throws AttaccaError `missing` or `invalid`, naming the file
 */
export function trainedModelFrom(checkpoint: Checkpoint): {
  readonly model: TrainedModel;
  readonly record: TrainingRecord;
} {
  const { config, parameters, optimizer, training } = checkpoint;
  if (optimizer === undefined) throw missing("optimizer.safetensors", "the optimizer's moments");
  const record = parseRecord(training);
  if (optimizer.step !== record.progress.step) {
    const expected = `those of step ${record.progress.step}, as training.json says`;
    throw invalid("optimizer.safetensors", `moments of step ${optimizer.step}`, expected);
  }
  const model = {
    config,
    parameters: parametersFrom(config, parameters),
    first: parametersFrom(config, optimizer.first),
    second: parametersFrom(config, optimizer.second),
  };
  return { model, record };
}

function parseRecord(training: unknown): TrainingRecord {
  const record = (typeof training === "object" && training !== null ? training : {}) as Record<
    string,
    unknown
  >;
  for (const field of ["attacca", "label", "dataset"]) {
    if (typeof record[field] === "string") continue;
    throw invalid(`training.json, field ${field}`, JSON.stringify(record[field]) ?? "nothing", "text");
  }
  return {
    attacca: record.attacca as string,
    label: record.label as string,
    dataset: record.dataset as string,
    progress: parseProgress(record.progress),
  };
}
