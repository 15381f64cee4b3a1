import { unsupported } from "../errors.js";
import type { Tokenizer } from "../tokens/index.js";
import type { HarmonizeRule } from "../train/index.js";

/** How many ids of a window are left ahead of those that are scored, as `accompany` leaves them: a quarter. */
export function harmonizeAhead(contextLength: number): number {
  return Math.floor(contextLength / 4);
}

/**
 * How a tokenizer's windows are cut into melody and accompaniment.
 *
 * @throws AttaccaError `unsupported` for a tokenizer without voices on a fixed grid: it doesn't tell which of its notes are the melody
 */
export function harmonizeRule({ idsPerStep, voices, special, name }: Tokenizer): HarmonizeRule {
  if (idsPerStep === undefined || voices === undefined || voices.length !== idsPerStep) {
    throw unsupported(
      "harmonizing",
      `the tokenizer ${name}, in which no voice is the melody`,
      "chorale, which writes every 16th with an id for each voice",
      "Make the dataset with: attacca tokenize … --tokenizer chorale",
    );
  }
  const { begin, end, pad } = special;
  return { idsPerStep, special: new Set([begin, end, pad]), pad };
}
