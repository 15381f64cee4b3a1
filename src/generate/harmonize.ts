import type * as tf from "@tensorflow/tfjs-core";
import { invalid, unsupported } from "../errors.js";
import type { Score, ScoreTrack } from "../midi/index.js";
import {
  Cache,
  disposeMemory,
  encodeSource,
  forward,
  type Memory,
  type ModelConfig,
} from "../model/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import type { DecodeMode } from "./choices.js";
import { type MusicConstraints, type NoteRule, noteRules } from "./constraints/index.js";
import type { LanguageModel } from "./decoder.js";
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
  /** What notes keep to. */
  readonly rules?: readonly NoteRule[];
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
export function checkHarmonizes(
  { encoder_layers: encoder, vocab_size, attention }: ModelConfig,
  { name, voices, idsPerStep, vocabulary }: Tokenizer,
): void {
  if (encoder === 0) {
    const hint = "Train one with: attacca train --task harmonize";
    const found =
      attention === "causal" ? "a model without an encoder" : `a model with ${attention} attention`;
    throw unsupported("harmonizing", found, "a model whose encoder reads the melody", hint);
  }
  if (voices === undefined || voices.length !== idsPerStep) {
    throw unsupported("harmonizing", `the tokenizer ${name}`, "one of voices on a fixed grid");
  }
  if (vocabulary.size !== vocab_size) {
    throw invalid("model", `${vocab_size} ids`, `the ${vocabulary.size} of its tokenizer`);
  }
}

/**
 * Writes the voices below a melody, step by step: at each step the melody's id stands, and those of the other voices are drawn from the
 * highest to the lowest. The encoder reads the melody of the whole window, so that voices are led towards what is still to come; it is run
 * once for a window. A piece longer than the context goes from window to window, as `windowStart` cuts them.
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
  const rule = { contextLength: config.n_positions, ...windowRuleOf(tokenizer) };
  const grammar = tokenizer.grammar();
  const ids: number[] = [];
  const push = (id: number): void => {
    ids.push(id);
    grammar.push(id);
  };
  push(special.begin);
  const decoder = windowDecoder(options, voices);
  let start = 0;
  let drawn = 0;
  try {
    for (let step = 0; step < melody.length && !signal?.aborted; step++) {
      push(melody[step]);
      for (let voice = 1; voice < voices; voice++) {
        start = windowStart(ids, ids.length, rule, start);
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

interface WindowDecoder {
  /** The logits of the id behind the window that begins at `start`. */
  next(ids: readonly number[], start: number): Promise<Float32Array>;
  windows(): number;
  dispose(): void;
}

/** Encodes the melody of each window once and, with a cache, feeds the decoder only what is new. */
function windowDecoder(
  { parameters, config, melody, decode = "cached" }: AccompanyOptions,
  voices: number,
): WindowDecoder {
  const cache = decode === "cached" ? new Cache() : undefined;
  const most = Math.ceil((config.n_positions - 1) / voices);
  let memory: Memory | undefined;
  let from = -1;
  let windows = 0;
  const free = (): void => {
    cache?.clear();
    if (memory !== undefined) disposeMemory(memory);
    memory = undefined;
  };
  const encode = (start: number): Memory => {
    // Windows begin with the id before a step.
    const first = start / voices;
    const part = Array.from(melody).slice(first, first + most);
    windows++;
    return encodeSource(parameters, config, { ids: [part], lengths: [part.length] });
  };
  return {
    async next(ids, start) {
      if (start !== from) {
        free();
        memory = encode(start);
        from = start;
      }
      const given = [ids.slice(start + (cache?.length ?? 0))];
      const logits: tf.Tensor = forward(parameters, config, given, { cache, memory, positions: "last" });
      try {
        return (await logits.data()) as Float32Array;
      } finally {
        logits.dispose();
      }
    },
    windows: () => windows,
    dispose: free,
  };
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
  const { rules = [], seed = 0 } = options;
  const legal = new Uint8Array(vocabulary.size);
  grammar.allowed(legal);
  for (const id of [special.begin, special.end, special.pad]) legal[id] = 0;
  const place = { bars: grammar.bars(), isOnBeat: false };
  const ruled = legal.map((one, id) => {
    const note = one ? grammar.noteOf(id) : undefined;
    return one && (note === undefined || rules.every((allows) => allows(note, place))) ? 1 : 0;
  });
  const context = { ids: ids.slice(start), mask: ruled.includes(1) ? ruled : legal };
  return chooseId(logits, options, context, { seed, sample: 0, position: ids.length });
}

