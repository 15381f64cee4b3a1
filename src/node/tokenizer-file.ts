import { AttaccaError, invalid, within } from "../errors.js";
import { createTokenizer, type TokenizerName, tokenizerFromJSON } from "../tokens/index.js";
import { readJson } from "./files.js";

/**
 * The JSON of the tokenizer that a user asked for: the one in the file, or the named one with its default options.
 *
 * @throws AttaccaError naming the file, where it holds no tokenizer or one of another kind than `name`
 */
export async function tokenizerJSON(
  name: TokenizerName | undefined,
  file?: string,
): Promise<Record<string, unknown>> {
  if (file === undefined) return createTokenizer(name ?? "remi").toJSON();
  const json = await readJson(file);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid(file, "JSON that is no object", "a tokenizer's JSON");
  }
  try {
    const tokenizer = tokenizerFromJSON(json as Record<string, unknown>);
    if (name !== undefined && tokenizer.name !== name) {
      throw invalid("tokenizer", tokenizer.name, `${name}, as --tokenizer says`);
    }
    return tokenizer.toJSON();
  } catch (error) {
    throw error instanceof AttaccaError ? within(file, error) : error;
  }
}
