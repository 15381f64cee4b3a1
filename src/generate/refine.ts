import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { forward, maskIdOf } from "../model/index.js";
import { randomStream } from "../random.js";
import type { Tokenizer } from "../tokens/index.js";
import type { remaskKinds } from "./choices.js";
import type { NoteRule } from "./constraints/index.js";
import type { LanguageModel } from "./decoder.js";
import { chooseId, type SamplingOptions } from "./sampling.js";
import { applyMask, softmax } from "./transforms.js";

/** What is filled in, and how. */
export interface RefineOptions extends LanguageModel, SamplingOptions {
  readonly tokenizer: Tokenizer;
  /** The whole stream, begin and end tokens included. */
  readonly ids: ArrayLike<number>;
  /** Indices of the ids that are filled in, in ascending order; the others stay. */
  readonly positions: readonly number[];
  /** How often the gaps are predicted; 1 fills them all at once, each as if the others weren't known. */
  readonly passes: number;
  readonly seed?: number;
  /** Which ids are masked again: the least certain (default), or any, as in Gibbs sampling. */
  readonly remask?: Remask;
  /** What notes keep to. */
  readonly rules?: readonly NoteRule[];
  readonly signal?: { readonly aborted: boolean };
}

/** How the ids that are masked again are chosen. */
export type Remask = (typeof remaskKinds)[number];

/** The stream after a pass. */
export interface RefineStep {
  /** From 1. */
  readonly pass: number;
  readonly passes: number;
  /** The window of long selections, from 0. */
  readonly window: number;
  readonly windows: number;
  /** The stream, in which ids that aren't known yet are the model's mask. */
  readonly ids: Int32Array;
  /** How many ids of this window are masked for the next pass. */
  readonly masked: number;
}

/**
 * How many of `count` ids are masked again after a pass: linear, none after the last one (Ghazvininejad et al. 2019, section 3.1).
 *
 * @param pass from 1
 */
export function maskedAfter(count: number, pass: number, passes: number): number {
  return Math.floor((count * (passes - pass)) / passes);
}

/**
 * Fills masked positions of a stream by iterative refinement (Lee, Mansimov and Cho 2018; mask-predict, Ghazvininejad et al. 2019): each
 * pass predicts all masked ids at once, given all others on both sides; then the least certain of the selection are masked again, by a
 * linear schedule, and predicted given the rest. Selections wider than half a window go from left to right, a window at a time, with
 * surroundings on both sides.
 *
 * What is drawn is a function of (seed, pass, position).
 *
 * @throws AttaccaError `unsupported` for a model without masked attention, `invalid` for positions or passes out of range
 */
export async function* refine(options: RefineOptions): AsyncGenerator<RefineStep, void, void> {
  const { config, positions, passes } = options;
  const maskId = maskIdOf(config);
  checkRefinement(options);
  const ids = Int32Array.from(options.ids);
  for (const at of positions) ids[at] = maskId;
  const windows = windowsOf(options);
  for (const [window, { start, end, gaps }] of windows.entries()) {
    const certainty = new Map<number, number>();
    let masked: readonly number[] = gaps;
    for (let pass = 1; pass <= passes && masked.length > 0; pass++) {
      if (options.signal?.aborted) return;
      const logits = await logitsOf(options, windowOf(options, ids.subarray(start, end)));
      const before = ids.slice();
      for (const at of masked) {
        const row = logits.subarray((at - start) * config.vocab_size, (at - start + 1) * config.vocab_size);
        const { id, probability } = choose(row, at, { options, pass, ids: before });
        ids[at] = id;
        certainty.set(at, probability);
      }
      masked = leastCertain(gaps, certainty, maskedAfter(gaps.length, pass, passes), options, pass);
      for (const at of masked) ids[at] = maskId;
      yield { pass, passes, window, windows: windows.length, ids: ids.slice(), masked: masked.length };
    }
  }
}

function checkRefinement({ ids, positions, passes, tokenizer }: RefineOptions): void {
  if (!Number.isInteger(passes) || passes < 1)
    throw invalid("passes", String(passes), "a whole number from 1");
  if (positions.length === 0) throw invalid("selection", "nothing", "at least one id");
  const { begin, end, pad } = tokenizer.special;
  for (const [i, at] of positions.entries()) {
    const fits = Number.isInteger(at) && at >= 0 && at < ids.length && (i === 0 || at > positions[i - 1]);
    if (!fits) throw invalid("position to fill", String(at), `ascending, 0 to ${ids.length - 1}`);
    if ([begin, end, pad].includes(ids[at])) throw invalid("position to fill", "a special token", "music");
  }
}

