import type { Note, Score, ScoreTrack } from "../../src/midi/index.js";

export const QUARTER = 480;
/** Of 4/4. */
export const bar = 4 * QUARTER;

/** A note in quarters. */
export function note(start: number, duration: number, pitch: number, velocity = 80): Note {
  return { start: Math.round(start * QUARTER), duration: Math.round(duration * QUARTER), pitch, velocity };
}

export function track(notes: readonly Note[], rest: Partial<ScoreTrack> = {}): ScoreTrack {
  return { name: "", program: 0, isDrum: false, channel: 0, controls: [], pitchBends: [], ...rest, notes };
}

/** Not quite 98 quarters a minute, in C minor and 4/4, unless told otherwise. */
export function score(tracks: readonly ScoreTrack[], rest: Partial<Score> = {}): Score {
  return {
    ticksPerQuarter: QUARTER,
    tempos: [{ tick: 0, microsecondsPerQuarter: 612_345 }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [{ tick: 0, sharps: -3, minor: true }],
    texts: [],
    ...rest,
    tracks,
  };
}

/** Two bars: a melody of quarters on the flute, a bass of halves on the cello. */
export const duo = score([
  track(
    [60, 62, 64, 65, 67, 65, 64, 62].map((pitch, i) => note(i, 1, pitch)),
    { name: "Flute", program: 73, channel: 2 },
  ),
  track(
    [36, 43, 41, 43].map((pitch, i) => note(2 * i, 2, pitch)),
    { name: "Cello", program: 42, channel: 5 },
  ),
]);

/** Two bars of four voices on an organ. */
export const chorale = score(
  [72, 67, 64, 48].map((pitch, channel) =>
    track(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => note(i, 1, pitch + (i % 3))),
      { name: ["Soprano", "Alto", "Tenor", "Bass"][channel], program: 19, channel },
    ),
  ),
);
