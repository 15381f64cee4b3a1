import type { BackendChoice } from "../backend/index.js";
import { type Checkpoint, checkpointHash, decodeCheckpoint } from "../checkpoint/index.js";
import { AttaccaError, missing, within } from "../errors.js";
import { disposeParameters, type ModelConfig, type Parameters, parametersFrom } from "../model/index.js";
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

/**
 * Loads a checkpoint's model and tokenizer, and sets the engine that computes.
 *
 * @param folder a checkpoint, or the folder of a training run
 * @param backend an engine's name, or `auto`
 * @throws AttaccaError naming the folder and what is wrong in it
 */
export async function loadModel(folder: string, backend = "auto"): Promise<LoadedModel> {
  const found = await readCheckpoint(folder, ["config.json", "model.safetensors", "tokenizer.json"]);
  const [checkpoint, tokenizer] = inFolder(found.folder, (): [Checkpoint, Tokenizer] => {
    const json = found.files.get("tokenizer.json");
    if (json === undefined) throw missing("tokenizer.json", "the model's tokenizer");
    // As text: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
    return [decodeCheckpoint(found.files), tokenizerFromJSON(new TextDecoder().decode(json))];
  });
  const engine = await chooseBackend(backend);
  const parameters = parametersFrom(checkpoint.config, checkpoint.parameters);
  return {
    folder: found.folder,
    config: checkpoint.config,
    parameters,
    tokenizer,
    hash: checkpointHash(found.files),
    backend: engine,
    dispose: () => disposeParameters(parameters),
  };
}

function inFolder<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof AttaccaError ? within(folder, error) : error;
  }
}
