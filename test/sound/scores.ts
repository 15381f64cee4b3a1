import type { Note, Score, ScoreTrack } from "../../src/midi/index.js";

/** A score at 120 quarters a minute with 480 ticks in a quarter, unless told otherwise: 960 ticks are a second. */
export function scoreOf(tracks: readonly Partial<ScoreTrack>[], more: Partial<Score> = {}): Score {
  return {
    ticksPerQuarter: 480,
    tempos: [],
    timeSignatures: [],
    keySignatures: [],
    texts: [],
    tracks: tracks.map((track, i) => ({
      name: "",
      program: 0,
      isDrum: false,
      channel: i,
      notes: [],
      controls: [],
      pitchBends: [],
      ...track,
    })),
    ...more,
  };
}

/** `note(1, 60, 0.5)`: middle C, one second after the start, for half a second (at `scoreOf`'s tempo). */
export function note(seconds: number, pitch: number, length = 0.5, velocity = 100): Note {
  return { start: Math.round(seconds * 960), duration: Math.round(length * 960), pitch, velocity };
}
