import { invalid, missing, unknown } from "../errors.js";
import {
  type ChoraleOptions,
  type ChoraleTokenizer,
  choraleFromJSON,
  createChoraleTokenizer,
} from "./chorale.js";
import type { TokenizerOptions } from "./config.js";
import { createMidiTokTokenizer, type MidiTokTokenizer } from "./miditok.js";
import {
  type MidiTokName,
  miditokClass,
  optionsFromMiditokJSON,
  parseTokenizerJSON,
} from "./miditok-json.js";
import type { Tokenizer, TokenizerName } from "./tokenizer.js";

interface TokenizerKind {
  readonly name: TokenizerName;
  /** What the JSON's field `tokenization` says. */
  readonly tokenization: string;
  create(options: Readonly<Record<string, unknown>>): Tokenizer;
  fromJSON(json: Readonly<Record<string, unknown>>): Tokenizer;
}

function miditokKind(name: MidiTokName): TokenizerKind {
  return {
    name,
    tokenization: miditokClass[name],
    create: (options) => createMidiTokTokenizer(name, options),
    fromJSON: (json) => createMidiTokTokenizer(name, optionsFromMiditokJSON(name, json)),
  };
}

/** Every tokenizer of this package, one line each. */
const kinds: readonly TokenizerKind[] = [
  miditokKind("remi"),
  miditokKind("tsd"),
  miditokKind("midilike"),
  {
    name: "chorale",
    tokenization: "Chorale",
    create: (options) => createChoraleTokenizer(options),
    fromJSON: choraleFromJSON,
  },
];

/** The names that `createTokenizer` knows; the first is the default. */
export const tokenizerNames: readonly TokenizerName[] = kinds.map((kind) => kind.name);

/**
 * The tokenizer of a name. Options left out have their defaults; for `remi`, `tsd` and `midilike` those of
 * MidiTok (see `TokenizerOptions`; `pipelineConfig` is what `attacca tokenize` starts from).
 *
 * @throws AttaccaError `unknown` or `invalid`.
 */
export function createTokenizer(name: MidiTokName, options?: TokenizerOptions): MidiTokTokenizer;
export function createTokenizer(name: "chorale", options?: Partial<ChoraleOptions>): ChoraleTokenizer;
export function createTokenizer(name: TokenizerName, options?: Readonly<Record<string, unknown>>): Tokenizer;
export function createTokenizer(
  name: TokenizerName,
  options: Readonly<Record<string, unknown>> = {},
): Tokenizer {
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw unknown("tokenizer", name, tokenizerNames);
  return kind.create(options);
}

/**
 * The tokenizer that a tokenizer's JSON describes: its text, or the parsed object. Files that MidiTok saved are
 * best given as text, since `JSON.parse` loses the order of `time_signature_range`.
 *
 * @throws AttaccaError `unknown`, `invalid` or `unsupported`.
 */
export function tokenizerFromJSON(json: string | Readonly<Record<string, unknown>>): Tokenizer {
  const parsed = typeof json === "string" ? parseTokenizerJSON(json) : json;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid("tokenizer JSON", Array.isArray(parsed) ? "a list" : String(parsed), "an object");
  }
  const object = parsed as Readonly<Record<string, unknown>>;
  const kind = kinds.find((candidate) => candidate.tokenization === object.tokenization);
  if (kind === undefined) {
    const known = kinds.map((candidate) => candidate.tokenization);
    if (object.tokenization === undefined) {
      throw missing("tokenizer JSON, field tokenization", `one of ${known.join(", ")}`);
    }
    throw unknown("tokenization", String(object.tokenization), known);
  }
  return kind.fromJSON(object);
}
