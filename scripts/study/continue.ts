import { generate, type ModelConfig, type Parameters, type Tokenizer, windowRuleOf } from "attacca";
import type { Split } from "#built/dataset/index.js";
import type { Steps } from "./music.js";
import type { Setting } from "./settings.js";

type Music = Setting["music"];

/** The steps of a chorale's ids, begin token left out. */
export function stepsOf(tokenizer: Tokenizer, ids: ArrayLike<number>): Steps {
  const { begin, end } = tokenizer.special;
  const pitches = Array.from(ids)
    .filter((id) => id !== begin && id !== end)
    .map((id) => Number(/^Pitch_(\d+)$/.exec(tokenizer.vocabulary.nameOf(id))?.[1] ?? -1));
  return Array.from({ length: Math.floor(pitches.length / 4) }, (_, i) => pitches.slice(4 * i, 4 * i + 4));
}

/** The first pieces of a split that are long enough to be compared with. */
export function promptPieces(split: Split, { pieces, prompt, ids }: Music): Uint16Array[] {
  const all = Array.from({ length: split.pieceCount }, (_, i) => split.piece(i));
  return all.filter(({ length }) => length > prompt + ids).slice(0, pieces);
}

/** How the pieces really go on. */
export function realSteps(split: Split, music: Music): Steps[] {
  const { prompt, ids } = music;
  return promptPieces(split, music).map((piece) =>
    stepsOf(split.tokenizer, piece.subarray(prompt, prompt + ids)),
  );
}

/** How a model goes on with the pieces, one at a time, and what it takes. */
export async function continuedSteps(
  model: { readonly parameters: Parameters; readonly config: ModelConfig },
  split: Split,
  music: Music,
): Promise<{
  readonly steps: Steps[];
  readonly tokens: number;
  readonly notes: number;
  readonly seconds: number;
}> {
  const { tokenizer } = split;
  const steps: Steps[] = [];
  let tokens = 0;
  let seconds = 0;
  for (const [number, piece] of promptPieces(split, music).entries()) {
    const prompt = [...piece.subarray(0, music.prompt)];
    const grammar = tokenizer.grammar();
    for (const id of prompt) grammar.push(id);
    const ids: number[] = [];
    const started = performance.now();
    const options = { ...windowRuleOf(tokenizer), avoid: [tokenizer.special.end], maxTokens: music.ids };
    for await (const event of generate({ ...model, ...options, prompt, grammar, seed: number })) {
      if (event.kind === "step") ids.push(event.drawn[0].id);
    }
    seconds += (performance.now() - started) / 1000;
    tokens += ids.length;
    steps.push(stepsOf(tokenizer, ids));
  }
  return { steps, tokens, notes: steps.reduce((sum, piece) => sum + notesOf(piece), 0), seconds };
}

/** Notes of a span: pitches that weren't there in the step before. */
function notesOf(steps: Steps): number {
  let notes = 0;
  for (const [at, step] of steps.entries()) {
    for (const [voice, pitch] of step.entries()) {
      if (pitch >= 0 && steps[at - 1]?.[voice] !== pitch) notes++;
    }
  }
  return notes;
}
