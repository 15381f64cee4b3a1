import { invalid, unsupported } from "../errors.js";
import type { Score } from "../midi/index.js";
import type { MidiTokTokenizer, Tokenizer } from "../tokens/index.js";

/** A melody and what is written to it, as ids without begin and end tokens. Bar i of the one is bar i of the other. */
export interface EncodedPair {
  readonly melody: Uint16Array;
  readonly rest: Uint16Array;
}

/**
 * Refuses a tokenizer that can't keep a melody and the rest bar against bar.
 *
 * @throws AttaccaError `unsupported` for all but `remi` with every program in one stream
 */
export function checkPairs(tokenizer: Tokenizer): void {
  const { name } = tokenizer;
  const expected = "remi, which writes bars, with all programs in one stream";
  if (name !== "remi") throw unsupported("a melody apart", `the tokenizer ${name}`, expected);
  const { oneStream, config } = tokenizer as MidiTokTokenizer;
  if (!oneStream) throw unsupported("a melody apart", "one stream a track", expected);
  // A rest stands for the bar lines that it passes.
  if (config.useRests) throw unsupported("a melody apart", "rest tokens", "remi without use_rests");
}

/** The track with notes, no drums, that a word names, as an index: by its name in any case, else by its number from 1. */
export function namedTrack({ tracks }: Score, word: string): number | undefined {
  const sounds = (i: number): boolean => !tracks[i].isDrum && tracks[i].notes.length > 0;
  const sounding = [...tracks.keys()].filter(sounds);
  const name = word.trim().toLowerCase();
  const named = sounding.find((i) => tracks[i].name.trim().toLowerCase() === name);
  if (named !== undefined) return named;
  const number = Number(name) - 1;
  return sounding.includes(number) ? number : undefined;
}

/**
 * Encodes one track of a score and all others apart. Both have the score's meters and tempos, and begin at tick 0, so that their bars
 * are the same ones; empty bars at the beginning are written in both.
 *
 * @param word the melody's track; see `namedTrack`
 * @throws AttaccaError `invalid` where there is no such track, or nothing beside it
 */
export function encodePair(score: Score, word: string, tokenizer: Tokenizer): EncodedPair {
  const track = namedTrack(score, word);
  if (track === undefined) {
    const names = score.tracks
      .filter(({ notes }) => notes.length > 0)
      .map(({ name }) => name.trim() || "no name");
    throw invalid("melody's track", `none that is ${word}`, `one of ${names.join(", ")}`);
  }
  const melody = encodeMelody(score, track, tokenizer);
  const others = score.tracks.filter((_, i) => i !== track);
  const rest = tokenizer.encode({ ...score, tracks: others }).at(0);
  if (rest === undefined || !hasNotes(rest, tokenizer)) {
    throw invalid("score", "no notes beside the melody", "a melody and what is played to it");
  }
  return { melody, rest };
}

/**
 * The ids of one track of a score alone, as if a piano (program 0) played it, where the vocabulary has that: a melody is the same,
 * whatever sings it.
 *
 * @throws AttaccaError `invalid` where none of its notes is in the vocabulary
 */
export function encodeMelody(score: Score, track: number, tokenizer: Tokenizer): Uint16Array {
  const own = score.tracks[track];
  const program = tokenizer.vocabulary.idOf("Program_0") === undefined ? own.program : 0;
  const melody = tokenizer.encode({ ...score, tracks: [{ ...own, program }] }).at(0);
  if (melody !== undefined && hasNotes(melody, tokenizer)) return melody;
  throw invalid("melody", "no notes that the tokenizer has", "at least one");
}

function hasNotes(ids: Uint16Array, tokenizer: Tokenizer): boolean {
  return ids.some((id) => tokenizer.isNote(id));
}
