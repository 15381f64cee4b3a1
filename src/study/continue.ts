import type { Split } from "../dataset/index.js";
import { generate, windowRuleOf } from "../generate/index.js";
import type { Note, Score } from "../midi/index.js";
import type { ModelConfig, Parameters } from "../model/index.js";
import type { Tokenizer } from "../tokens/index.js";
import type { Setting } from "./choices.js";
import type { Steps } from "./music.js";

type Music = Setting["music"];

/** Steps in a quarter. */
const STEPS = 4;

/** Whether a tokenizer's music has fixed voices, so that they can be told apart in what is generated. */
export const hasVoices = (tokenizer: Tokenizer): boolean => tokenizer.voices !== undefined;

/**
 * The steps of a stream of ids from a place on, the begin token among those before it: four voices of a chorale; of anything else, from
 * the first bar line behind the place, the highest and the lowest note.
 */
export function stepsOf(tokenizer: Tokenizer, ids: ArrayLike<number>, from = 0): Steps {
  if (hasVoices(tokenizer)) return choraleSteps(tokenizer, Array.from(ids).slice(from));
  const grammar = tokenizer.grammar();
  for (let i = 0; i < from; i++) grammar.push(ids[i]);
  const { stepsPerBar, stepsPerBeat } = grammar.grid();
  const first = from === 0 ? 0 : ((Math.floor(grammar.bars()) + 1) * stepsPerBar * STEPS) / stepsPerBeat;
  return outerSteps(tokenizer.decode([ids])).slice(first);
}

function choraleSteps({ special, vocabulary }: Tokenizer, ids: readonly number[]): Steps {
  const pitches = ids
    .filter((id) => id !== special.begin && id !== special.end)
    .map((id) => Number(/^Pitch_(\d+)$/.exec(vocabulary.nameOf(id))?.[1] ?? -1));
  return Array.from({ length: Math.floor(pitches.length / 4) }, (_, i) => pitches.slice(4 * i, 4 * i + 4));
}

/** The highest and the lowest pitch that sound at each 16th, −1 where there is silence. Drums are left out. */
export function outerSteps({ ticksPerQuarter, tracks }: Score): Steps {
  const notes: Note[] = tracks.filter(({ isDrum }) => !isDrum).flatMap((track) => track.notes);
  const at = (tick: number): number => Math.round((tick * STEPS) / ticksPerQuarter);
  const ends = notes.map(({ start, duration }) => at(start + duration));
  const steps = Array.from({ length: ends.reduce((a, b) => Math.max(a, b), 0) }, () => [-1, -1]);
  for (const [i, { pitch, start }] of notes.entries()) {
    for (let step = at(start); step < Math.max(ends[i], at(start) + 1); step++) {
      const [highest, lowest] = steps[step] ?? [-1, -1];
      steps[step] = [Math.max(highest, pitch), lowest < 0 ? pitch : Math.min(lowest, pitch)];
    }
  }
  return steps;
}

/** Where a piece's prompt ends: behind so many ids, or at the last place before them where a window may be cut. */
function promptEnd(tokenizer: Tokenizer, piece: ArrayLike<number>, prompt: number): number {
  if (hasVoices(tokenizer)) return prompt;
  for (let at = prompt; at > 1; at--) if (tokenizer.isBoundary(piece[at])) return at;
  return prompt;
}

/** The first pieces of a split that are long enough to be compared with. */
export function promptPieces(split: Split, { pieces, prompt, ids }: Music): Uint16Array[] {
  const all = Array.from({ length: split.pieceCount }, (_, i) => split.piece(i));
  return all.filter(({ length }) => length > prompt + ids).slice(0, pieces);
}

/** How the pieces really go on. */
export function realSteps(split: Split, music: Music): Steps[] {
  const { tokenizer } = split;
  return promptPieces(split, music).map((piece) => {
    const end = promptEnd(tokenizer, piece, music.prompt);
    return stepsOf(tokenizer, piece.subarray(0, end + music.ids), end);
  });
}

/** What a model made of the prompts, and what it took. */
export interface Continued {
  readonly steps: Steps[];
  readonly tokens: number;
  /** Notes that begin in it, as the tokenizer counts them; of a chorale: pitches that weren't there in the step before. */
  readonly notes: number;
  readonly seconds: number;
}

/**
 * How a model goes on with the pieces, one at a time, and what it takes.
 *
 * @param now a clock in milliseconds
 * @returns undefined where `signal` was aborted
 */
export async function continuedSteps(
  model: { readonly parameters: Parameters; readonly config: ModelConfig },
  split: Split,
  music: Music,
  { now, signal }: { readonly now: () => number; readonly signal?: { readonly aborted: boolean } },
): Promise<Continued | undefined> {
  const { tokenizer } = split;
  const steps: Steps[] = [];
  let [tokens, notes, seconds] = [0, 0, 0];
  for (const [number, piece] of promptPieces(split, music).entries()) {
    const prompt = [...piece.subarray(0, promptEnd(tokenizer, piece, music.prompt))];
    const grammar = tokenizer.grammar();
    for (const id of prompt) grammar.push(id);
    const ids: number[] = [];
    const started = now();
    const options = { ...windowRuleOf(tokenizer), avoid: [tokenizer.special.end], maxTokens: music.ids };
    for await (const event of generate({ ...model, ...options, prompt, grammar, seed: number })) {
      if (event.kind === "step") ids.push(event.drawn[0].id);
      if (signal?.aborted) return undefined;
    }
    seconds += (now() - started) / 1000;
    tokens += ids.length;
    const own = stepsOf(tokenizer, [...prompt, ...ids], prompt.length);
    notes += hasVoices(tokenizer) ? notesOf(own) : ids.filter((id) => tokenizer.isNote(id)).length;
    steps.push(own);
  }
  return { steps, tokens, notes, seconds };
}

/** Notes of a span: pitches that weren't there in the step before. */
export function notesOf(steps: Steps): number {
  let notes = 0;
  for (const [at, step] of steps.entries()) {
    for (const [voice, pitch] of step.entries()) {
      if (pitch >= 0 && steps[at - 1]?.[voice] !== pitch) notes++;
    }
  }
  return notes;
}
