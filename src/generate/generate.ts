import { invalid } from "../errors.js";
import type { GrammarState } from "../tokens/index.js";
import type { DecodeMode } from "./choices.js";
import { createDecoder, defaultDecodeMode, type LanguageModel, type Sequence } from "./decoder.js";
import { checkSampling, chooseId, type SamplingOptions } from "./sampling.js";
import type { Speculation } from "./speculate.js";
import { type WindowRule, windowStart } from "./window.js";

/** A model, what it goes on from, how ids are chosen, and when it stops. */
export interface GenerateOptions extends LanguageModel, SamplingOptions, Omit<WindowRule, "contextLength"> {
  /** The ids to go on from, at least one (the tokenizer's begin token, for a piece from nothing). */
  readonly prompt: ArrayLike<number>;
  /** Most ids to generate for each sample. */
  readonly maxTokens: number;
  /** How many samples; sample k doesn't depend on it. Default 1. */
  readonly count?: number;
  /** `cached` (the default, unless attention is full) feeds the newest id only; `recompute` runs the whole window again at each step. */
  readonly decode?: DecodeMode;
  /**
   * Guesses up to so many ids ahead, by looking up what followed the newest ids when they were there before, and has the
   * model check them in one pass. Ids stay the same: see `speculativeDecoder`. Only with `cached` decoding; default 0, no
   * guesses.
   */
  readonly speculate?: number;
  /** A whole number from 0; default 0. */
  readonly seed?: number;
  /** Tells apart several streams of one piece: each draws its own numbers. Default 0. */
  readonly stream?: number;
  /** The tokenizer's grammar behind the prompt. It is copied for each sample. Default: every id may follow. */
  readonly grammar?: GrammarState;
  /** Stops a sample once what comes next lies at or behind this bar of the grammar's count. */
  readonly untilBar?: number;
  /** The id that ends a piece; a sample that draws it stops. Default: there is none. */
  readonly end?: number;
  /** Ids that are drawn only where the grammar allows no other. */
  readonly avoid?: ArrayLike<number>;
  /** Stops all samples before the next step once its `aborted` is true. */
  readonly signal?: { readonly aborted: boolean };
}

/** Why a sample stopped: its end token, the limits of ids or bars, or the signal. */
export type SampleStopReason = "end" | "tokens" | "bars" | "aborted";

/** One step: the next id of every sample that is going on. */
export interface GenerationStep {
  readonly kind: "step";
  /** Index of the new ids in their sequences, the prompt counted. */
  readonly position: number;
  readonly drawn: readonly DrawnId[];
  /** What came of guessing so far, over all samples; there if `speculate` was asked for. */
  readonly speculation?: Speculation;
}

/** The next id of one sample, and what it was drawn from. */
export interface DrawnId {
  readonly sample: number;
  readonly id: number;
  /** Where the model's window began. */
  readonly windowStart: number;
  /** The model's own logits, before any transform. `logits: [vocabulary]` */
  readonly logits: Float32Array;
}

/** A sample has ended; nothing more comes of it. */
export interface GenerationStop {
  readonly kind: "stop";
  readonly sample: number;
  readonly reason: SampleStopReason;
}

/** What a generation tells of itself. */
export type GenerationEvent = GenerationStep | GenerationStop;

interface Sample extends Sequence {
  readonly ids: number[];
  start: number;
  readonly grammar?: GrammarState;
}

/**
 * Goes on from a prompt, as a stream of events: one step for each position, and one stop for each sample. All samples
 * advance together, as rows of one batch. Leaving the loop early frees everything.
 *
 * Every id is a pure function of the ids before it, the options and (seed, sample, position): it depends neither on
 * `decode` nor on `count`, nor on `speculate`.
 *
 * @example
 * for await (const event of generate({ parameters, config, prompt: [begin], maxTokens: 256, grammar: tokenizer.grammar() })) {
 *   if (event.kind === "step") for (const { sample, id } of event.drawn) ids[sample].push(id);
 * }
 *
 * @throws AttaccaError `invalid` for options out of range, ids outside the vocabulary, damaged weights.
 */
