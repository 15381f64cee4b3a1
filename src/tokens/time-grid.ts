import type { BeatRange } from "./config.js";
import { closestIndex } from "./rounding.js";

/** Beats, positions of the next beat, positions in a beat: `[2, 5, 8]` is two beats and five eighths of one. */
export type TimeTuple = readonly [beats: number, position: number, resolution: number];

/** The lengths of duration and time-shift tokens, shortest first. */
export function durationTuples(ranges: readonly BeatRange[]): TimeTuple[] {
  return tuplesOf(ranges);
}

/** The lengths of rest tokens, shortest first. */
export function restTuples(ranges: readonly BeatRange[]): TimeTuple[] {
  return tuplesOf(ranges);
}

function tuplesOf(ranges: readonly BeatRange[]): TimeTuple[] {
  const tuples: TimeTuple[] = [];
  for (const { from, to, resolution } of ranges) {
    for (let beat = from; beat < to; beat++) {
      for (let position = 0; position < resolution; position++) tuples.push([beat, position, resolution]);
    }
  }
  const last = ranges[ranges.length - 1];
  tuples.push([last.to, 0, last.resolution]);
  // The first one is the length 0.
  return tuples.slice(1);
}

/** Time tokens in ticks, at one number of ticks in a beat. */
export interface TickTable {
  /** `ticks[index]`: length of the token, ascending. */
  readonly ticks: Int32Array;
  /** Index of the token nearest to a length; ties go to the longer. */
  closest(length: number): number;
  /** Index of the longest token that isn't longer than `length`, or −1. */
  atMost(length: number): number;
}

/** Tables of time tokens for each number of ticks in a beat, made when first asked for. */
export function tickTables(tuples: readonly TimeTuple[]): (ticksPerBeat: number) => TickTable {
  const tables = new Map<number, TickTable>();
  return (ticksPerBeat) => {
    let table = tables.get(ticksPerBeat);
    if (table === undefined) {
      table = tickTable(tuples, ticksPerBeat);
      tables.set(ticksPerBeat, table);
    }
    return table;
  };
}

function tickTable(tuples: readonly TimeTuple[], ticksPerBeat: number): TickTable {
  const ticks = Int32Array.from(tuples, ([beats, position, resolution]) =>
    Math.floor(((beats * resolution + position) * ticksPerBeat) / resolution),
  );
  const longest = ticks.length === 0 ? 0 : ticks[ticks.length - 1];
  const closest = new Int32Array(longest + 1);
  const atMost = new Int32Array(longest + 1);
  for (let length = 0; length <= longest; length++) {
    // Of tokens that are equally long on a coarse grid, the last stands for the length.
    closest[length] = ticks.lastIndexOf(ticks[closestIndex(ticks, length)]);
    let index = length === 0 ? -1 : atMost[length - 1];
    while (index + 1 < ticks.length && ticks[index + 1] <= length) index++;
    atMost[length] = index;
  }
  return {
    ticks,
    closest: (length) => closest[Math.min(length, longest)],
    atMost: (length) => atMost[Math.min(length, longest)],
  };
}

/** Ticks of a beat (the note value of the denominator); as MidiTok, cut to a whole number. */
export function ticksPerBeat(denominator: number, ticksPerQuarter: number): number {
  return Math.trunc((ticksPerQuarter * 4) / denominator);
}
