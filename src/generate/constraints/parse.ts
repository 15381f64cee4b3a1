import { invalid, unknown } from "../../errors.js";
import { readPitchClass } from "./key.js";

/** The pitches that a voice, a program or (without `of`) all notes keep to, both ends included. */
export interface PitchRange {
  /** A voice's name in lower case, or a General MIDI program as text. */
  readonly of?: string;
  readonly low: number;
  readonly high: number;
}

/** Notes that begin in a bar, over all voices: both ends included. */
export interface Density {
  readonly min: number;
  readonly max: number;
}

/** Pitch classes of a bar; undefined where anything goes. */
export type Chord = ReadonlySet<number> | undefined;

/** Chords by what is written behind their root, as semitones above it. */
const qualities: Readonly<Record<string, readonly number[]>> = {
  "": [0, 4, 7],
  maj: [0, 4, 7],
  M: [0, 4, 7],
  m: [0, 3, 7],
  min: [0, 3, 7],
  "-": [0, 3, 7],
  dim: [0, 3, 6],
  o: [0, 3, 6],
  "°": [0, 3, 6],
  aug: [0, 4, 8],
  "+": [0, 4, 8],
  5: [0, 7],
  6: [0, 4, 7, 9],
  m6: [0, 3, 7, 9],
  7: [0, 4, 7, 10],
  maj7: [0, 4, 7, 11],
  M7: [0, 4, 7, 11],
  m7: [0, 3, 7, 10],
  min7: [0, 3, 7, 10],
  mM7: [0, 3, 7, 11],
  m7b5: [0, 3, 6, 10],
  ø: [0, 3, 6, 10],
  dim7: [0, 3, 6, 9],
  o7: [0, 3, 6, 9],
  9: [0, 4, 7, 10, 2],
  maj9: [0, 4, 7, 11, 2],
  m9: [0, 3, 7, 10, 2],
  add9: [0, 4, 7, 2],
  sus2: [0, 2, 7],
  sus4: [0, 5, 7],
  sus: [0, 5, 7],
};

/**
 * Chords as lead sheets write them, one a bar, with spaces, commas or bar lines between them: `C Am F/A G7`. A bass note behind a
 * slash belongs to the chord. `N.C.` leaves a bar free.
 *
 * @throws AttaccaError `invalid` or `unknown`
 */
export function parseChords(text: string): Chord[] {
  const words = text.split(/[\s,|]+/).filter((word) => word !== "");
  if (words.length === 0) throw invalid("chords", JSON.stringify(text), "one chord a bar, such as C Am F G");
  return words.map((word) => {
    if (/^n\.?c\.?$/i.test(word)) return undefined;
    const [chord, bass, ...more] = word.split("/");
    const read = readPitchClass(chord);
    // Roots are written in capitals.
    if (read === undefined || !/^[A-G]/.test(chord) || more.length > 0) {
      throw invalid("chords", word, "a root and what stands on it, such as F#m7");
    }
    if (!Object.hasOwn(qualities, read.rest))
      throw unknown(`chord on ${chord[0]}`, read.rest, Object.keys(qualities));
    const classes = qualities[read.rest].map((step) => (read.pitchClass + step) % 12);
    if (bass === undefined) return new Set(classes);
    const below = readPitchClass(bass);
    if (below === undefined || below.rest !== "") throw invalid("chords", word, "a note behind the slash");
    return new Set([...classes, below.pitchClass]);
  });
}

/**
 * Ranges of pitches, for all notes or by voice or program: `C3-C6`, `soprano=C4-A5,bass=E2-C4`, `73=C5-C7`. Pitches are names, middle C
 * being C4, or MIDI numbers.
 *
 * @throws AttaccaError `invalid`
 */
export function parsePitchRanges(text: string): PitchRange[] {
  return text.split(",").map((part) => {
    const [first, second, ...more] = part.trim().split("=");
    const range = /^(-?[^-]+(?:-1)?)-(.+)$/.exec((second ?? first).trim());
    const [low, high] = [parsePitch(range?.[1]), parsePitch(range?.[2])];
    if (low === undefined || high === undefined || low > high || more.length > 0 || first === "") {
      throw invalid("pitch range", part.trim() || JSON.stringify(part), "low and high pitch, such as C3-C6");
    }
    return second === undefined ? { low, high } : { of: first.trim().toLowerCase(), low, high };
  });
}

/** A MIDI pitch by name or number; undefined for anything else. */
function parsePitch(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const read = readPitchClass(text.trim());
  const octave = read === undefined ? undefined : /^(-1|\d)$/.exec(read.rest)?.[1];
  const letter = readPitchClass(text.trim()[0] ?? "");
  let pitch: number;
  if (/^\d+$/.test(text.trim())) pitch = Number(text);
  else if (read === undefined || octave === undefined || letter === undefined) return undefined;
  else {
    // Cb4 is below C4, and B#4 above B4: the octave is the letter's.
    const moved = ((read.pitchClass - letter.pitchClass + 18) % 12) - 6;
    pitch = 12 * (Number(octave) + 1) + letter.pitchClass + moved;
  }
  return pitch >= 0 && pitch <= 127 ? pitch : undefined;
}

/**
 * Notes a bar: `4-12`, `4-` (at least), `-12` (at most), `8` (just so many).
 *
 * @throws AttaccaError `invalid`
 */
export function parseDensity(text: string): Density {
  const match = /^(\d*)(-?)(\d*)$/.exec(text.trim());
  const [, from = "", dash = "", to = ""] = match ?? [];
  const min = from === "" ? 0 : Number(from);
  const max = dash === "" ? min : to === "" ? Number.POSITIVE_INFINITY : Number(to);
  if (match === null || from + to === "" || min > max) {
    throw invalid("density", text, "notes a bar, such as 4-12, 4- or -12");
  }
  return { min, max };
}
