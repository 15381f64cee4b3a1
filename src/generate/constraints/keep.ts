import { invalid, unsupported } from "../../errors.js";
import { barMap, type Score, type ScoreTrack } from "../../midi/index.js";
import type { Tokenizer } from "../../tokens/index.js";

/** A note of a melody that is kept, where the stream has it. */
export interface KeptNote {
  /** Onset and end in the stream's bars. */
  readonly place: number;
  readonly end: number;
  /** −1 for drums. */
  readonly program: number;
  readonly pitch: number;
  /** The ids behind the note's own that make it complete: velocity and duration. */
  readonly completion: readonly number[];
}

/** A melody as a stream has it: notes at their onsets, or ids at every step of the grid. */
export interface Kept {
  /** By onset, then in the stream's order. */
  readonly notes: readonly KeptNote[];
  /** For tokenizers that write every moment with the same number of ids: the id at each index of the stream (counted without the begin token). */
  readonly slots: ReadonlyMap<number, number>;
  /** Those of them at which a note begins. */
  readonly begins: ReadonlySet<number>;
  /** Ids in a bar, for `slots`. */
  readonly idsPerBar: number;
  /** The last of them; −1 where there are none. */
  readonly lastSlot: number;
}

/** Where the melody's first bar lies in the stream, and how many of the stream's bars one of its bars is. */
export interface KeptPlace {
  readonly firstBar: number;
  readonly barScale: number;
}

/**
 * A melody as it will stand in a stream.
 *
 * @throws AttaccaError `invalid` where the tokenizer can't write it, `unsupported` for tokenizers whose streams can't have a melody
 *   among other notes
 */
export function planKeep(melody: Score, tokenizer: Tokenizer, place: KeptPlace): Kept {
  if (melody.tracks.every(({ notes }) => notes.length === 0)) {
    throw invalid("melody to keep", "no notes", "a melody");
  }
  return tokenizer.voices === undefined
    ? planNotes(melody, tokenizer, place)
    : planVoices(melody, tokenizer, place);
}

/** The tracks of a melody, each named after the voice that it is; one track that isn't named after any is the first voice. */
export function namedVoices(melody: Score, voices: readonly string[]): ScoreTrack[] {
  const tracks = melody.tracks.filter(({ isDrum, notes }) => !isDrum && notes.length > 0);
  const named = tracks.map((track) => {
    const word = track.name.trim().toLowerCase().replace(/\.$/, "");
    const name = voices.find((voice) => word === voice.toLowerCase() || word === voice[0].toLowerCase());
    return { ...track, name: name ?? (tracks.length === 1 ? voices[0] : "") };
  });
  if (named.some(({ name }) => name === "") || new Set(named.map(({ name }) => name)).size < named.length) {
    const expected = `one track, or tracks named ${voices.join(", ")}`;
    throw invalid(
      "melody to keep",
      `tracks named ${tracks.map(({ name }) => JSON.stringify(name)).join(", ")}`,
      expected,
      "Keep some of its tracks only",
    );
  }
  return named;
}

function planVoices(melody: Score, tokenizer: Tokenizer, { firstBar, barScale }: KeptPlace): Kept {
  const { voices = [], idsPerStep = 1 } = tokenizer;
  const tracks = namedVoices(melody, voices);
  const [ids] = tokenizer.encode({ ...melody, tracks });
  const idsPerBar = idsPerStep * tokenizer.grammar().grid().stepsPerBar;
  const first = Math.round((firstBar * idsPerBar) / idsPerStep) * idsPerStep;
  const slots = new Map<number, number>();
  const begins = new Set<number>();
  for (const { name } of tracks) {
    for (let at = voices.indexOf(name); at < ids.length; at += idsPerStep) {
      slots.set(first + at, ids[at]);
      if (tokenizer.isNote(ids[at]) && ids[at] !== ids[at - idsPerStep]) begins.add(first + at);
    }
  }
  if (barScale !== Math.round(barScale) && firstBar > 0) checkStep(firstBar * idsPerBar, idsPerStep);
  return { notes: [], slots, begins, idsPerBar, lastSlot: Math.max(...slots.keys()) };
}