/** A melody, and how it is harmonized. */
export interface HarmonizeOptions extends Omit<AccompanyOptions, "melody" | "rules"> {
  readonly score: Score;
  /** The melody's track in the score, as its index; see `melodyTrack`. */
  readonly track: number;
  readonly constraints?: Pick<MusicConstraints, "key" | "scale" | "pitchRange">;
}

/** The melody with its accompaniment, in the score's own time. */
export interface Harmonization extends Accompaniment {
  readonly score: Score;
}

/**
 * Harmonizes a melody: the voices below it, written by `accompany`. The melody's notes, the tempo, the meter and the texts stay as
 * they are in the score; its other tracks are left out.
 *
 * @throws AttaccaError as `accompany` does, and as the tokenizer does for pitches that it hasn't
 */
export async function harmonizeScore(options: HarmonizeOptions): Promise<Harmonization> {
  const { score, track, tokenizer, constraints = {} } = options;
  checkHarmonizes(options.config, tokenizer);
  const names = tokenizer.voices!;
  const alone: Score = { ...score, tracks: [{ ...score.tracks[track], name: names[0] }] };
  const [stream] = tokenizer.encode(alone);
  const melody = stream.filter((_, at) => at % names.length === 0);
  const place = { firstBar: 0, barScale: 1, tonal: alone };
  const rules = noteRules(constraints, tokenizer, place).map(([, allows]) => allows);
  const accompaniment = await accompany({ ...options, melody, rules });
  const drawn = tokenizer.decode([accompaniment.ids]);
  const scale = score.ticksPerQuarter / drawn.ticksPerQuarter;
  const below = drawn.tracks.slice(1).map((voice, i): ScoreTrack => {
    const notes = voice.notes.map((note) => {
      const start = Math.round(note.start * scale);
      return { ...note, start, duration: Math.round((note.start + note.duration) * scale) - start };
    });
    return { ...voice, name: names[i + 1], notes };
  });
  const channel = drawn.tracks[0].channel;
  return {
    ...accompaniment,
    score: { ...score, tracks: [{ ...alone.tracks[0], channel }, ...below] },
  };
}

/**
 * The track of a score that is its melody, as an index: the one that is asked for by name or number (from 1); else the only track with
 * notes; else the one named "melody"; else the highest voice, where the score is of the tokenizer's voices.
 *
 * @throws AttaccaError `invalid` or `unknown`, naming the tracks
 */
export function melodyTrack(score: Score, tokenizer: Tokenizer, asked?: string): number {
  const { tracks } = score;
  const sounding = [...tracks.keys()].filter((i) => !tracks[i].isDrum && tracks[i].notes.length > 0);
  if (sounding.length === 0) throw invalid("melody", "no notes", "a track with notes");
  const named = sounding.map((i) => (tracks[i].name.trim() === "" ? String(i + 1) : tracks[i].name.trim()));
  if (asked !== undefined) {
    const word = asked.trim().toLowerCase();
    const found = sounding.find((i) => tracks[i].name.trim().toLowerCase() === word);
    if (found !== undefined) return found;
    if (sounding.includes(Number(word) - 1)) return Number(word) - 1;
    throw invalid("melody's track", asked, `one of ${named.join(", ")}`);
  }
  if (sounding.length === 1) return sounding[0];
  const melodies = sounding.filter((i) => tracks[i].name.trim().toLowerCase() === "melody");
  if (melodies.length === 1) return melodies[0];
  const voice = sounding.length === tokenizer.voices?.length ? tokenizer.voiceTracks?.(score)[0] : undefined;
  if (voice !== undefined) return voice;
  const hint = "Say which one is the melody: --track NAME";
  throw invalid("melody", `${sounding.length} tracks: ${named.join(", ")}`, "one, or four voices", hint);
}

/** How many of a track's notes begin while a higher one of it sounds, or with it: a melody has none. */
export function hiddenNotes({ notes }: ScoreTrack): number {
  const order = [...notes].sort((a, b) => a.start - b.start || b.pitch - a.pitch);
  let hidden = 0;
  for (let i = 1; i < order.length; i++) if (order[i].start === order[i - 1].start) hidden++;
  return hidden;
}
