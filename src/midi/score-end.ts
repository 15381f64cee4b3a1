import type { Score } from "./score.js";

/** The tick at which a score is over: the latest end of a note or time of an event; 0 for an empty score. */
export function scoreEnd(score: Score): number {
  let end = 0;
  const { tempos, timeSignatures, keySignatures, texts } = score;
  for (const { tick } of [...tempos, ...timeSignatures, ...keySignatures, ...texts])
    end = Math.max(end, tick);
  for (const track of score.tracks) {
    for (const { start, duration } of track.notes) end = Math.max(end, start + duration);
    for (const { tick } of track.controls) end = Math.max(end, tick);
    for (const { tick } of track.pitchBends) end = Math.max(end, tick);
  }
  return end;
}

/** The tick at which the last note of a score ends; 0 if it has none. */
export function notesEnd(score: Score): number {
  let end = 0;
  for (const { notes } of score.tracks) {
    for (const { start, duration } of notes) end = Math.max(end, start + duration);
  }
  return end;
}
