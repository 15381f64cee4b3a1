import { invalid } from "../errors.js";
import { barMap, type Score, type TextEvent } from "../midi/index.js";
import type { Tokenizer } from "../tokens/index.js";
import type { DecodeMode } from "./choices.js";
import { closeNotes } from "./close-notes.js";
import { cutPrompt, type PromptOptions } from "./cut-prompt.js";
import type { LanguageModel } from "./decoder.js";
import { type GenerationStep, generate, type SampleStopReason } from "./generate.js";
import { joinScores, type NewPart } from "./join.js";
import { emptyPrompt, encodePrompt, type PromptStream } from "./prompt.js";
import type { SamplingOptions } from "./sampling.js";
import type { Speculation } from "./speculate.js";
import type { WindowRule } from "./window.js";

/** A model with its tokenizer, what it goes on from, and how far. */
export interface ContinuationOptions extends LanguageModel, SamplingOptions, PromptOptions {
  readonly tokenizer: Tokenizer;
  /** How many bars to generate, in the prompt's meter. Default 8, unless `tokens` is given. */
  readonly bars?: number;
  /** How many ids to generate, in each stream. */
  readonly tokens?: number;
  /** Lets the model end the piece before that; default: it goes on. */
  readonly allowEnd?: boolean;
  readonly count?: number;
  readonly decode?: DecodeMode;
  /** Guesses up to so many ids ahead, and has the model check them in one pass; the music stays the same. See `generate`. */
  readonly speculate?: number;
  readonly seed?: number;
  /** Written into the result as a text event. */
  readonly provenance?: { readonly version: string; readonly checkpoint: string };
  readonly signal?: { readonly aborted: boolean };
  /** Called once before the first step, with the tick at which the new part begins. */
  readonly onSeam?: (seam: number) => void;
  /** Called, and waited for, after each step. */
  readonly onStep?: (progress: ContinuationProgress) => void | Promise<void>;
}

/** How far a continuation has come. */
export interface ContinuationProgress {
  /** Ids drawn so far, over all samples. */
  readonly tokens: number;
  /** How much of the work this is, 0 to 1. */
  readonly share: number;
  /** Which stream is being continued, and its newest step. */
  readonly stream: number;
  readonly step: GenerationStep;
  /** The ids of one sample of that stream so far, the prompt's in front; the newest step's are the last. */
  sequence(sample?: number): readonly number[];
  /** The piece so far as one sample has it: prompt and new part, with an end to notes that still sound. */
  score(sample?: number): Score;
}

/** One way in which the piece goes on. */
export interface ContinuedSample {
  /** The prompt's own notes, and the new part behind them. */
  readonly score: Score;
  /** The generated ids; of several streams, one behind the other. */
  readonly ids: readonly number[];
  /** Why its last stream stopped. */
  readonly stopped: SampleStopReason;
}

/** What came of a continuation. */
export interface Continuation {
  readonly samples: readonly ContinuedSample[];
  /** The tick at which the new part begins, in the samples' scores. */
  readonly seam: number;
  /** What was fed to the model and came of it, for `verify`: one for each stream. */
  readonly streams: readonly { readonly promptLength: number; readonly sequences: readonly number[][] }[];
  /** What came of guessing, over all streams; there if `speculate` was asked for. */
  readonly speculation?: Speculation;
  /** For people. */
  readonly warnings: readonly string[];
}

/** Bars that are generated where nothing is said. */
const DEFAULT_BARS = 8;
/** A bar has fewer ids than this in any music that people write; a model that never ends a bar is stopped. */
const MOST_IDS_IN_BAR = 1024;

/** How windows on a tokenizer's streams may be cut. */
export function windowRuleOf(tokenizer: Tokenizer): Omit<WindowRule, "contextLength"> {
  const { windowUnit } = tokenizer;
  const boundaryAt = (ids: ArrayLike<number>, index: number): boolean =>
    tokenizer.boundaryAt?.(ids, index) ?? tokenizer.isBoundary(ids[index]);
  return { boundaryAt, windowUnit };
}

/**
 * Goes on where a score stops: from its last bar line on new notes follow, and tempo, meter, key, instruments and the score's own
 * notes stay as they are. Tokenizers that write each track as a stream of its own continue each track by itself.
 *
 * @throws AttaccaError as the tokenizer and `generate` do; `invalid` where model and tokenizer don't belong together
 */
