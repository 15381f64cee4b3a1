import { invalid, unsupported } from "../errors.js";
import type { ModelConfig } from "../model/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import type { DecodeMode } from "./choices.js";
import type { LanguageModel } from "./decoder.js";
import { melodyDecoder } from "./melody-decoder.js";
import { chooseId, type SamplingOptions } from "./sampling.js";
import { windowRuleOf, windowStart } from "./window.js";

/** A melody's ids, and how the voices below it are written. */
export interface AccompanyOptions extends LanguageModel, SamplingOptions {
  readonly tokenizer: Tokenizer;
  /** One id a step of the tokenizer's grid. */
  readonly melody: ArrayLike<number>;
  readonly seed?: number;
  /** "cached" (unless given), or "recompute": the decoder runs its whole window again at each id. */
  readonly decode?: DecodeMode;
  /** The grammar behind the begin token, with what notes keep to; default: the tokenizer's. It is written to. */
  readonly grammar?: GrammarState;
  readonly signal?: { readonly aborted: boolean };
  /** Called after each step of the grid, and awaited. */
  readonly onStep?: (done: number, steps: number) => void | Promise<void>;
}

/** A melody with the voices below it. */
export interface Accompaniment {
  /** The whole stream, begin and end tokens included; cut where `signal` was aborted. */
  readonly ids: Int32Array;
  /** How many ids were drawn. */
  readonly drawn: number;
  /** How often the encoder was run: once for each window. */
  readonly windows: number;
}

/** Refuses a model or a tokenizer that doesn't harmonize. @throws AttaccaError `unsupported` or `invalid` */
export function checkHarmonizes(config: ModelConfig, tokenizer: Tokenizer): void {
  checkEncoder(config);
  const { name, voices, idsPerStep } = tokenizer;
  if (voices === undefined || voices.length !== idsPerStep) {
    throw unsupported("harmonizing", `the tokenizer ${name}`, "one of voices on a fixed grid");
  }
  checkVocabulary(config, tokenizer);
}

/** Refuses a model without an encoder. @throws AttaccaError `unsupported` */
export function checkEncoder({ encoder_layers: encoder, attention }: ModelConfig): void {
  if (encoder > 0) return;
  const hint = "Train one with: attacca train --task harmonize";
  const found = attention === "causal" ? "a model without an encoder" : `a model with ${attention} attention`;
  throw unsupported("harmonizing", found, "a model whose encoder reads the melody", hint);
}

/** Refuses a model of another tokenizer's ids. @throws AttaccaError `invalid` */
export function checkVocabulary({ vocab_size }: ModelConfig, { vocabulary }: Tokenizer): void {
  if (vocabulary.size === vocab_size) return;
  throw invalid("model", `${vocab_size} ids`, `the ${vocabulary.size} of its tokenizer`);
}

/**
 * Writes the voices below a melody, step by step: at each step the melody's id stands, and those of the other voices are drawn from the
 * highest to the lowest. The encoder reads the melody of the whole window, so that voices are led towards what is still to come; it is run
 * once for a window. A piece longer than the context goes from window to window: each is cut, as `windowStart` does it, when three
 * quarters of it are written.
 *
 * What is drawn is a function of (seed, position).
 *
 * @throws AttaccaError `unsupported` for a model without an encoder or a tokenizer without voices, `invalid` for a melody without ids
 */
export async function accompany(options: AccompanyOptions): Promise<Accompaniment> {
  const { tokenizer, melody, config, signal } = options;
  checkHarmonizes(config, tokenizer);
  if (melody.length === 0) throw invalid("melody", "no notes", "at least one note");
  const { special, idsPerStep: voices = 1 } = tokenizer;
  const cut = windowRuleOf(tokenizer);
  const most = config.n_positions;
  // Cut while a quarter of the window is still ahead, so that the melody there is heard; the smallest windows have no room for that.
  const rule = {
    ...cut,
    contextLength: most < 2 * (cut.windowUnit ?? 1) ? most : Math.floor((most * 3) / 4),
  };
  const length = 1 + melody.length * voices;
  const grammar = options.grammar ?? begun(tokenizer);
  const ids: number[] = [special.begin];
  const push = (id: number): void => {
    ids.push(id);
    grammar.push(id);
  };
  const heard = Math.ceil((most - 1) / voices);
  // Windows begin with the id before a step.
  const decoder = melodyDecoder(options, (at) => Array.from(melody).slice(at / voices, at / voices + heard));
  let start = 0;
  let drawn = 0;
  try {
    for (let step = 0; step < melody.length && !signal?.aborted; step++) {
      push(melody[step]);
      for (let voice = 1; voice < voices; voice++) {
        // A window that reaches the piece's end stays where it is.
        if (length - start > most) start = windowStart(ids, ids.length, rule, start);
        push(choose(await decoder.next(ids, start), { options, grammar, ids, start }));
        drawn++;
      }
      await options.onStep?.(step + 1, melody.length);
    }
    return { ids: Int32Array.of(...ids, special.end), drawn, windows: decoder.windows() };
  } finally {
    decoder.dispose();
  }
}

/** The tokenizer's grammar behind the begin token. */
function begun(tokenizer: Tokenizer): GrammarState {
  const grammar = tokenizer.grammar();
  grammar.push(tokenizer.special.begin);
  return grammar;
}

function choose(
  logits: Float32Array,
  given: {
    readonly options: AccompanyOptions;
    readonly grammar: GrammarState;
    readonly ids: readonly number[];
    readonly start: number;
  },
): number {
  const { options, grammar, ids, start } = given;
  const { special, vocabulary } = options.tokenizer;
  const { seed = 0 } = options;
  const legal = new Uint8Array(vocabulary.size);
  grammar.allowed(legal);
  for (const id of [special.begin, special.end, special.pad]) legal[id] = 0;
  const context = { ids: ids.slice(start), mask: legal };
  return chooseId(logits, options, context, { seed, sample: 0, position: ids.length });
}
