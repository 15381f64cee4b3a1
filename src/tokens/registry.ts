import { unknown } from "../errors.js";
import { choraleFromJSON, createChoraleTokenizer } from "./chorale.js";
import type { Tokenizer, TokenizerName } from "./tokenizer.js";

interface TokenizerKind {
  readonly name: TokenizerName;
  /** What the JSON's field `tokenization` says. */
  readonly tokenization: string;
  create(options: Readonly<Record<string, unknown>>): Tokenizer;
  fromJSON(json: Readonly<Record<string, unknown>>): Tokenizer;
}

/** Every tokenizer of this package, one line each. */
const kinds: readonly TokenizerKind[] = [
  {
    name: "chorale",
    tokenization: "Chorale",
    create: (options) => createChoraleTokenizer(options),
    fromJSON: choraleFromJSON,
  },
];

/** The tokenizer of a name. @throws AttaccaError `unknown` or `invalid`. */
export function createTokenizer(
  name: TokenizerName,
  options: Readonly<Record<string, unknown>> = {},
): Tokenizer {
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind === undefined) {
    throw unknown(
      "tokenizer",
      name,
      kinds.map((candidate) => candidate.name),
    );
  }
  return kind.create(options);
}

/** The tokenizer that a tokenizer's JSON describes. @throws AttaccaError `unknown` or `invalid`. */
export function tokenizerFromJSON(json: Readonly<Record<string, unknown>>): Tokenizer {
  const kind = kinds.find((candidate) => candidate.tokenization === json.tokenization);
  if (kind === undefined) {
    const known = kinds.map((candidate) => candidate.tokenization);
    throw unknown("tokenization", String(json.tokenization), known);
  }
  return kind.fromJSON(json);
}
