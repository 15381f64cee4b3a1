import type { Meter, Note, Score } from "../midi/index.js";
import { modulo } from "./align.js";

/** A score on its own beats, with what is needed to bring music on that grid back to the file's time. */
export interface AlignedScore {
  readonly score: Score;
  readonly shift: Shift;
}

/** How far music was moved: `ticks / ticksPerQuarter` quarters later (earlier, where it is negative). */
export interface Shift {
  readonly ticks: number;
  readonly ticksPerQuarter: number;
}

/**
 * Moves a score so that its beats stand at whole quarters: earlier by the offset, or where a note begins before that,
 * later by what is left of the period. Tempo, meter and key of tick 0 stay there.
 *
 * @param offset from `estimateOffset(score)`
 */
export function alignScore(
  score: Score,
  offset: { readonly offsetTicks: number; readonly periodTicks: number },
): AlignedScore {
  const earlier = Math.round(modulo(offset.offsetTicks, offset.periodTicks));
  const ticks = firstOnset(score) >= earlier ? -earlier : Math.round(offset.periodTicks) - earlier;
  return {
    score: shiftScore(score, ticks),
    shift: { ticks: ticks === 0 ? 0 : ticks, ticksPerQuarter: score.ticksPerQuarter },
  };
}

/** The tick at which the first note begins; infinity where there is none. */
export function firstOnset(score: Score): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { notes } of score.tracks) {
    if (notes.length > 0) first = Math.min(first, notes[0].start);
  }
  return first;
}

/**
 * The opposite of `alignScore`, for music that was made on the grid of an aligned score: it is brought back to where
 * the file's own notes lie. A score of another resolution is brought to one that can express the shift.
 */
export function restoreOffset(score: Score, shift: Shift): Score {
  if (shift.ticks === 0) return score;
  const common = leastCommonMultiple(score.ticksPerQuarter, shift.ticksPerQuarter);
  const ticksPerQuarter = common <= 32_767 ? common : shift.ticksPerQuarter;
  const scaled = withResolution(score, ticksPerQuarter);
  return shiftScore(scaled, -Math.round((shift.ticks * ticksPerQuarter) / shift.ticksPerQuarter));
}

/**
 * A score with everything `ticks` later (earlier, where it is negative). What stands at tick 0, or would come before it,
 * stands at tick 0; notes are cut there.
 */
export function shiftScore(score: Score, ticks: number): Score {
  if (ticks === 0) return score;
  return mapTicks(
    score,
    (tick) => tick + ticks,
    (tick) => (tick === 0 ? 0 : tick + ticks),
  );
}

/** The same score in other ticks; times that don't come out whole are rounded. */
export function withResolution(score: Score, ticksPerQuarter: number): Score {
  if (ticksPerQuarter === score.ticksPerQuarter) return score;
  const factor = ticksPerQuarter / score.ticksPerQuarter;
  return { ...mapTicks(score, (tick) => tick * factor), ticksPerQuarter };
}

/** One meter for the whole score, whatever the file says. */
export function overrideTimeSignature(score: Score, meter: Meter): Score {
  const { numerator, denominator } = meter;
  return { ...score, timeSignatures: [{ tick: 0, numerator, denominator }] };
}

/**
 * The score with each time moved by a map that never decreases; results are rounded, and 0 at least.
 *
 * @param mapEvent for what isn't a note; default: the same
 */
export function mapTicks(
  score: Score,
  mapNote: (tick: number) => number,
  mapEvent: (tick: number) => number = mapNote,
): Score {
  const whole = (tick: number): number => Math.max(0, Math.round(tick));
  const events = <Event extends { readonly tick: number }>(list: readonly Event[]): Event[] =>
    list.map((event) => ({ ...event, tick: whole(mapEvent(event.tick)) }));
  const note = (original: Note): Note => {
    const start = whole(mapNote(original.start));
    const end = whole(mapNote(original.start + original.duration));
    return { ...original, start, duration: Math.max(0, end - start) };
  };
  return {
    ...score,
    tempos: lastOfEachTick(events(score.tempos)),
    timeSignatures: lastOfEachTick(events(score.timeSignatures)),
    keySignatures: lastOfEachTick(events(score.keySignatures)),
    texts: events(score.texts),
    tracks: score.tracks.map((track) => ({
      ...track,
      notes: track.notes.map(note),
      controls: events(track.controls),
      pitchBends: events(track.pitchBends),
    })),
  };
}

/** Of events that came to stand at one tick, the last is the one that holds. */
function lastOfEachTick<Event extends { readonly tick: number }>(list: readonly Event[]): Event[] {
  return list.filter((event, i) => list[i + 1]?.tick !== event.tick);
}

function leastCommonMultiple(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return (a / larger) * b;
}
