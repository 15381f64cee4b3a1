import { z } from "zod";
import { type AttaccaError, invalid } from "../errors.js";

/** A stretch of beats and how finely it is divided: `{ from: 0, to: 4, resolution: 8 }`. */
export interface BeatRange {
  /** First beat of the stretch. */
  readonly from: number;
  /** First beat past it. */
  readonly to: number;
  /** Positions in a beat. */
  readonly resolution: number;
}

/** The meters of one denominator, in the order of their ids. */
export interface MeterRange {
  readonly denominator: number;
  readonly numerators: readonly number[];
}

const pitch = z.int().min(0).max(127);
const program = z.int().min(-1).max(127);
const beatRange = z
  .object({
    from: z.int().min(0).max(1024),
    to: z.int().min(1).max(1024),
    resolution: z.int().min(1).max(480),
  })
  .refine((range) => range.from < range.to, "from must lie below to");
const beatRanges = z
  .array(beatRange)
  .min(1)
  .refine(
    (ranges) => ranges.every((range, i) => i === 0 || range.from >= ranges[i - 1].to),
    "ranges must be in ascending order and not overlap",
  );
const powerOfTwo = z
  .int()
  .min(1)
  .max(64)
  .refine((value) => (value & (value - 1)) === 0, "must be a power of two");
const pitches = z
  .tuple([pitch, pitch])
  .refine(([low, high]) => low < high, "the first pitch must lie below the second");

/** Every option with its range; the defaults are MidiTok's (3.1.0). */
const configSchema = z.strictObject({
  /** Lowest and highest pitch of a note, both included. */
  pitchRange: pitches.default([21, 109]),
  /** Time grid of durations, shifts and (by its largest resolution) positions. */
  beatRes: beatRanges.default([
    { from: 0, to: 4, resolution: 8 },
    { from: 4, to: 12, resolution: 4 },
  ]),
  /** Number of velocity values, evenly spaced up to 127. */
  numVelocities: z.int().min(1).max(127).default(32),
  /** Notes of one program, onset and pitch become one. */
  removeDuplicatedNotes: z.boolean().default(false),
  /** First ids of the vocabulary; PAD, BOS and EOS must be among them. */
  specialTokens: z.array(z.string().min(1)).default(["PAD", "BOS", "EOS", "MASK"]),
  useVelocities: z.boolean().default(true),
  /** Programs (−1: drums) whose notes have durations; the others get `defaultNoteDuration`. */
  useNoteDurationPrograms: z.array(program).default(() => allPrograms()),
  useRests: z.boolean().default(false),
  useTempos: z.boolean().default(false),
  useTimeSignatures: z.boolean().default(true),
  useKeySignatures: z.boolean().default(false),
  useSustainPedals: z.boolean().default(false),
  usePitchBends: z.boolean().default(false),
  usePrograms: z.boolean().default(false),
  /** Drum notes have pitch tokens of their own. */
  usePitchdrumTokens: z.boolean().default(true),
  /** In beats. */
  defaultNoteDuration: z.number().positive().max(64).default(0.5),
  /** Programs in the vocabulary when `usePrograms`; tracks of others are left out. −1: drums. */
  programs: z
    .array(program)
    .min(1)
    .default(() => allPrograms()),
  /** All tracks in one stream, when `usePrograms`. */
  oneTokenStreamForPrograms: z.boolean().default(true),
  /** A program token only where the program changes, instead of one before every note. */
  programChanges: z.boolean().default(false),
  /** Time grid of rests. */
  beatResRest: beatRanges.default([
    { from: 0, to: 1, resolution: 8 },
    { from: 1, to: 2, resolution: 4 },
    { from: 2, to: 12, resolution: 2 },
  ]),
  numTempos: z.int().min(1).max(4096).default(32),
  /** Slowest and fastest tempo, in quarters a minute. */
  tempoRange: z.tuple([z.number().min(4), z.number().max(500)]).default([40, 250]),
  logTempos: z.boolean().default(false),
  deleteEqualSuccessiveTempoChanges: z.boolean().default(false),
  timeSignatureRange: z
    .array(z.object({ denominator: powerOfTwo, numerators: z.array(z.int().min(1).max(255)).min(1) }))
    .min(1)
    .default([
      { denominator: 8, numerators: [3, 12, 6] },
      { denominator: 4, numerators: [5, 6, 3, 2, 1, 4] },
    ]),
  deleteEqualSuccessiveTimeSigChanges: z.boolean().default(false),
  /** Pedals as onset and duration instead of on and off. */
  sustainPedalDuration: z.boolean().default(false),
  /** Lowest value, highest value, number of values. */
  pitchBendRange: z
    .tuple([z.int().min(-8192).max(8191), z.int().min(-8192).max(8191), z.int().min(2).max(16384)])
    .default([-8192, 8191, 32]),
  /** Lowest and highest drum pitch, both included. */
  drumsPitchRange: pitches.default([27, 88]),
  /** `remi`: bars are numbered, up to this many; `null`: they are not. */
  maxBarEmbedding: z.int().min(1).max(60_000).nullable().default(null),
  /** `remi`: a token closes each bar. */
  useBarEndTokens: z.boolean().default(false),
  /** `remi`: empty bars at the end, up to the last note's end, are written. */
  addTrailingBars: z.boolean().default(false),
  /** `midilike`: longest note as (beats, positions, positions in a beat); unclosed notes get it. */
  maxDuration: z
    .tuple([z.int().min(0), z.int().min(0), z.int().min(1)])
    .nullable()
    .default(null),
});