export async function continueScore(options: ContinuationOptions): Promise<Continuation> {
  const { tokenizer, config, count = 1, seed = 0, provenance } = options;
  const { size } = tokenizer.vocabulary;
  if (size !== config.vocab_size) {
    throw invalid("model", `${config.vocab_size} ids`, `the ${size} of its tokenizer`);
  }
  const warnings: string[] = [];
  const { kept, seam, heard, heardSeam } = cutPrompt(options, warnings);
  const encoded =
    heard === undefined ? emptyPrompt(kept, tokenizer) : encodePrompt(heard, heardSeam, tokenizer);
  warnings.push(...encoded.warnings);
  if (encoded.streams.length > 1) {
    warnings.push(
      `this tokenizer writes each track by itself: the ${encoded.streams.length} tracks are continued one after the other, ` +
        "and don't hear each other",
    );
  }
  const matchVelocity = !tokenizer.vocabulary.names.some((name) => name.startsWith("Velocity_"));
  const scoreOf = (generated: readonly GeneratedStream[], sample: number): Score => {
    const texts: TextEvent[] = [];
    if (provenance !== undefined) {
      const { version, checkpoint } = provenance;
      const text = `attacca ${version}; seed ${seed}, sample ${sample}; checkpoint ${checkpoint}`;
      texts.push({ tick: 0, kind: "text", text });
    }
    if (heard !== undefined) texts.push({ tick: seam, kind: "marker", text: "attacca" });
    const parts = newParts(encoded.streams, generated, sample, options);
    return joinScores(kept, seam, parts, { heard: encoded.heard, texts, matchVelocity });
  };
  options.onSeam?.(seam);
  const generated = await generateStreams(encoded.streams, options, { warnings, scoreOf });
  const samples = Array.from(
    { length: count },
    (_, sample): ContinuedSample => ({
      score: scoreOf(generated, sample),
      ids: generated.flatMap(({ ids }) => ids[sample]),
      stopped: generated[generated.length - 1].reasons[sample],
    }),
  );
  const streams = encoded.streams.map(({ ids }, index) => ({
    promptLength: ids.length,
    sequences: generated[index].ids.map((rest) => [...ids, ...rest]),
  }));
  if (!options.speculate) return { samples, seam, streams, warnings };
  const total = (field: keyof Speculation): number =>
    generated.reduce((sum, { speculation }) => sum + (speculation?.[field] ?? 0), 0);
  const speculation = { drafted: total("drafted"), accepted: total("accepted") };
  return { samples, seam, streams, speculation, warnings };
}

interface GeneratedStream {
  /** By sample. */
  readonly ids: number[][];
  readonly reasons: SampleStopReason[];
  readonly speculation?: Speculation;
}

interface StreamsOutlet {
  readonly warnings: string[];
  /** The piece as far as the streams have come. */
  readonly scoreOf: (generated: readonly GeneratedStream[], sample: number) => Score;
}

async function generateStreams(
  streams: readonly PromptStream[],
  options: ContinuationOptions,
  { warnings, scoreOf }: StreamsOutlet,
): Promise<GeneratedStream[]> {
  const { tokenizer, count = 1, tokens, bars = DEFAULT_BARS } = options;
  const end = tokenizer.special.end;
  const results: GeneratedStream[] = [];
  let drawn = 0;
  for (const [index, stream] of streams.entries()) {
    const ids: number[][] = Array.from({ length: count }, () => []);
    const reasons = new Array<SampleStopReason>(count).fill("aborted");
    let speculation: Speculation | undefined;
    const newBars = bars * stream.barScale;
    const maxTokens = tokens ?? Math.ceil(newBars * MOST_IDS_IN_BAR);
    const grammars = Array.from({ length: count }, () => stream.grammar.fork());
    const share = (sample: number): number =>
      tokens !== undefined
        ? ids[sample].length / tokens
        : Math.min(1, (grammars[sample].bars() - stream.seamBar) / newBars);
    for await (const event of generate({
      ...options,
      ...windowRuleOf(tokenizer),
      prompt: stream.ids,
      stream: index,
      maxTokens,
      grammar: stream.grammar,
      untilBar: tokens === undefined ? stream.seamBar + newBars : undefined,
      end,
      avoid: options.allowEnd ? stream.avoid : [...stream.avoid, end],
    })) {
      if (event.kind === "stop") {
        reasons[event.sample] = event.reason;
        continue;
      }
      ({ speculation } = event);
      for (const { sample, id } of event.drawn) {
        ids[sample].push(id);
        grammars[sample].push(id);
        drawn++;
      }
      const shares = ids.map((_, sample) => (reasons[sample] === "aborted" ? share(sample) : 1));
      const done = (index + Math.max(0, Math.min(...shares))) / streams.length;
      await options.onStep?.({
        tokens: drawn,
        share: done,
        stream: index,
        step: event,
        sequence: (sample = 0) => [...stream.ids, ...ids[sample]],
        score: (sample = 0) => scoreOf([...results, { ids, reasons }], sample),
      });
    }
    if (tokens === undefined && reasons.includes("tokens")) {
      warnings.push(`a sample was stopped after ${maxTokens} ids, before its ${bars} bars were full`);
    }
    results.push({ ids, reasons, speculation });
  }
  return results;
}

/** What was generated for one sample, as scores: all streams at once, or each by itself where each has its programs. */
function newParts(
  streams: readonly PromptStream[],
  generated: readonly GeneratedStream[],
  sample: number,
  { tokenizer, bars = DEFAULT_BARS }: ContinuationOptions,
): NewPart[] {
  // Streams that haven't begun yet have nothing new.
  return streams.slice(0, generated.length).map(({ ids, programs, seamBar, barScale }, index) => {
    const full = generated[index].reasons[sample] === "bars";
    const whole = closeNotes([...ids, ...generated[index].ids[sample]], tokenizer.vocabulary);
    const decoded = tokenizer.decode([whole], { programs });
    return {
      whole: decoded,
      prompt: tokenizer.decode([ids], { programs }),
      seam: tickOfBar(decoded, seamBar),
      // A piece that was asked for in bars ends with its last one, as a score does, and can be gone on from there.
      end: full ? tickOfBar(decoded, seamBar + bars * barScale) : undefined,
    };
  });
}

/** The tick of a place in bars, with a fraction. */
function tickOfBar(score: Score, bars: number): number {
  const map = barMap(score);
  const whole = Math.floor(bars + 1e-6);
  const start = map.barStart(whole);
  return Math.round(start + (bars - whole) * map.positionAt(Math.ceil(start)).ticksPerBar);
}
