import { invalid } from "attacca";

/**
 * Reads a subset of ABC notation (abcnotation.com, standard 2.1): one voice with chord symbols.
 *
 * - `C` to `B` are the octave from middle C, `c` to `b` the one above; `'` raises by an octave, `,` lowers.
 * - `^`, `_` and `=` before a letter are sharp, flat and natural, and hold for that pitch to the end of the bar.
 * - A number after a note multiplies its length: `c2`, `c3/2`, `c/2` or `c/`. `z` is a rest.
 * - `a>b` lengthens the first by a half of itself and shortens the second by as much; `a<b` the other way round.
 * - `a-` ties to the next note. `"Am"` before a note sets the harmony from there on. `|` ends a bar.
 */
export interface Line {
  /** In units; `pitch` is a MIDI pitch. */
  readonly notes: readonly { readonly start: number; readonly length: number; readonly pitch: number }[];
  readonly chords: readonly { readonly start: number; readonly symbol: string }[];
  /** Length of each bar in units, in order; the first and the last may be parts of a bar. */
  readonly bars: readonly number[];
}

const letterSemitones: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const sharpOrder = "FCGDAEB";
const token = /"([^"]*)"|([_^=]?)([A-Ga-gz])([',]*)(\d*)(\/?)(\d*)(-?)|([|<>])|\s+/gy;

/**
 * Notes, chords and bar lengths of one phrase.
 *
 * @param sharps Sharps (positive) or flats (negative) of the key signature that the notes are read under.
 */
export function readLine(text: string, sharps: number): Line {
  const notes: { start: number; length: number; pitch: number }[] = [];
  const chords: { start: number; symbol: string }[] = [];
  const bars: number[] = [];
  let time = 0;
  let barStart = 0;
  let accidentals = new Map<string, number>();
  let tied = false;
  let broken = 0;
  // Set when the note before a `>` or `<` is known, so that both sides can be changed.
  let last: { length: number; note?: (typeof notes)[number] } | undefined;

  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null)
      throw invalid("notation", `"${text.slice(at, at + 12)}"`, "notes, chords and bar lines");
    const [, chord, sign, letter, octave, times, slash, division, tie, mark] = match;
    if (chord !== undefined) chords.push({ start: time, symbol: chord });
    else if (mark === "|") {
      bars.push(time - barStart);
      barStart = time;
      accidentals = new Map();
    } else if (mark !== undefined && last !== undefined) {
      const change = (mark === ">" ? 1 : -1) * (last.length / 2);
      if (last.note !== undefined) last.note.length += change;
      time += change;
      broken = -change;
    } else if (letter !== undefined) {
      const length = (times ? Number(times) : 1) / (slash ? Number(division || 2) : 1) + broken;
      broken = 0;
      last = { length };
      if (letter !== "z") {
        const name = letter + octave;
        if (sign) accidentals.set(name, sign === "^" ? 1 : sign === "_" ? -1 : 0);
        const pitch = naturalPitch(letter, octave) + (accidentals.get(name) ?? keyAlteration(letter, sharps));
        const previous = notes.at(-1);
        if (tied && previous?.pitch === pitch) previous.length += length;
        else if (tied)
          throw invalid("notation", `a tie from ${previous?.pitch} to ${pitch}`, "the same pitch twice");
        else {
          last.note = { start: time, length, pitch };
          notes.push(last.note);
        }
      }
      tied = tie === "-";
      time += length;
    }
  }
  if (time > barStart) bars.push(time - barStart);
  return { notes, chords, bars };
}

function naturalPitch(letter: string, octave: string): number {
  let pitch = 60 + letterSemitones[letter.toUpperCase()] + (letter > "Z" ? 12 : 0);
  for (const mark of octave) pitch += mark === "'" ? 12 : -12;
  return pitch;
}

function keyAlteration(letter: string, sharps: number): number {
  const position = sharpOrder.indexOf(letter.toUpperCase());
  if (sharps > 0) return position < sharps ? 1 : 0;
  return 6 - position < -sharps ? -1 : 0;
}

/** What a key says: its signature, its tonic's pitch class, and whether its third is minor. */
export interface Key {
  readonly sharps: number;
  readonly tonic: number;
  readonly minor: boolean;
}

// Fifths from the major key on the same tonic, and whether the mode's third is minor.
const modes: Readonly<Record<string, readonly [number, boolean]>> = {
  "": [0, false],
  m: [-3, true],
  dor: [-2, true],
  mix: [-1, false],
  phr: [-4, true],
};

/** Reads `G`, `Bb`, `F#m`, `Ddor`; `transpose` gives the key that many semitones higher. */
export function readKey(name: string, transpose = 0): Key {
  const match = /^([A-G])([#b]?)(\w*)$/.exec(name);
  const mode = match === null ? undefined : modes[match[3]];
  if (match === null || mode === undefined)
    throw invalid("key", `"${name}"`, "a tonic and a mode, as in F#m");
  const alteration = match[2] === "#" ? 1 : match[2] === "b" ? -1 : 0;
  const written = sharpOrder.indexOf(match[1]) - 1 + 7 * alteration + mode[0];
  return {
    sharps: transpose === 0 ? written : modulo(written + 7 * transpose + 5, 12) - 5,
    tonic: modulo(letterSemitones[match[1]] + alteration + transpose, 12),
    minor: mode[1],
  };
}

/** Root's pitch class and the chord's intervals above it. */
export interface Chord {
  readonly root: number;
  readonly intervals: readonly number[];
}

const qualities: Readonly<Record<string, readonly number[]>> = {
  "": [0, 4, 7],
  m: [0, 3, 7],
  "7": [0, 4, 7, 10],
  m7: [0, 3, 7, 10],
  dim: [0, 3, 6],
};

/** Reads a chord symbol: `C`, `F#m`, `G7`, `Am7`, `Bdim`. */
export function readChord(symbol: string, transpose = 0): Chord {
  const match = /^([A-G])([#b]?)(\w*)$/.exec(symbol);
  const intervals = match === null ? undefined : qualities[match[3]];
  if (match === null || intervals === undefined)
    throw invalid("chord", `"${symbol}"`, "a root and m, 7, m7 or dim");
  const alteration = match[2] === "#" ? 1 : match[2] === "b" ? -1 : 0;
  return { root: modulo(letterSemitones[match[1]] + alteration + transpose, 12), intervals };
}

export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
