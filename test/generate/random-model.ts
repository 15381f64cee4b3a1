import type { ContinuationOptions } from "../../src/generate/index.js";
import { disposeParameters, initialParameters, modelConfig, type Parameters } from "../../src/model/index.js";
import type { Tokenizer } from "../../src/tokens/index.js";

/** Options of a tokenizer with few programs, and so few ids. */
export const pipeline = {
  programs: [-1, 0, 19, 42, 73],
  usePrograms: true,
  useTimeSignatures: true,
  removeDuplicatedNotes: true,
};

export interface Setup extends ContinuationOptions {
  readonly parameters: Parameters;
}

const open: Parameters[] = [];
/** A model of the tokenizer's ids that has learned nothing, and what to do with it. */
export function setup(tokenizer: Tokenizer, rest: Partial<ContinuationOptions> = {}): Setup {
  const config = modelConfig({
    vocab_size: tokenizer.vocabulary.size,
    n_positions: 64,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    initializer_range: 0.2,
  });
  const parameters = initialParameters(config, 5, { positions: "random" });
  open.push(parameters);
  return { tokenizer, parameters, config, seed: 1, bars: 2, ...rest };
}

/** Frees the weights of all models that `setup` made. */
export function disposeModels(): void {
  open.splice(0).forEach(disposeParameters);
}
