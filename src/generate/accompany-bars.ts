import { barAt, barLines, type MelodyPart, melodyFrom } from "../dataset/index.js";
import { invalid, unsupported } from "../errors.js";
import type { ModelConfig } from "../model/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import { type Accompaniment, type AccompanyOptions, checkEncoder, checkVocabulary } from "./accompany.js";
import { melodyDecoder } from "./melody-decoder.js";
import { chooseId } from "./sampling.js";
import { windowRuleOf, windowStart } from "./window.js";

/** A bar has fewer ids than this in any music that people write; where a model never ends one, it is ended. */
const MOST_IDS_IN_BAR = 1024;

/** A melody's ids, and how music is written to it. */
export interface AccompanyBarsOptions extends Omit<AccompanyOptions, "melody" | "onStep"> {
  /** Between begin and end tokens. */
  readonly melody: ArrayLike<number>;
  /** How many bars are written. */
  readonly bars: number;
  /** Ids that are never written, such as other tempos than the piece has. */
  readonly avoid?: readonly number[];
  /** Called after each bar, and awaited. */
  readonly onBar?: (done: number, bars: number) => void | Promise<void>;
}

/** Refuses a model or a tokenizer that doesn't write to melodies that are apart. @throws AttaccaError `unsupported` or `invalid` */
export function checkAccompaniesBars(config: ModelConfig, tokenizer: Tokenizer): void {
  checkEncoder(config);
  const { name } = tokenizer;
  if (name !== "remi") throw unsupported("harmonizing", `the tokenizer ${name}`, "remi, which writes bars");
  checkVocabulary(config, tokenizer);
}

/**
 * Writes music to a melody, id by id under the tokenizer's grammar: exactly `bars` bars, in the melody's meters. The encoder reads the
 * melody from the window's first bar on, and is run once for a window. A window is left for one that begins at a later bar line when it
 * is full (see `windowStart`), or when a bar begins that the encoder hasn't read.
 *
 * What is drawn is a function of (seed, position).
 *
 * @throws AttaccaError `unsupported` for a model without an encoder or another tokenizer, `invalid` for a melody without bars
 */
export async function accompanyBars(options: AccompanyBarsOptions): Promise<Accompaniment> {
  const { tokenizer, melody, bars, config, signal, seed = 0 } = options;
  checkAccompaniesBars(config, tokenizer);
  const melodyLines = barLines(melody, tokenizer);
  if (melodyLines.length === 0) throw invalid("melody", "no bars", "at least one");
  const { begin, end } = tokenizer.special;
  const grammar = options.grammar ?? tokenizer.grammar();
  if (options.grammar === undefined) grammar.push(begin);
  const mask = legalIds(options, melodyLines);
  const rule = { ...windowRuleOf(tokenizer), contextLength: config.n_positions };
  const partAt = (start: number): MelodyPart =>
    melodyFrom(melody, melodyLines, barAt(lines, start), config.n_positions);
  const ids: number[] = [begin];
  const lines: number[] = [];
  const decoder = melodyDecoder(options, (at) => {
    const part = partAt(at);
    return Array.from(melody).slice(part.start, part.end);
  });
  let start = 0;
  try {
    while (!signal?.aborted) {
      start = windowStart(ids, ids.length, rule, start);
      const bar = lines.length - 1;
      // A bar's own line is the last place from which it is read.
      while (bar >= partAt(start).endBar) start = lines.find((line) => line > start) ?? ids.length - 1;
      const logits = await decoder.next(ids, start);
      const legal = mask(grammar, { bar, length: ids.length - (lines.at(-1) ?? 0) });
      // With bars that are left empty at the end, a grammar may have nothing more to write.
      if (!legal.includes(1)) break;
      const context = { ids: ids.slice(start), mask: legal };
      const id = chooseId(logits, options, context, { seed, sample: 0, position: ids.length });
      const opens = tokenizer.isBoundary(id);
      if (opens && lines.length > 0) await options.onBar?.(lines.length, bars);
      if (opens && lines.length === bars) break;
      if (opens) lines.push(ids.length);
      ids.push(id);
      grammar.push(id);
    }
    return { ids: Int32Array.of(...ids, end), drawn: ids.length - 1, windows: decoder.windows() };
  } finally {
    decoder.dispose();
  }
}

/** Where a stream stands: its bar, −1 before the first, and how many ids that has. */
interface BarPlace {
  readonly bar: number;
  readonly length: number;
}

/** What may come next: of what the grammar allows, the melody's own meter, and nothing that is to be avoided. */
function legalIds(
  { tokenizer, melody, avoid = [] }: AccompanyBarsOptions,
  melodyLines: readonly number[],
): (grammar: GrammarState, place: BarPlace) => Uint8Array {
  const { special, vocabulary } = tokenizer;
  const starting = (word: string): number[] =>
    [...vocabulary.names.keys()].filter((id) => vocabulary.names[id].startsWith(word));
  const meters = new Set(starting("TimeSig_"));
  const barIds = starting("Bar");
  const never = [special.begin, special.end, special.pad, ...avoid.filter((id) => !meters.has(id))];
  const meterOf = melodyLines.map((line) => (meters.has(melody[line + 1]) ? melody[line + 1] : undefined));
  return (grammar, { bar, length }) => {
    const legal = new Uint8Array(vocabulary.size);
    grammar.allowed(legal);
    for (const id of never) legal[id] = 0;
    const meter = meterOf[Math.min(Math.max(0, bar), meterOf.length - 1)];
    const only = (wanted: readonly number[]): void => {
      const kept = wanted.filter((id) => legal[id] === 1);
      if (kept.length === 0) return;
      legal.fill(0);
      for (const id of kept) legal[id] = 1;
    };
    if (meter !== undefined) only([meter]);
    if (length > MOST_IDS_IN_BAR) only(barIds);
    return legal;
  };
}
