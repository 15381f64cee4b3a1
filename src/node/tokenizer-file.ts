import { AttaccaError, invalid, within } from "../errors.js";
import { createTokenizer, pipelineConfig, type TokenizerName, tokenizerFromJSON } from "../tokens/index.js";
import { readBytes } from "./files.js";

/**
 * The JSON of the tokenizer that a user asked for: the one in the file, or the named one with the options that
 * this package starts from (`pipelineConfig`; for chorales their own defaults).
 *
 * @param name default: `remi`, or what the file says
 * @throws AttaccaError naming the file, where it holds no tokenizer or one of another kind than `name`
 */
export async function tokenizerJSON(name?: TokenizerName, file?: string): Promise<Record<string, unknown>> {
  if (file === undefined) {
    const chosen = name ?? "remi";
    return createTokenizer(chosen, chosen === "chorale" ? {} : pipelineConfig).toJSON();
  }
  try {
    // As text: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
    const tokenizer = tokenizerFromJSON(new TextDecoder().decode(await readBytes(file)));
    if (name !== undefined && tokenizer.name !== name) {
      throw invalid("tokenizer", tokenizer.name, `${name}, as --tokenizer says`);
    }
    return tokenizer.toJSON();
  } catch (error) {
    throw error instanceof AttaccaError && error.parts.subject !== file ? within(file, error) : error;
  }
}
