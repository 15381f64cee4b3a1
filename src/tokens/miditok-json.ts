import { invalid, unsupported } from "../errors.js";
import {
  type BeatRange,
  type MeterRange,
  optionName,
  specialNames,
  type TokenizerConfig,
  type TokenizerOptions,
} from "./config.js";

/** The tokenizers that have a namesake in MidiTok. */
export type MidiTokName = "remi" | "tsd" | "midilike";

/** MidiTok's class of each tokenizer, as its JSON says it in `tokenization`. */
export const miditokClass: Readonly<Record<MidiTokName, string>> = {
  remi: "REMI",
  tsd: "TSD",
  midilike: "MIDILike",
};

/** The release whose tokens these are. */
export const miditokVersion = "3.1.0";

/** Options of MidiTok that switch on what isn't done here, with the value that leaves them off. */
const switches: Readonly<Record<string, unknown>> = {
  use_chords: false,
  use_pitch_intervals: false,
  use_control_changes: false,
  ac_polyphony_track: false,
  ac_polyphony_bar: false,
  ac_pitch_class_bar: false,
  ac_note_density_track: false,
  ac_note_density_bar: false,
  ac_note_duration_bar: false,
  ac_note_duration_track: false,
  ac_repetition_track: false,
};

/** Options that only have a meaning where one of the switches is on, or a vocabulary was trained. */
const idle: readonly string[] = [
  "encode_ids_split",
  "chord_maps",
  "chord_tokens_with_root_note",
  "chord_unknown",
  "control_change_numbers",
  "control_change_n_bins",
  "max_pitch_interval",
  "pitch_intervals_max_time_dist",
  "ac_polyphony_min",
  "ac_polyphony_max",
  "ac_note_density_track_min",
  "ac_note_density_track_max",
  "ac_note_density_bar_max",
  "ac_repetition_track_num_bins",
  "ac_repetition_track_num_consec_bars",
];

const plainOptions = [
  "pitchRange",
  "numVelocities",
  "removeDuplicatedNotes",
  "specialTokens",
  "useVelocities",
  "useNoteDurationPrograms",
  "useRests",
  "useTempos",
  "useTimeSignatures",
  "useKeySignatures",
  "useSustainPedals",
  "usePitchBends",
  "usePrograms",
  "usePitchdrumTokens",
  "defaultNoteDuration",
  "programs",
  "oneTokenStreamForPrograms",
  "programChanges",
  "numTempos",
  "tempoRange",
  "logTempos",
  "deleteEqualSuccessiveTempoChanges",
  "deleteEqualSuccessiveTimeSigChanges",
  "sustainPedalDuration",
  "pitchBendRange",
  "drumsPitchRange",
] as const satisfies readonly (keyof TokenizerConfig)[];

const additional: Readonly<Record<MidiTokName, readonly (keyof TokenizerConfig)[]>> = {
  remi: ["maxBarEmbedding", "useBarEndTokens", "addTrailingBars"],
  tsd: [],
  midilike: ["maxDuration"],
};

/** The JSON that `miditok.REMI(params=…)`, `TSD` or `MIDILike` loads. What it leaves out has MidiTok's default. */
export function miditokJSON(name: MidiTokName, config: TokenizerConfig): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const key of plainOptions) json[optionName(key)] = config[key];
  json.special_tokens = specialNames(config.specialTokens);
  json.beat_res = beatRangesJSON(config.beatRes);
  json.beat_res_rest = beatRangesJSON(config.beatResRest);
  // JavaScript moves keys that are plain whole numbers to the front, in ascending order, and the order of the
  // denominators is that of the ids. "08" isn't such a key, and Python reads it as 8.
  json.time_signature_range = Object.fromEntries(
    config.timeSignatureRange.map(({ denominator, numerators }) => [
      String(denominator).padStart(2, "0"),
      numerators,
    ]),
  );
  Object.assign(json, switches);
  const extra: Record<string, unknown> = {};
  for (const key of additional[name]) {
    if (key !== "maxDuration" || config.maxDuration !== null) extra[optionName(key)] = config[key];
  }
  json.additional_params = extra;
  return { config: json, tokenization: miditokClass[name], miditok_version: miditokVersion };
}

/**
 * The options in a MidiTok tokenizer's JSON.
 *
 * @throws AttaccaError `unsupported` for a trained vocabulary and for options that aren't done here; `invalid`
 * where the order of denominators can't be told (see `time_signature_range` in the text).
 */
