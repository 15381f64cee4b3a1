import type { Score } from "attacca";

/** A decoded score as flat lists, in the form that goldens-miditok.py and compare-miditok.py write. */
export interface DecodedSummary {
  readonly ticksPerQuarter: number;
  /** tick, microseconds a quarter */
  readonly tempos: readonly number[];
  /** tick, numerator, denominator */
  readonly meters: readonly number[];
  /** tick, sharps, minor */
  readonly keys: readonly number[];
  readonly tracks: readonly {
    /** −1 for drums. */
    readonly program: number;
    /** start, duration, pitch, velocity; sorted */
    readonly notes: readonly number[];
    /** tick, controller, value; sorted */
    readonly controls: readonly number[];
    /** tick, value; sorted */
    readonly bends: readonly number[];
  }[];
}

export function decodedSummary(score: Score): DecodedSummary {
  return {
    ticksPerQuarter: score.ticksPerQuarter,
    tempos: score.tempos.flatMap((tempo) => [tempo.tick, tempo.microsecondsPerQuarter]),
    meters: score.timeSignatures.flatMap((meter) => [meter.tick, meter.numerator, meter.denominator]),
    keys: score.keySignatures.flatMap((key) => [key.tick, key.sharps, key.minor ? 1 : 0]),
    tracks: score.tracks.map((track) => ({
      program: track.isDrum ? -1 : track.program,
      notes: sortedRows(track.notes.map((note) => [note.start, note.duration, note.pitch, note.velocity])),
      controls: sortedRows(
        track.controls.map((control) => [control.tick, control.controller, control.value]),
      ),
      bends: sortedRows(track.pitchBends.map((bend) => [bend.tick, bend.value])),
    })),
  };
}

function sortedRows(rows: readonly (readonly number[])[]): number[] {
  const sorted = [...rows].sort((a, b) => {
    const column = a.findIndex((value, i) => value !== b[i]);
    return column < 0 ? 0 : a[column] - b[column];
  });
  return sorted.flat();
}
