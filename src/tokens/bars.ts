import { invalid } from "../errors.js";
import type { Events } from "./events.js";
import { type TickTable, ticksPerBeat } from "./time-grid.js";
import { Kind, type TokenTables } from "./token-tables.js";

/** What bar and position tokens depend on. */
export interface BarOptions {
  readonly tables: TokenTables;
  readonly finest: number;
  /** Number of numbered bar tokens, or `null` where bars aren't numbered. */
  readonly numberedBars: number | null;
  readonly useBarEnds: boolean;
  readonly addTrailingBars: boolean;
  readonly useMeters: boolean;
  /** `undefined` without rest tokens. */
  readonly restTicks: ((ticksPerBeat: number) => TickTable) | undefined;
}

/**
 * A stream's ids in REMI's order (Huang & Yang 2020, "Pop Music Transformer"; REMI+ of von Rütte et al. 2022
 * with meters and programs): bars, positions in them, and what happens there.
 */
export function writeBars(events: Events, ticksPerQuarter: number, options: BarOptions): number[] {
  const { tables, finest } = options;
  const { kinds, values, meters } = tables;
  const barId = tables.firstOf[Kind.Bar];
  const barEndId = tables.firstOf[Kind.BarEnd];
  const firstMeter = tables.firstOf[Kind.Meter];
  const firstPosition = tables.firstOf[Kind.Position];
  const firstRest = tables.firstOf[Kind.Rest];
  const out: number[] = [];
  let bar = -1;
  let barOfMeter = 0;
  let tickOfMeter = 0;
  let tickOfBar = 0;
  let previousTick = -1;
  let previousEnd = 0;
  let meter = initialMeter(events, options);
  let beat = ticksPerBeat(meters[meter].denominator, ticksPerQuarter);
  let barLength = beat * meters[meter].numerator;
  let step = Math.floor(beat / finest);
  const barsBetween = (from: number, to: number): number => Math.floor((to - from) / barLength);

  const addBars = (until: number, isMeter: boolean): void => {
    const count = barOfMeter + barsBetween(tickOfMeter, until) - bar;
    for (let i = 0; i < count; i++) {
      bar++;
      tickOfBar = tickOfMeter + (bar - barOfMeter) * barLength;
      if (options.useBarEnds && bar > 0) out.push(barEndId);
      if (options.numberedBars === null) {
        out.push(barId);
      } else {
        // MidiTok counts twice where several bars begin at once; equal ids matter more than even numbers.
        const number = bar + i;
        if (number >= options.numberedBars) {
          throw invalid(
            "score",
            `bar ${number}`,
            `at most ${options.numberedBars} numbered bars (max_bar_embedding)`,
          );
        }
        out.push(barId + number);
      }
      if (options.useMeters && !(isMeter && i + 1 === count)) out.push(firstMeter + meter);
    }
  };

  const { times, ids, ends } = events;
  for (let i = 0; i < ids.length; i++) {
    const time = times[i];
    const id = ids[i];
    const isMeter = kinds[id] === Kind.Meter;
    if (time !== previousTick) {
      const rests = options.restTicks?.(beat);
      if (rests !== undefined && time - previousEnd >= rests.ticks[0]) {
        previousTick = Math.max(previousEnd, previousTick);
        let left = time - previousTick;
        while (left >= rests.ticks[0]) {
          const index = rests.atMost(left);
          out.push(firstRest + index);
          left -= rests.ticks[index];
          previousTick += rests.ticks[index];
        }
        const reached = barOfMeter + barsBetween(tickOfMeter, previousTick);
        if (reached > bar) {
          if (bar === -1) bar = 0;
          tickOfBar += (reached - bar) * barLength;
          bar = reached;
        }
      }
      addBars(time, isMeter);
      if (!isMeter) out.push(firstPosition + Math.floor((time - tickOfBar) / step));
      previousTick = time;
    }
    if (isMeter) {
      barOfMeter += barsBetween(tickOfMeter, time);
      tickOfMeter = time;
      meter = values[id];
      beat = ticksPerBeat(meters[meter].denominator, ticksPerQuarter);
      barLength = beat * meters[meter].numerator;
      step = Math.floor(beat / finest);
      // What follows at this tick gets a position token of its own.
      previousTick--;
    }
    out.push(id);
    if (ends[i] > previousEnd) previousEnd = ends[i];
  }
  if (options.addTrailingBars && ids.length > 0 && previousEnd > previousTick) {
    addBars(previousEnd, kinds[ids[ids.length - 1]] === Kind.Meter);
  }
  return out;
}

function initialMeter({ ids }: Events, { tables, useMeters }: BarOptions): number {
  if (!useMeters) return tables.common;
  const first = ids.find((id) => tables.kinds[id] === Kind.Meter);
  return first === undefined ? tables.common : tables.values[first];
}
