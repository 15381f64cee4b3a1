import { barMap, type ControlChange, notesEnd, type PitchBend, type Score } from "../midi/index.js";

/** Where a score is cut, and something else goes on. */
export interface Seam {
  /** A bar line, in ticks. */
  readonly tick: number;
  /** Full bars before it, counted from tick 0. */
  readonly bars: number;
  /** Bars that the whole score has. */
  readonly barsThere: number;
}

/**
 * The bar line behind a score's first `bars` bars, or behind its last note where it has no more.
 *
 * A note that ends a hair behind a bar line, as played music does, doesn't count as one more bar. A hair is a 64th.
 */
export function findSeam(score: Score, bars = Number.POSITIVE_INFINITY): Seam {
  const barsThere = countBars(score, hairOf(score));
  const cutBars = Math.min(bars, barsThere);
  return { tick: Math.round(barMap(score).barStart(cutBars)), bars: cutBars, barsThere };
}

/**
 * What sounds or holds before a seam: the score's own events, as they were. Notes that ring past the seam stay whole; pedals
 * and bends end there, since what comes behind knows nothing of them. A note that begins a hair before the seam
 * belongs to the bar behind it, and is left out.
 */
export function cutAt(score: Score, seam: number): Score {
  const before = <Event extends { readonly tick: number }>(events: readonly Event[]): Event[] =>
    events.filter(({ tick }) => tick < seam);
  return {
    ...score,
    tempos: before(score.tempos),
    timeSignatures: before(score.timeSignatures),
    keySignatures: before(score.keySignatures),
    texts: before(score.texts),
    tracks: score.tracks.map((track) => ({
      ...track,
      notes: track.notes.filter(({ start }) => start < seam - hairOf(score)),
      controls: release(before(track.controls), seam),
      pitchBends: unbend(before(track.pitchBends), seam),
    })),
  };
}

function hairOf({ ticksPerQuarter }: Score): number {
  return ticksPerQuarter / 16;
}

function countBars(score: Score, hair: number): number {
  const map = barMap(score);
  const end = map.positionAt(Math.max(0, notesEnd(score) - hair));
  let bars = end.bar + (end.beat > 0 ? 1 : 0);
  for (const { notes } of score.tracks) {
    for (const { start } of notes) bars = Math.max(bars, map.positionAt(start + hair).bar + 1);
  }
  return bars;
}

/** Controllers that hold notes: sustain and sostenuto pedal. */
const HOLDING = [64, 66];

/** Lifts pedals that are still down. */
function release(controls: readonly ControlChange[], seam: number): ControlChange[] {
  const down = HOLDING.filter((pedal) => {
    const last = controls.findLast(({ controller }) => controller === pedal);
    return last !== undefined && last.value >= 64;
  });
  return [...controls, ...down.map((controller) => ({ tick: seam, controller, value: 0 }))];
}

function unbend(bends: readonly PitchBend[], seam: number): PitchBend[] {
  const last = bends.at(-1);
  return last === undefined || last.value === 0 ? [...bends] : [...bends, { tick: seam, value: 0 }];
}