/** A part of the stream that the model sees at once, and the gaps in it that are filled then. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly gaps: readonly number[];
}

function windowsOf({ ids, positions, tokenizer, config }: RefineOptions): Window[] {
  const length = config.n_positions;
  if (ids.length <= length) return [{ start: 0, end: ids.length, gaps: positions }];
  const unit = tokenizer.windowUnit ?? 1;
  const reach = Math.max(1, Math.floor(length / 2));
  const windows: Window[] = [];
  for (let i = 0; i < positions.length; ) {
    const first = positions[i];
    let j = i;
    while (j < positions.length && positions[j] < first + reach) j++;
    const middle = (first + positions[j - 1]) / 2;
    const wanted = Math.max(0, Math.min(Math.round(middle - length / 2), ids.length - length));
    // Rounded up at the piece's end, so that the window reaches it; a gap still lies inside of it.
    const rounded = Math.round(wanted / unit) * unit;
    const latest = Math.floor(first / unit) * unit;
    const earliest = Math.max(0, Math.ceil((positions[j - 1] + 1 - length) / unit) * unit);
    const start = Math.min(latest, Math.max(earliest, rounded));
    const end = Math.min(ids.length, start + length);
    // With a context of few units a window can't hold all that was taken.
    while (positions[j - 1] >= end) j--;
    windows.push({ start, end, gaps: positions.slice(i, j) });
    i = j;
  }
  return windows;
}

/** A window as models see it when they learn: no end token, and behind the piece padding as far as the context goes. */
function windowOf({ tokenizer, config }: RefineOptions, ids: Int32Array): number[] {
  const { end, pad } = tokenizer.special;
  return Array.from({ length: config.n_positions }, (_, at) =>
    at >= ids.length || ids[at] === end ? pad : ids[at],
  );
}

async function logitsOf({ parameters, config }: LanguageModel, window: number[]): Promise<Float32Array> {
  const logits = forward(parameters, config, [window], { prefixes: [window.length] });
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    tf.dispose(logits);
  }
}

function choose(
  logits: Float32Array,
  at: number,
  {
    options,
    pass,
    ids,
  }: { readonly options: RefineOptions; readonly pass: number; readonly ids: Int32Array },
): { readonly id: number; readonly probability: number } {
  const mask = legalIds(options, at);
  const { seed = 0 } = options;
  const id = chooseId(logits, options, { ids, mask }, { seed, sample: 0, stream: pass, position: at });
  return { id, probability: softmax(applyMask(logits, mask))[id] };
}

/** What may stand at a position by the tokenizer's grammar and the rules; where those leave nothing, by the grammar alone. */
function legalIds({ tokenizer, config, rules = [] }: RefineOptions, at: number): Uint8Array {
  const { special, vocabulary } = tokenizer;
  const grammar = tokenizer.grammar();
  grammar.push(special.begin);
  const filler = vocabulary.names.findIndex((_, id) => tokenizer.isNote(id));
  const perStep = tokenizer.idsPerStep ?? 1;
  // On a fixed grid only the place counts: what is legal repeats with every step.
  for (let i = 0; i < (at - 1) % perStep; i++) grammar.push(filler);
  const legal = new Uint8Array(vocabulary.size);
  grammar.allowed(legal);
  for (const id of [special.begin, special.end, special.pad]) legal[id] = 0;
  const place = { bars: grammar.bars(), isOnBeat: false };
  const ruled = legal.map((one, id) => {
    const note = one ? grammar.noteOf(id) : undefined;
    return one && (note === undefined || rules.every((allows) => allows(note, place))) ? 1 : 0;
  });
  const mask = new Uint8Array(config.vocab_size);
  mask.set(ruled.includes(1) ? ruled : legal);
  return mask;
}

function leastCertain(
  gaps: readonly number[],
  certainty: ReadonlyMap<number, number>,
  count: number,
  { remask = "uncertain", seed = 0 }: RefineOptions,
  pass: number,
): number[] {
  const stream = randomStream(seed, `remask after pass ${pass}`, gaps[0]);
  const keys = new Map(gaps.map((at) => [at, remask === "random" ? stream.uniform() : certainty.get(at)!]));
  return [...gaps]
    .sort((a, b) => keys.get(a)! - keys.get(b)! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