export function optionsFromMiditokJSON(
  name: MidiTokName,
  json: Readonly<Record<string, unknown>>,
): TokenizerOptions {
  if ("_model" in json || "_vocab_base" in json) {
    throw unsupported(
      "tokenizer JSON",
      "a trained vocabulary (BPE, Unigram or WordPiece)",
      "an untrained tokenizer",
    );
  }
  const { config } = json;
  if (!isObject(config)) throw invalid("tokenizer JSON: config", typeOf(config), "an object");
  const extra = config.additional_params ?? {};
  if (!isObject(extra)) throw invalid("tokenizer JSON: additional_params", typeOf(extra), "an object");
  const options: Record<string, unknown> = {};
  const plain = new Map<string, string>(plainOptions.map((key) => [optionName(key), key]));
  for (const [key, value] of Object.entries(config)) {
    const option = plain.get(key);
    if (option !== undefined) options[option] = value;
    else if (key === "beat_res") options.beatRes = beatRangesFrom(key, value);
    else if (key === "beat_res_rest") options.beatResRest = beatRangesFrom(key, value);
    else if (key === "time_signature_range") options.timeSignatureRange = meterRangesFrom(value);
    else if (key in switches) {
      if (value !== switches[key])
        throw unsupported(`tokenizer JSON: ${key}`, JSON.stringify(value), "false");
    } else if (key !== "additional_params" && !idle.includes(key)) {
      throw unsupported(
        `tokenizer JSON: ${key}`,
        "an option that isn't known",
        `one of MidiTok ${miditokVersion}'s`,
      );
    }
  }
  const extras = new Map<string, string>(additional[name].map((key) => [optionName(key), key]));
  for (const [key, value] of Object.entries(extra)) {
    const option = extras.get(key);
    if (option !== undefined) options[option] = value;
    else if (value !== null && value !== false) {
      throw unsupported(`tokenizer JSON: additional_params.${key}`, JSON.stringify(value), "left out");
    }
  }
  // A program change of MidiTok's own JSON stands beside `use_programs: false`, where it means nothing.
  return options as TokenizerOptions;
}

function beatRangesJSON(ranges: readonly BeatRange[]): Record<string, number> {
  return Object.fromEntries(ranges.map(({ from, to, resolution }) => [`${from}_${to}`, resolution]));
}

function beatRangesFrom(key: string, value: unknown): BeatRange[] {
  if (!isObject(value))
    throw invalid(`tokenizer JSON: ${key}`, typeOf(value), 'an object such as {"0_4": 8}');
  return Object.entries(value).map(([range, resolution]) => {
    const match = /^(\d+)_(\d+)$/.exec(range);
    if (match === null)
      throw invalid(`tokenizer JSON: ${key}`, `key "${range}"`, 'first and last beat, as "0_4"');
    return { from: Number(match[1]), to: Number(match[2]), resolution: resolution as number };
  });
}

function meterRangesFrom(value: unknown): MeterRange[] {
  const subject = "tokenizer JSON: time_signature_range";
  if (!isObject(value)) throw invalid(subject, typeOf(value), 'an object such as {"8": [6], "4": [3, 4]}');
  const ranges = Object.entries(value).map(([denominator, numerators]) => {
    if (!/^\d+$/.test(denominator)) throw invalid(subject, `key "${denominator}"`, "a denominator");
    return { denominator: Number(denominator), numerators: numerators as number[] };
  });
  const plain = Object.keys(value).filter((key) => String(Number(key)) === key);
  if (plain.length < 2) return ranges;
  // Parsed by JavaScript, such keys stand in ascending order, whatever the text said.
  const [four, eight] = ranges;
  const isDefault =
    ranges.length === 2 &&
    four.denominator === 4 &&
    eight.denominator === 8 &&
    JSON.stringify([four.numerators, eight.numerators]) === "[[5,6,3,2,1,4],[3,12,6]]";
  if (isDefault) return [eight, four];
  throw invalid(
    subject,
    `denominators ${plain.join(", ")}, whose order JSON.parse doesn't keep`,
    "the order of the text",
    "Give the JSON's text instead of the parsed object.",
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  return value === undefined ? "nothing" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

/**
 * Parses a tokenizer's JSON so that the order of denominators stays: a zero goes before each key of
 * `time_signature_range`, which makes it one that JavaScript doesn't sort.
 */
export function parseTokenizerJSON(text: string): unknown {
  const padded = text.replace(
    /("time_signature_range"\s*:\s*\{)([^{}]*)\}/g,
    (_, head: string, body: string) => {
      return `${head}${body.replace(/"(\d+)"(\s*:)/g, '"0$1"$2')}}`;
    },
  );
  try {
    return JSON.parse(padded);
  } catch (cause) {
    throw invalid("tokenizer JSON", cause instanceof Error ? cause.message : String(cause), "JSON text");
  }
}
