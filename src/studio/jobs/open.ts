import { checkpointFileNames, checkpointHash, decodeCheckpoint } from "../../checkpoint/index.js";
import { missing, naming, unsupported } from "../../errors.js";
import { parameterCount, parametersFrom } from "../../model/index.js";
import { tokenizerFromJSON } from "../../tokens/index.js";
import { checkpointFilesFrom } from "../checkpoint-files.js";
import type { ModelInfo, OpenRequest } from "../protocol.js";
import type { JobContext } from "../worker.js";
import type { Studio } from "./studio.js";

/** Opens a checkpoint from files as they were dropped. */
export async function openJob(
  { name, files }: OpenRequest,
  { studio }: JobContext<never>,
): Promise<ModelInfo> {
  return useCheckpoint(studio, name, await checkpointFilesFrom(name, files));
}

/**
 * Makes a checkpoint the studio's model.
 *
 * @throws AttaccaError naming the checkpoint; then the model before stays
 */
export function useCheckpoint(
  studio: Studio,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
): ModelInfo {
  return naming(name, () => {
    const json = files.get(checkpointFileNames.tokenizer);
    if (json === undefined) throw missing(checkpointFileNames.tokenizer, "the model's tokenizer");
    const { config, parameters } = decodeCheckpoint(files);
    if (config.encoder_layers > 0) {
      const found = "a model that harmonizes";
      throw unsupported(
        "the studio",
        found,
        "one that goes on with a piece",
        "Use it with: attacca harmonize",
      );
    }
    if (config.attention !== "causal") {
      // The studio shows both ways of decoding side by side, at every step.
      const command = config.attention === "masked" ? "infill" : "generate";
      throw unsupported("attention", config.attention, "causal", `Use it with: attacca ${command}`);
    }
    // As text: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
    const tokenizer = tokenizerFromJSON(new TextDecoder().decode(json));
    const hash = checkpointHash(files);
    studio.setModel({ config, parameters: parametersFrom(config, parameters), tokenizer, hash });
    return {
      name,
      parameters: parameterCount(config),
      layers: config.n_layer,
      width: config.n_embd,
      contextLength: config.n_positions,
      tokenizer: tokenizer.name,
      hash,
    };
  });
}
