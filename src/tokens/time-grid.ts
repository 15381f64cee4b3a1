import type { BeatRange } from "./config.js";
import { closestIndex } from "./rounding.js";

/** Beats, positions of the next beat, positions in a beat: `[2, 5, 8]` is two beats and five eighths of one. */
export type TimeTuple = readonly [beats: number, position: number, resolution: number];

/** The lengths that the tokens of a time grid have, shortest first. */
export function timeTuples(ranges: readonly BeatRange[]): TimeTuple[] {
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

/** Lengths up to this are looked up, longer ones searched: a table to the end of a long, fine grid would be vast. */
const MOST_TABULATED = 2 ** 14;

function tickTable(tuples: readonly TimeTuple[], ticksPerBeat: number): TickTable {
  const ticks = Int32Array.from(tuples, ([beats, position, resolution]) =>
    Math.floor(((beats * resolution + position) * ticksPerBeat) / resolution),
  );
  const searchClosest = (length: number): number => {
    let index = closestIndex(ticks, length);
    // Of tokens that are equally long on a coarse grid, the last stands for the length.
    while (ticks[index + 1] === ticks[index]) index++;
    return index;
  };
  const searchAtMost = (length: number): number => {
    let low = 0;
    let high = ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ticks[middle] <= length) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const size = Math.min(ticks.length === 0 ? 0 : ticks[ticks.length - 1] + 1, MOST_TABULATED);
  const closest = Int32Array.from({ length: size }, (_, length) => searchClosest(length));
  const atMost = Int32Array.from({ length: size }, (_, length) => searchAtMost(length));
  return {
    ticks,
    closest: (length) => (length < size ? closest[length] : searchClosest(length)),
    atMost: (length) => (length < size ? atMost[length] : searchAtMost(length)),
  };
}

/** Ticks of a beat (the note value of the denominator); as MidiTok, cut to a whole number. */
export function ticksPerBeat(denominator: number, ticksPerQuarter: number): number {
  return Math.trunc((ticksPerQuarter * 4) / denominator);
}
