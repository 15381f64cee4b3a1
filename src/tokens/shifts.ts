import type { Events } from "./events.js";
import { type TickTable, ticksPerBeat } from "./time-grid.js";
import { Kind, type TokenTables } from "./token-tables.js";

/** What time-shift tokens depend on. */
export interface ShiftOptions {
  readonly tables: TokenTables;
  readonly shiftTicks: (ticksPerBeat: number) => TickTable;
  /** `undefined` without rest tokens. */
  readonly restTicks: ((ticksPerBeat: number) => TickTable) | undefined;
}

/** A stream's ids with time shifts between its events, longest first: the order of TSD and MIDI-Like. */
export function writeShifts(events: Events, ticksPerQuarter: number, options: ShiftOptions): number[] {
  const { tables } = options;
  const { times, ids, ends } = events;
  const out: number[] = [];
  /** Writes as much of `length` as tokens can say; gives the rest. */
  const write = (first: number, table: TickTable, length: number): number => {
    let left = length;
    while (left >= table.ticks[0]) {
      const index = table.atMost(left);
      out.push(first + index);
      left -= table.ticks[index];
    }
    return left;
  };
  let previousTick = 0;
  let previousEnd = 0;
  let beat = ticksPerQuarter;
  for (let i = 0; i < ids.length; i++) {
    const time = times[i];
    if (time !== previousTick) {
      const rests = options.restTicks?.(beat);
      if (rests !== undefined && time - previousEnd >= rests.ticks[0]) {
        previousTick = Math.max(previousEnd, previousTick);
        previousTick = time - write(tables.firstOf[Kind.Rest], rests, time - previousTick);
      }
      if (time !== previousTick) {
        write(tables.firstOf[Kind.TimeShift], options.shiftTicks(beat), time - previousTick);
      }
      previousTick = time;
    }
    const id = ids[i];
    if (tables.kinds[id] === Kind.Meter) {
      beat = ticksPerBeat(tables.meters[tables.values[id]].denominator, ticksPerQuarter);
    }
    out.push(id);
    if (ends[i] > previousEnd) previousEnd = ends[i];
  }
  return out;
}
