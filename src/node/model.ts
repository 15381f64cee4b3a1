import type { BackendChoice } from "../backend/index.js";
import {
  type Checkpoint,
  checkpointFileNames,
  checkpointHash,
  decodeCheckpoint,
} from "../checkpoint/index.js";
import { missing, naming } from "../errors.js";
import {
  disposeParameters,
  type ModelConfig,
  type Parameters,
  parametersFrom,
  type WeightForm,
} from "../model/index.js";
import { type Tokenizer, tokenizerFromJSON } from "../tokens/index.js";
import { chooseBackend } from "./backend.js";
import { readCheckpoint } from "./checkpoint.js";

/** A checkpoint that is ready to generate. */
export interface LoadedModel {
  /** Where it was found: for a training run's folder, its best checkpoint. */
  readonly folder: string;
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly tokenizer: Tokenizer;
  /** SHA-256 of the weights, in hexadecimal. */
  readonly hash: string;
  readonly backend: BackendChoice;
  /** Frees the weights. */
  dispose(): void;
}

/** What a model's files hold, before any engine computes with it. */
export interface StoredModel extends Pick<LoadedModel, "folder" | "tokenizer" | "hash"> {
  readonly checkpoint: Checkpoint;
}

/**
 * Reads the files of a checkpoint that generating and scoring need: configuration, weights and tokenizer.
 *
 * @param folder a checkpoint, or the folder of a training run
 * @throws AttaccaError naming the folder and what is wrong in it
 */
export async function readModel(folder: string): Promise<StoredModel> {
  const { config, model, tokenizer } = checkpointFileNames;
  const found = await readCheckpoint(folder, [config, model, tokenizer]);
  return naming(found.folder, () => {
    const json = found.files.get(tokenizer);
    if (json === undefined) throw missing(tokenizer, "the model's tokenizer");
    return {
      folder: found.folder,
      checkpoint: decodeCheckpoint(found.files),
      // As text: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
      tokenizer: tokenizerFromJSON(new TextDecoder().decode(json)),
      hash: checkpointHash(found.files),
    };
  });
}

/**
 * Loads a checkpoint's model and tokenizer, and sets the engine that computes.
 *
 * @param folder a checkpoint, or the folder of a training run
 * @param backend an engine's name, or `auto`
 * @param weights the form of the products' weights; see `parametersFrom`
 * @throws AttaccaError naming the folder and what is wrong in it
 */
export async function loadModel(
  folder: string,
  backend = "auto",
  weights: WeightForm = "f32",
): Promise<LoadedModel> {
  const found = await readModel(folder);
  const { checkpoint, tokenizer } = found;
  const engine = await chooseBackend(backend);
  const parameters = parametersFrom(checkpoint.config, checkpoint.parameters, { weights });
  return {
    folder: found.folder,
    config: checkpoint.config,
    parameters,
    tokenizer,
    hash: found.hash,
    backend: engine,
    dispose: () => disposeParameters(parameters),
  };
}
