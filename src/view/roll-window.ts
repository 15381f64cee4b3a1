import { invalid } from "../errors.js";
import { barMap, type Note, type Score } from "../midi/index.js";

/** The part of a score that a roll shows. */
export interface RollWindow {
  /** In ticks; `to` is past the last one shown. */
  readonly from: number;
  readonly to: number;
  /** The pitches of the notes in it, drums aside; absent where there are none. */
  readonly pitches?: { readonly lowest: number; readonly highest: number };
  readonly hasDrums: boolean;
}

/** The ticks that a roll shows. */
export interface RollRange {
  /** First tick shown. Default: 0. */
  readonly from?: number;
  /** The tick after the last one shown. Default: the end of the last bar with notes. */
  readonly to?: number;
}

/** The window that `range` asks for. */
export function rollWindow(score: Score, range: RollRange): RollWindow {
  const from = range.from ?? 0;
  const to = range.to ?? barEnd(score, lastTick(score));
  for (const [name, tick] of [
    ["from", from],
    ["to", to],
  ] as const) {
    if (!Number.isFinite(tick) || tick < 0) throw invalid(name, String(tick), "a tick, 0 or more");
  }
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let hasDrums = false;
  for (const { isDrum, notes } of score.tracks) {
    for (const note of notes) {
      if (!isShown(note, { from, to })) continue;
      if (isDrum) hasDrums = true;
      else {
        lowest = Math.min(lowest, note.pitch);
        highest = Math.max(highest, note.pitch);
      }
    }
  }
  return { from, to, hasDrums, pitches: lowest <= highest ? { lowest, highest } : undefined };
}

/** Whether some of a note lies in a window. */
export function isShown({ start, duration }: Note, { from, to }: { from: number; to: number }): boolean {
  return start < to && (start >= from || start + duration > from);
}

/** Where the last note ends; one of no length lasts for its tick, so that it can be seen. */
export function lastTick(score: Score): number {
  let end = 0;
  for (const { notes } of score.tracks) {
    for (const { start, duration } of notes) end = Math.max(end, start + Math.max(1, duration));
  }
  return end;
}

function barEnd(score: Score, tick: number): number {
  const { barStart, ticksPerBar, beat } = barMap(score).positionAt(tick);
  return beat > 0 ? barStart + ticksPerBar : tick;
}

/** The smallest power of two that is at least `value`: how many bars one line stands for where they crowd. */
export function powerOfTwoFrom(value: number): number {
  return value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value));
}