/** What a tokenizer writes and how finely; names and meaning are MidiTok's. */
export type TokenizerConfig = z.output<typeof configSchema>;
/** A `TokenizerConfig` in which whatever is left out has its default. */
export type TokenizerOptions = z.input<typeof configSchema>;

/** Every General MIDI program, and −1 for drums, in the order that MidiTok's ids have. */
export function allPrograms(): number[] {
  return [...Array.from({ length: 128 }, (_, i) => i), -1];
}

/**
 * Options of the default of `attacca tokenize`, on top of MidiTok's: made for going on where a real piece
 * stops.
 *
 * - All programs in one stream, so that parts hear each other; a program token before every note rather than
 *   at changes, so that each bar can be read by itself and a window may begin at any bar.
 * - Time signatures after each bar token, for the same reason, with the common ones that MidiTok's default
 *   leaves out (2/2, 3/2, 5/8, 7/8, 9/8, 7/4): a meter that isn't in the vocabulary would be dropped and every
 *   later bar line be wrong.
 * - Notes of one program that double each other in onset and pitch become one: they cannot be told apart.
 * - No tempos: a continuation keeps its prompt's.
 */
export const pipelineConfig: TokenizerOptions = {
  usePrograms: true,
  useTimeSignatures: true,
  removeDuplicatedNotes: true,
  timeSignatureRange: [
    { denominator: 8, numerators: [3, 12, 6, 5, 7, 9] },
    { denominator: 4, numerators: [5, 6, 3, 2, 1, 4, 7] },
    { denominator: 2, numerators: [2, 3] },
  ],
};

/** The MidiTok name of an option: `useRests` is `use_rests`. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Options with defaults filled in and checked; `where` names the source in errors. */
export function resolveConfig(options: TokenizerOptions, where = "tokenizer options"): TokenizerConfig {
  const result = configSchema.safeParse(options);
  if (!result.success) throw configError(result.error, where);
  const config = result.data;
  const check = (good: boolean, option: string, found: string, expected: string): void => {
    if (!good) throw invalid(`${where}: ${option}`, found, expected);
  };
  const { useRests, beatRes, beatResRest, useNoteDurationPrograms, usePrograms, programs } = config;
  const finest = Math.max(...beatRes.map((range) => range.resolution));
  if (useRests) {
    const finestRest = Math.max(...beatResRest.map((range) => range.resolution));
    check(finestRest <= finest, "beat_res_rest", `resolution ${finestRest}`, `at most beat_res's ${finest}`);
    const timed = new Set(useNoteDurationPrograms);
    check(
      timed.size === 129 || (usePrograms && programs.every((one) => timed.has(one))),
      "use_rests",
      "programs without note durations",
      "use_note_duration_programs with every program (a rest begins where notes end)",
    );
  }
  const special = specialNames(config.specialTokens);
  check(
    special.includes("BOS_None") && special.includes("EOS_None"),
    "special_tokens",
    config.specialTokens.join(", "),
    "PAD, BOS and EOS among them",
  );
  const { tempoRange, numTempos } = config;
  check(
    tempoRange[0] < tempoRange[1] || numTempos === 1,
    "tempo_range",
    tempoRange.join(" to "),
    "slow to fast",
  );
  const bends = config.pitchBendRange;
  check(bends[0] < bends[1], "pitch_bend_range", bends.join(", "), "lowest, highest, count");
  const quarter = config.timeSignatureRange.find((range) => range.denominator === 4);
  check(quarter !== undefined, "time_signature_range", "no denominator 4", "4 among the denominators");
  if (config.useTimeSignatures) {
    const hasCommon = quarter?.numerators.includes(4) === true;
    check(hasCommon, "time_signature_range", "no 4/4", "4/4, which holds where a file says nothing");
  }
  return {
    ...config,
    oneTokenStreamForPrograms: config.oneTokenStreamForPrograms && usePrograms,
    programChanges: config.programChanges && usePrograms,
    sustainPedalDuration: config.sustainPedalDuration && config.useSustainPedals,
  };
}

function configError(error: z.ZodError, where: string): AttaccaError {
  const issue = error.issues[0];
  if (issue.code === "unrecognized_keys") {
    return invalid(where, `option ${issue.keys.map(optionName).join(", ")}`, "options of the tokenizer");
  }
  const [first, ...rest] = issue.path.map(String);
  const option = [optionName(first ?? ""), ...rest].join(".");
  return invalid(`${where}: ${option}`, issue.message, "a value in the option's range");
}

/** Special tokens as MidiTok spells them: type and value, "None" where none is given; PAD is always there. */
export function specialNames(tokens: readonly string[]): string[] {
  const names = new Set<string>();
  for (const token of [...tokens, "PAD"]) {
    const parts = token.split("_");
    if (parts.length === 1) names.add(`${token}_None`);
    else names.add(`${parts.slice(0, -1).join("-")}_${parts[parts.length - 1]}`);
  }
  return [...names];
}
