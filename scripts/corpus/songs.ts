import type { Tune } from "./tune.js";

/** Openings in the manner of a pop song for the piano, written for this project: prompts only, no tunes of the corpus. */
export const songs: readonly Tune[] = [
  {
    id: "song",
    title: "Song opening in C major",
    source: "Written for this project",
    key: "C",
    meter: "4/4",
    tempo: 84,
    parts: {
      A:
        '"C"e2 d e g2 e2 | "G"d2 c d B4 | "Am"c2 B c e2 c2 | "F"A3 c "G"B2 z2 | ' +
        '"C"e2 d e g2 a g | "G"d2 e d B4 | "Am"c2 B c "F"A2 c2 | "G"d6 z2 |',
    },
    form: "A",
    verses: ["arpeggio"],
    melody: 0,
    accompaniment: 0,
  },
];
