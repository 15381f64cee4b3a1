import { invalid, unknown } from "../../errors.js";
import type { Score } from "../../midi/index.js";
import { type ScaleName, scaleNames, scales } from "../choices.js";

/** A tonic and the scale on it. */
export interface Key {
  /** Pitch class of the tonic, 0 (C) to 11 (B). */
  readonly tonic: number;
  readonly scale: ScaleName;
}

const letters: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** The pitch class of a note's name, such as `F#` or `Bb`, and what of the text stands behind it; undefined where there is none. */
export function readPitchClass(
  text: string,
): { readonly pitchClass: number; readonly rest: string } | undefined {
  const match = /^([A-Ga-g])([#♯b♭]*)(.*)$/u.exec(text);
  if (match === null) return undefined;
  const [, letter, accidentals, rest] = match;
  const moved = [...accidentals].reduce((sum, one) => sum + (one === "#" || one === "♯" ? 1 : -1), 0);
  return { pitchClass: (((letters[letter.toUpperCase()] + moved) % 12) + 12) % 12, rest };
}

/**
 * A key as people write it: `C`, `C-major`, `F#m`, `Bb-minor`, `D-dorian`. A tonic alone is major.
 *
 * @throws AttaccaError `invalid` or `unknown`
 */
export function parseKey(text: string): Key {
  const read = readPitchClass(text.trim());
  if (read === undefined) throw invalid("key", text, "a tonic and a scale, such as C-minor");
  const name = read.rest.replace(/^[-_ ]/, "").toLowerCase();
  const scale = name === "" ? "major" : name === "m" ? "minor" : name;
  if (!Object.hasOwn(scales, scale)) throw unknown("scale", name, scaleNames);
  return { tonic: read.pitchClass, scale: scale as ScaleName };
}

/** The pitch classes of a key. */
export function pitchClassesOf({ tonic, scale }: Key): ReadonlySet<number> {
  return new Set(scales[scale].map((step) => (tonic + step) % 12));
}

/** How well each degree fits, from C upwards (Krumhansl & Kessler 1982, as in Krumhansl 1990, table 2.1). */
const profiles = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
} as const;

/**
 * The major or minor key whose profile correlates best with how long each pitch class sounds (Krumhansl & Schmuckler; Krumhansl 1990,
 * chapter 4). Drums don't count.
 *
 * @returns undefined where nothing sounds
 */
export function estimateKey(score: Score): Key | undefined {
  const weights = new Array<number>(12).fill(0);
  for (const { isDrum, notes } of score.tracks) {
    if (!isDrum) for (const { pitch, duration } of notes) weights[pitch % 12] += duration;
  }
  if (weights.every((weight) => weight === 0)) return undefined;
  let best: { readonly key: Key; readonly fit: number } | undefined;
  for (const scale of ["major", "minor"] as const) {
    for (let tonic = 0; tonic < 12; tonic++) {
      const profile = profiles[scale].map((_, i) => profiles[scale][(i - tonic + 12) % 12]);
      const fit = correlation(weights, profile);
      if (best === undefined || fit > best.fit) best = { key: { tonic, scale }, fit };
    }
  }
  return best?.key;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return aa === 0 ? 0 : ab / Math.sqrt(aa * bb);
}
