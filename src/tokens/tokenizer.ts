import type { Score } from "../midi/index.js";

/** The tokenizers that this package knows, by the names that options use. */
export type TokenizerName = "remi" | "tsd" | "midilike" | "chorale";

/**
 * Turns scores into token ids and back. Everything that the rest of the package needs to know of a
 * tokenizer is here; training, sampling and the model know ids only.
 */
export interface Tokenizer {
  readonly name: TokenizerName;
  readonly vocabulary: Vocabulary;
  /** The ids of the special tokens that frame a piece. */
  readonly special: { readonly pad: number; readonly begin: number; readonly end: number };
  /**
   * The piece as streams of ids, without begin and end tokens: one stream for tokenizers that write all
   * programs into one, else one a track.
   */
  encode(score: Score): Uint16Array[];
  /** The score that streams of ids stand for. Ids that make no sense where they stand are passed over, as MidiTok does. */
  decode(streams: readonly ArrayLike<number>[], options?: DecodeOptions): Score;
  /** The same music, `semitones` higher, or `undefined` where a pitch would leave the vocabulary. Drums stay. */
  transpose(ids: ArrayLike<number>, semitones: number): Uint16Array | undefined;
  /** The grammar at the start of a stream (before any id, the begin token included). */
  grammar(): GrammarState;
  /** The tokenizer's JSON (for `remi`, `tsd` and `midilike` the one that MidiTok reads and writes). */
  toJSON(): Record<string, unknown>;
  /** Which ids start a bar (or, for tokenizers without bars, a unit at which a window may be cut). */
  isBoundary(id: number): boolean;
  /**
   * Whether a window may be cut before `ids[index]`, for tokenizers whose ids don't tell by themselves; `ids` is a
   * stream from its begin token on. Absent: as `isBoundary(ids[index])` says.
   */
  boundaryAt?(ids: ArrayLike<number>, index: number): boolean;
  /**
   * Where the unit of music that an index lies in began (a bar; for chorales a quarter), for tokenizers whose grid tells it
   * without the ids; at an index where one begins, the index itself. Absent: as `isBoundary` says of the ids.
   */
  unitStart?(index: number): number;
  /**
   * Windows begin at multiples of this position in a stream (the begin token is at 0), so that a position in the
   * window tells what kind of id stands there, and where in its beat. Absent: 1, anywhere.
   */
  readonly windowUnit?: number;
  /** How many ids one moment takes, for tokenizers that write every moment with the same number. Absent: it varies. */
  readonly idsPerStep?: number;
  /** The voices that notes belong to, for tokenizers of a fixed number of them, in the order of their ids. Absent: there are none. */
  readonly voices?: readonly string[];
  /**
   * The track of each of the `voices` in a score, as its index; undefined where a voice has none. Absent: there are no voices.
   *
   * @throws AttaccaError `invalid` where the score's tracks aren't such voices
   */
  voiceTracks?(score: Score): readonly (number | undefined)[];
  /** Ids that begin a note: the unit of "per note" figures. */
  isNote(id: number): boolean;
}

/** What a stream cannot say by itself. */
export interface DecodeOptions {
  /** One (program, isDrum) a stream, for tokenizers whose streams are tracks. Default: piano. */
  readonly programs?: readonly { readonly program: number; readonly isDrum: boolean }[];
}

/** Ids ⇄ names: `idOf("Pitch_60")`, `nameOf(43)`. */
export interface Vocabulary {
  /** Ids are 0 to size − 1; size is at most 65,536. */
  readonly size: number;
  /** @throws AttaccaError `invalid` for an id outside the vocabulary. */
  nameOf(id: number): string;
  /** `undefined` where the name isn't in the vocabulary. */
  idOf(name: string): number | undefined;
  readonly names: readonly string[];
}

/**
 * Where a stream stands in the tokenizer's grammar. Sampling only what is allowed always decodes to a valid
 * score in which each id has its effect.
 */
export interface GrammarState {
  /** Sets `mask[id]` to 1 where `id` may come next, else 0; `mask: [vocabulary size]`. At least one is 1. */
  allowed(mask: Uint8Array): void;
  /** Goes on by one id. An id that isn't allowed is taken as decoding takes it, and never throws. */
  push(id: number): void;
  /** An independent copy. */
  fork(): GrammarState;
  /** Onset of what comes next, in bars since the stream's start (fractions count), for "generate N bars". */
  bars(): number;
  /** The note that `id` would sound if it came next; undefined for ids that sound none. */
  noteOf(id: number): SoundedNote | undefined;
  /** The finest grid of the present bar: its steps, and how many of them make a beat. */
  grid(): { readonly stepsPerBar: number; readonly stepsPerBeat: number };
  /** How many more notes can surely begin before the next bar line, one at each place that is left. */
  room(): number;
}

/** What an id sounds where a stream stands. */
export interface SoundedNote {
  /** MIDI pitch. */
  readonly pitch: number;
  /** General MIDI program, or −1 for drums; 0 where the stream doesn't say. */
  readonly program: number;
  /** One of the tokenizer's `voices`. */
  readonly voice?: string;
  /** Whether it begins here, and isn't held from before. */
  readonly begins: boolean;
}
