import type { Score } from "attacca";

/** The same lists as `summary` in compare-symusic.py gives. */
export function summarize(score: Score): unknown {
  return {
    ticksPerQuarter: score.ticksPerQuarter,
    tempos: score.tempos.map((each) => [each.tick, each.microsecondsPerQuarter]),
    timeSignatures: score.timeSignatures.map((each) => [each.tick, each.numerator, each.denominator]),
    keySignatures: score.keySignatures.map((each) => [each.tick, each.sharps, each.minor ? 1 : 0]),
    markers: score.texts.filter((each) => each.kind === "marker").map((each) => [each.tick, each.text]),
    tracks: score.tracks.map((track) => ({
      name: track.name,
      program: track.program,
      isDrum: track.isDrum,
      notes: track.notes.map((note) => [note.start, note.duration, note.pitch, note.velocity]),
      controls: track.controls.map((each) => [each.tick, each.controller, each.value]),
      pitchBends: track.pitchBends.map((each) => [each.tick, each.value]),
    })),
  };
}
