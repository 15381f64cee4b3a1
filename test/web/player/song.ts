import { type Score, writeScore } from "../../../src/midi/index.js";
import { scoreOf } from "../../view/scores.js";

/** Eight bars of 4/4 at 120 (a bar lasts two seconds): a line of half notes, a bass in whole notes, and drums. */
export const song: Score = scoreOf([
  {
    name: "Lead",
    program: 73,
    at: Array.from({ length: 16 }, (_, half) => [half * 960, 960, 60 + (half % 8)] as const),
  },
  {
    name: "Bass",
    program: 32,
    at: Array.from({ length: 8 }, (_, bar) => [bar * 1920, 1920, 41] as const),
  },
  {
    isDrum: true,
    channel: 9,
    at: Array.from({ length: 32 }, (_, beat) => [beat * 480, 120, beat % 2 === 0 ? 36 : 38] as const),
  },
]);

export const songBytes: Uint8Array = writeScore(song);
