import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "../../src/backend/index.js";
import { encodeCheckpoint } from "../../src/checkpoint/index.js";
import {
  disposeParameters,
  initialParameters,
  type ModelConfig,
  modelConfig,
  parameterValues,
} from "../../src/model/index.js";
import { writeCheckpoint } from "../../src/node/checkpoint.js";
import type { Tokenizer } from "../../src/tokens/index.js";

/** A temporary folder, removed by `remove`. */
export async function temporaryFolder(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "attacca-generate-"));
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** Writes a checkpoint of a small model that has learned nothing; it plays at random within the grammar. */
export async function writeTinyCheckpoint(
  folder: string,
  tokenizer: Tokenizer,
  measures: Partial<ModelConfig> = {},
): Promise<void> {
  await chooseBackend("cpu");
  const config = modelConfig({
    vocab_size: tokenizer.vocabulary.size,
    n_positions: 64,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    initializer_range: 0.2,
    bos_token_id: tokenizer.special.begin,
    eos_token_id: tokenizer.special.end,
    ...measures,
  });
  const parameters = initialParameters(config, 5);
  const values = await parameterValues(parameters);
  disposeParameters(parameters);
  await writeCheckpoint(
    folder,
    encodeCheckpoint({ config, parameters: values, tokenizer: tokenizer.toJSON() }),
  );
}
