import type { Note, Score } from "../midi/index.js";

/** Notes one behind the other, and what leads from each to the next. */
export interface NoteSequence {
  /** By onset, of equal onsets by pitch. */
  readonly notes: readonly Note[];
  /** `steps[i]` tells the interval and the time between `notes[i]` and `notes[i + 1]`, the same in every key. */
  readonly steps: readonly number[];
}

/** Onsets are told apart down to this part of a quarter: what 16ths, triplets and the grids of tokenizers have in common. */
const PARTS_OF_QUARTER = 96;

/** A score's notes without drums as one sequence; how long they are held doesn't count. */
export function textureOf(score: Score): NoteSequence {
  const notes = score.tracks.flatMap((track) => (track.isDrum ? [] : track.notes));
  return sequenceOf(notes, score.ticksPerQuarter);
}

/** Each track with notes, but drums, as a sequence of its own. */
export function voicesOf(score: Score): NoteSequence[] {
  return score.tracks.flatMap((track) =>
    track.isDrum || track.notes.length === 0 ? [] : [sequenceOf(track.notes, score.ticksPerQuarter)],
  );
}

function sequenceOf(unsorted: readonly Note[], ticksPerQuarter: number): NoteSequence {
  const notes = [...unsorted].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
  const places = notes.map(({ start }) => Math.round((start * PARTS_OF_QUARTER) / ticksPerQuarter));
  const steps = notes
    .slice(1)
    .map(({ pitch }, i) => (places[i + 1] - places[i]) * 256 + (pitch - notes[i].pitch + 128));
  return { notes, steps };
}
