import { invalid } from "../errors.js";
import { barMap, type Score, type TextEvent } from "../midi/index.js";
import type { Tokenizer } from "../tokens/index.js";
import type { BeamSettings } from "./beam.js";
import type { DecodeMode } from "./choices.js";
import { closeNotes } from "./close-notes.js";
import { checkMeter, firstBars, joinMelody, type MusicConstraints } from "./constraints/index.js";
import { findSeam } from "./cut.js";
import { cutPrompt, type PromptOptions } from "./cut-prompt.js";
import { type LanguageModel, refuseMasked } from "./decoder.js";
import type { GenerationStep, SampleStopReason } from "./generate.js";
import { DEFAULT_BARS, type GeneratedStream, generateStreams } from "./generate-streams.js";
import { joinScores, type NewPart } from "./join.js";
import { emptyPrompt, encodePrompt, type PromptStream } from "./prompt.js";
import { refuseEncoder } from "./refuse-encoder.js";
import type { SamplingOptions } from "./sampling.js";
import type { Speculation } from "./speculate.js";

/** A model with its tokenizer, what it goes on from, and how far. */
export interface ContinuationOptions
  extends LanguageModel,
    SamplingOptions,
    PromptOptions,
    Partial<BeamSettings> {
  readonly tokenizer: Tokenizer;
  /** How many bars to generate, in the prompt's meter. Default: as many as a melody to keep has, or 8, unless `tokens` is given. */
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
  /** What new notes keep to: key, range, density, chords, a melody. See `ConstrainedGrammar`. */
  readonly constraints?: MusicConstraints;
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
  /** Which stream is being continued, and its newest step. While beams are searched nothing is drawn before the end. */
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
  /** Sum of the log probabilities of its ids in nats, where beams were searched. */
  readonly logProbability?: number;
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

/**
 * Goes on where a score stops: from its last bar line on new notes follow, and tempo, meter, key, instruments and the score's own
 * notes stay as they are. Tokenizers that write each track as a stream of its own continue each track by itself.
 *
 * With `beams` the samples are the best of a search (see `beamSearch`) instead of drawn: `count` of them, at most as many as beams.
 *
 * @throws AttaccaError as the tokenizer and `generate` do; `invalid` where model and tokenizer don't belong together
 */
export async function continueScore(given: ContinuationOptions): Promise<Continuation> {
  const whole = given.constraints?.keep;
  const bars = given.bars ?? (whole && findSeam(whole).bars);
  const melody = whole && bars !== undefined && given.tokens === undefined ? firstBars(whole, bars) : whole;
  const constraints = melody === undefined ? given.constraints : { ...given.constraints, keep: melody };
  const options = { ...given, bars, constraints };
  const { tokenizer, config, seed = 0, provenance } = options;
  refuseMasked(config);
  refuseEncoder(config);
  const { size } = tokenizer.vocabulary;
  if (size !== config.vocab_size) {
    throw invalid("model", `${config.vocab_size} ids`, `the ${size} of its tokenizer`);
  }
  const warnings: string[] = [];
  const { kept, seam, heard, heardSeam } =
    melody !== undefined && options.prompt === undefined
      ? { kept: { ...melody, tracks: [] }, seam: 0, heard: undefined, heardSeam: 0 }
      : cutPrompt(options, warnings);
  if (melody !== undefined) checkMeter(melody, kept, seam);
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
    const joined = joinScores(kept, seam, parts, { heard: encoded.heard, texts, matchVelocity });
    return melody === undefined ? joined : joinMelody(joined, seam, melody, tokenizer);
  };
  options.onSeam?.(seam);
  const generated = await generateStreams(encoded.streams, options, {
    warnings,
    scoreOf,
    tonal: heard ?? melody,
  });
  const found = Math.min(...generated.map(({ ids }) => ids.length));
  const samples = Array.from({ length: found }, (_, sample): ContinuedSample => {
    const logProbability = generated.reduce(
      (sum, { logProbabilities }) => sum + (logProbabilities?.[sample] ?? 0),
      0,
    );
    return {
      score: scoreOf(generated, sample),
      ids: generated.flatMap(({ ids }) => ids[sample]),
      stopped: generated[generated.length - 1].reasons[sample],
      ...(options.beams === undefined ? {} : { logProbability }),
    };
  });
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