export async function* generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, void> {
  checkOptions(options);
  const { config, prompt, maxTokens, count = 1, signal } = options;
  const rule: WindowRule = { ...options, contextLength: config.n_positions };
  const decoder = createDecoder(options, options.decode ?? defaultDecodeMode(config), options);
  let going: Sample[] = Array.from({ length: count }, (_, sample) => ({
    sample,
    ids: Array.from(prompt),
    start: 0,
    grammar: options.grammar?.fork(),
  }));
  try {
    for (let generated = 0; ; generated++) {
      const rest: Sample[] = [];
      for (const sample of going) {
        const reason = signal?.aborted ? "aborted" : stopReason(sample, generated, maxTokens, options);
        if (reason === undefined) rest.push(sample);
        else yield { kind: "stop", sample: sample.sample, reason };
      }
      going = rest;
      if (going.length === 0) return;
      for (const one of going) one.start = windowStart(one.ids, one.ids.length, rule, one.start);
      const logits = await decoder.next(going);
      const position = going[0].ids.length;
      const drawn = going.map((sample, row) => draw(sample, logits[row], options));
      const { speculation } = decoder;
      yield speculation ? { kind: "step", position, drawn, speculation } : { kind: "step", position, drawn };
    }
  } finally {
    decoder.dispose();
  }
}

/** Whether a sample is over, before its next step. */
function stopReason(
  { ids, grammar }: Sample,
  generated: number,
  maxTokens: number,
  { end, untilBar }: GenerateOptions,
): SampleStopReason | undefined {
  if (generated > 0 && ids[ids.length - 1] === end) return "end";
  if (grammar !== undefined && untilBar !== undefined && grammar.bars() >= untilBar - BAR_ROUNDING)
    return "bars";
  return generated >= maxTokens ? "tokens" : undefined;
}

/** Bars are counted in fractions, whose sums are off by a few units in the last place. */
export const BAR_ROUNDING = 1e-6;

function draw(sample: Sample, logits: Float32Array, options: GenerateOptions): DrawnId {
  const window = sample.ids.slice(sample.start);
  const mask = maskOf(sample, logits.length, options);
  const id = chooseId(
    logits,
    options,
    { ids: window, mask },
    {
      seed: options.seed ?? 0,
      stream: options.stream,
      sample: sample.sample,
      position: sample.ids.length,
    },
  );
  sample.ids.push(id);
  sample.grammar?.push(id);
  return { sample: sample.sample, id, windowStart: sample.start, logits };
}

/** What the grammar allows, less the ids to avoid if others are left. */
export function maskOf(
  { grammar }: Pick<Sample, "grammar">,
  size: number,
  { avoid }: Pick<GenerateOptions, "avoid">,
): Uint8Array {
  const mask = new Uint8Array(size).fill(1);
  grammar?.allowed(mask);
  if (avoid === undefined) return mask;
  const without = Uint8Array.from(mask);
  for (let i = 0; i < avoid.length; i++) without[avoid[i]] = 0;
  return without.includes(1) ? without : mask;
}

/** @throws AttaccaError `invalid`, naming the option */
export function checkOptions(options: GenerateOptions): void {
  checkSampling(options);
  const { config, prompt, maxTokens, count = 1, seed = 0 } = options;
  const whole = (name: string, value: number, lowest: number): void => {
    if (!Number.isSafeInteger(value) || value < lowest) {
      throw invalid(name, String(value), `a whole number from ${lowest}`);
    }
  };
  whole("maxTokens", maxTokens, 0);
  whole("count", count, 1);
  whole("seed", seed, 0);
  if (prompt.length === 0)
    throw invalid("prompt", "no ids", "at least one, such as the tokenizer's begin token");
  for (let i = 0; i < prompt.length; i++) {
    if (Number.isInteger(prompt[i]) && prompt[i] >= 0 && prompt[i] < config.vocab_size) continue;
    throw invalid(`prompt, id ${i}`, String(prompt[i]), `0 to ${config.vocab_size - 1}`);
  }
}
