import { barMap, type Note, type Score, tempoMap } from "../midi/index.js";
import { type Match, SuffixAutomaton } from "./automaton.js";
import { type NoteSequence, textureOf, voicesOf } from "./note-sequence.js";

/** A piece that a sample may have been copied from. */
export interface CorpusPiece {
  readonly name: string;
  readonly score: Score;
}

/** A run of a sample that stands in a piece, moved by some interval. */
export interface Copy {
  /** Notes in the run; 0 where not even two notes stand in any piece. */
  readonly notes: number;
  /** From the first note's onset to the last one's end, in the sample. */
  readonly bars: number;
  readonly seconds: number;
  /** The bar of the sample in which the run begins, counted from 1. */
  readonly bar: number;
  /** The piece, and its bar. Of equal runs it is the first one found. Absent where there is no run. */
  readonly piece?: string;
  readonly pieceBar?: number;
  /** Semitones that the sample is higher than the piece. */
  readonly transposition?: number;
}

/** How much of a sample stands in the pieces. */
export interface Novelty {
  /** Notes of the sample, without drums. */
  readonly notes: number;
  /** The longest run of all voices together: every note between its first and its last is in the piece, too. */
  readonly texture: Copy;
  /** The longest run of a single track. */
  readonly voice: Copy;
}

/** The best match so far of the sequences of one sample. */
interface Search {
  readonly sequences: readonly NoteSequence[];
  readonly automaton: SuffixAutomaton;
  best: number;
  end: number;
  from?: { readonly piece: CorpusPiece; readonly first: Note };
}

/**
 * The longest run of each sample that stands in any of the pieces in any key: as many notes one behind the other in the same intervals
 * and at the same distances in time (how long each is held doesn't count). Each piece is read once, in time linear in
 * its notes for each sample.
 *
 * @param pieces are read one by one, and none is kept
 */
export function findCopies(samples: readonly Score[], pieces: Iterable<CorpusPiece>): Novelty[] {
  const searches = samples.map((score) => ({
    texture: newSearch([textureOf(score)]),
    voice: newSearch(voicesOf(score)),
  }));
  for (const piece of pieces) {
    const texture = textureOf(piece.score);
    const voices = voicesOf(piece.score);
    for (const search of searches) {
      readPiece(search.texture, texture, piece);
      for (const voice of voices) readPiece(search.voice, voice, piece);
    }
  }
  return samples.map((score, i) => ({
    notes: searches[i].texture.sequences[0].notes.length,
    texture: copyOf(searches[i].texture, score),
    voice: copyOf(searches[i].voice, score),
  }));
}

function newSearch(sequences: readonly NoteSequence[]): Search {
  return { sequences, automaton: new SuffixAutomaton(sequences.map(({ steps }) => steps)), best: 0, end: -1 };
}

function readPiece(search: Search, { notes, steps }: NoteSequence, piece: CorpusPiece): void {
  const { automaton } = search;
  let match: Match = automaton.start;
  for (let i = 0; i < steps.length; i++) {
    match = automaton.read(match, steps[i]);
    if (match.length <= search.best) continue;
    search.best = match.length;
    search.end = automaton.endOf(match);
    search.from = { piece, first: notes[i + 1 - match.length] };
  }
}

function copyOf({ sequences, best, end, from }: Search, score: Score): Copy {
  if (from === undefined) return { notes: 0, bars: 0, seconds: 0, bar: 1 };
  let index = end;
  const sequence = sequences.find(({ steps }) => {
    if (index < steps.length) return true;
    index -= steps.length;
    return false;
  })!;
  const run = sequence.notes.slice(index + 1 - best, index + 2);
  const [first] = run;
  const last = Math.max(...run.map(({ start, duration }) => start + duration));
  const { secondsAt } = tempoMap(score);
  const { bar, ticksPerBar } = barMap(score).positionAt(first.start);
  return {
    notes: run.length,
    bars: (last - first.start) / ticksPerBar,
    seconds: secondsAt(last) - secondsAt(first.start),
    bar: bar + 1,
    piece: from.piece.name,
    pieceBar: barMap(from.piece.score).positionAt(from.first.start).bar + 1,
    transposition: first.pitch - from.first.pitch,
  };
}
