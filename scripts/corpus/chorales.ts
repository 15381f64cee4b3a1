import type { Score } from "attacca";
import { frame, ticksPerQuarter, track } from "./arrange.js";
import { readKey, readLine } from "./notation.js";

/** Two phrases for four voices, written for this project; soprano to bass in the notation of `notation.ts`, unit 1/4. */
export interface Chorale {
  readonly id: string;
  readonly title: string;
  readonly key: string;
  readonly voices: readonly [string, string, string, string];
}

export const chorales: readonly Chorale[] = [
  {
    id: "chorale",
    title: "Chorale opening in G major",
    key: "G",
    voices: [
      `B c B A | G A F2 | G A B c | B A G2 |`,
      `G G G F | E E D2 | D D D E | D D/C/ B,2 |`,
      `D C D D | B, A, A,2 | B, A, G, G, | G, F, G,2 |`,
      `G,/F,/ E,/F,/ G, D, | E,/D,/ C, D,2 | G, F, G, C, | D, D, G,,2 |`,
    ],
  },
  {
    id: "chorale-minor",
    title: "Chorale opening in A minor",
    key: "Am",
    voices: [
      `A B c B | A A ^G2 | A A G G | A B A2 |`,
      `E E E D | E D E2 | E F/E/ D E | D D C2 |`,
      `C B, A, ^G, | A, A, B,2 | C C B, C/B,/ | A, ^G, A,2 |`,
      `A,, ^G,, A,, B,, | C, F, E,2 | A,,/G,,/ F,, G,, C, | F, E, A,,2 |`,
    ],
  },
];

const voiceNames = ["Soprano", "Alto", "Tenor", "Bass"];
const choirAahs = 52;

/** A chorale as a score of four tracks. */
export function choraleScore({ key, title, voices }: Chorale): Score {
  const { sharps } = readKey(key);
  return {
    ...frame({ key, meter: "4/4", tempo: 80 }, `${title}.`),
    tracks: voices.map((text, index) => {
      const notes = readLine(text, sharps).notes.map(({ start, length, pitch }) => ({
        start: start * ticksPerQuarter,
        duration: length * ticksPerQuarter,
        pitch,
        velocity: 80,
      }));
      return track(voiceNames[index], choirAahs, index, notes);
    }),
  };
}