/** A melody must begin at a step of the grid. */
function checkStep(slot: number, idsPerStep: number): void {
  if (Math.abs(slot / idsPerStep - Math.round(slot / idsPerStep)) < 1e-6) return;
  throw invalid(
    "melody to keep",
    "a bar line between two steps of the tokenizer's grid",
    "a bar line on the grid",
  );
}

function planNotes(melody: Score, tokenizer: Tokenizer, { firstBar, barScale }: KeptPlace): Kept {
  const { vocabulary, name } = tokenizer;
  const { names } = vocabulary;
  if (!names.some((one) => one.startsWith("Program_")) || !names.some((one) => one.startsWith("Pitch_"))) {
    const expected = "chorale, or remi or tsd with programs";
    throw unsupported("melody to keep", `the tokenizer ${name} as this model has it`, expected);
  }
  const { timeSignatures } = melody;
  const [meter] = timeSignatures;
  if (
    timeSignatures.some((one) => one.numerator !== meter.numerator || one.denominator !== meter.denominator)
  ) {
    throw unsupported("melody to keep", "changes of meter", "one meter");
  }
  const [ids = [], ...others] = tokenizer.encode(melody);
  if (others.length > 0)
    throw unsupported("melody to keep", "a tokenizer with a stream for each track", "one stream");
  const notes: KeptNote[] = [];
  const ends = endsOf(melody, tokenizer, ids);
  const grammar = tokenizer.grammar();
  grammar.push(tokenizer.special.begin);
  for (let i = 0; i < ids.length; i++) {
    const note = grammar.noteOf(ids[i]);
    if (note !== undefined) {
      const { program, pitch } = note;
      const completion: number[] = [];
      for (let j = i + 1; j < ids.length && /^(Velocity|Duration)_/.test(names[ids[j]]); j++)
        completion.push(ids[j]);
      const bars = grammar.bars();
      const end = ends.get(keyOf(program, pitch, bars)) ?? bars;
      notes.push({ place: firstBar + bars, end: firstBar + end, program, pitch, completion });
    }
    grammar.push(ids[i]);
  }
  const there = melody.tracks.reduce((sum, track) => sum + track.notes.length, 0);
  if (notes.length < there) {
    const found = `${there - notes.length} of ${there} notes that the tokenizer can't write (doubled, out of its range, or of an instrument that it hasn't)`;
    throw invalid("melody to keep", found, "notes that it can write");
  }
  if (barScale !== 1)
    throw unsupported("melody to keep", "a meter that the tokenizer doesn't know", "one that it knows");
  return { notes, slots: new Map(), begins: new Set(), idsPerBar: 0, lastSlot: -1 };
}

/** Where the notes that ids stand for end, in bars. */
function endsOf(melody: Score, tokenizer: Tokenizer, ids: ArrayLike<number>): Map<string, number> {
  const decoded = tokenizer.decode([ids]);
  const map = barMap({
    ...decoded,
    timeSignatures: melody.timeSignatures.slice(0, 1).map((one) => ({ ...one, tick: 0 })),
  });
  const barsAt = (tick: number): number => {
    const { bar, beat, numerator } = map.positionAt(tick);
    return bar + beat / numerator;
  };
  return new Map(
    decoded.tracks.flatMap(({ isDrum, program, notes }) =>
      notes.map(({ start, duration, pitch }): [string, number] => [
        keyOf(isDrum ? -1 : program, pitch, barsAt(start)),
        barsAt(start + duration),
      ]),
    ),
  );
}

function keyOf(program: number, pitch: number, bars: number): string {
  return `${program} ${pitch} ${bars.toFixed(4)}`;
}
