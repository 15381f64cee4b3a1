/** How the position embedding begins: waves, which show from the first step how far apart positions are, or noise. */
export type PositionStart = (typeof positionStarts)[number];
/** Both ways to begin; the first is the default. */
export const positionStarts = ["sinusoidal", "random"] as const;

/** How a model tells positions, named as in Hugging Face's `EsmConfig`. */
export type PositionKind = (typeof positionKinds)[number];
/**
 * - `absolute` (the default): each has an embedding of its own, which is learned, as in GPT-2.
 * - `rotary`: besides, queries and keys are turned by their position, so that each head sees how far apart two are.
 */
export const positionKinds = ["absolute", "rotary"] as const;

/** What a training run is told of both: how the embedding begins, or that positions are rotary (and the embedding begins as waves). */
export const positionChoices = [...positionStarts, "rotary"] as const;

/** What the positions of a prefix see when the id behind it is predicted. */
export type AttentionKind = (typeof attentionKinds)[number];
/**
 * - `causal` (the default): each position sees itself and those before it, as in GPT-2.
 * - `full`: all positions of the prefix see each other, so every prefix needs a pass of its own (encoder-only next-token
 *   prediction, Ewer et al. 2024).
 * - `bar`: the positions of finished bars see each other; those of the bar that is being written see what came before.
 * - `lookahead`: causal, with keys that are renewed as what comes after them unfolds (CASTLE; Song et al. 2025).
 * - `masked`: all positions of a window see each other, and each predicts its own id where it is masked (mask-predict;
 *   Ghazvininejad et al. 2019). Such a model fills gaps and can't go on from a prompt.
 */
export const attentionKinds = ["causal", "full", "bar", "lookahead", "masked"] as const;

/** Whether all positions of a window can be learned from, and scored, in one pass: each sees only what came before it. */
export function isOnePass(attention: AttentionKind): boolean {
  return attention === "causal" || attention === "lookahead";
}

/** In what form the products' weights are on the engine. */
export type WeightForm = (typeof weightForms)[number];
/**
 * 32-bit floats (the default); for generating and scoring only, 16-bit floats, which engines that gain by it read as such, or
 * 8-bit whole numbers with a scale for each output.
 */
export const weightForms = ["f32", "f16", "int8"] as const;
