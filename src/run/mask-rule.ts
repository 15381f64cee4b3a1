import { unsupported } from "../errors.js";
import type { Tokenizer } from "../tokens/index.js";
import type { MaskRule } from "../train/index.js";

/**
 * How a tokenizer's windows are masked.
 *
 * @throws AttaccaError `unsupported` for a tokenizer without a fixed grid: a gap's music could take more ids than the gap has
 */
export function maskRule(tokenizer: Tokenizer): MaskRule {
  const { idsPerStep, special, vocabulary, name } = tokenizer;
  if (idsPerStep === undefined) {
    throw unsupported(
      "masked attention",
      `the tokenizer ${name}, in which the same time takes more or fewer ids`,
      "chorale, which writes every 16th with four ids",
      "Make the dataset with: attacca tokenize … --tokenizer chorale",
    );
  }
  return {
    maskId: vocabulary.size,
    idsPerStep,
    special: new Set([special.begin, special.end, special.pad]),
  };
}
