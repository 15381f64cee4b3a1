import { BarClock, type Clock, ShiftClock } from "./clock.js";
import type { DecodeContext } from "./decode.js";
import { Global, type OnsetOrder } from "./onset-order.js";
import { fillKind, Kind } from "./token-tables.js";

/** Where a stream stands in time, and which time tokens and meters may come next. */
export class GrammarTime {
  readonly clock: Clock;
  /** Events may stand here: always where shifts tell the time, else behind a position. */
  isPlaced: boolean;
  /** No event and no time token was written yet. */
  isFresh = true;
  /** Tick of the last onset that had a position. */
  private lastTick = -1;
  /** Index of the rest or shift just written, or −1. */
  private lastRest = -1;
  private lastShift = -1;
  /** `remi`: a rest may come; it stands before the bars it skips. */
  private mayRest = true;
  /** `remi`: bars (with their meters) were written since the last event. */
  private inBars = false;
  /** `remi`: the meter of the last bar was a change. */
  private isMeterChange = false;
  /** `remi`: the last event was a change of meter; bars may have followed. */
  endsInMeter = false;
  /**
   * Time tokens are whole numbers of grid steps. If not, what they add up to depends on the meters of the score,
   * and no rule that compares times holds.
   */
  private readonly isExact: boolean;

  constructor(
    private readonly context: DecodeContext,
    private readonly onset: OnsetOrder,
  ) {
    const { config, tables, barsTellTime, finest } = context;
    const grids = config.useRests ? [...config.beatRes, ...config.beatResRest] : config.beatRes;
    this.isExact = grids.every(({ resolution }) => finest % resolution === 0);
    this.clock = context.clock(tables.common, true);
    this.isPlaced = !barsTellTime;
  }

  fork(onset: OnsetOrder): GrammarTime {
    return Object.assign(new GrammarTime(this.context, onset), this, { onset, clock: this.clock.fork() });
  }

  /** `remi`: no bar was begun yet. */
  get isBeforeBars(): boolean {
    return this.clock instanceof BarClock && this.clock.bar < 0;
  }

  /** Time tokens that may come where nothing is begun; `isSilent`: no note waits for its end. */
  allow(mask: Uint8Array, isSilent: boolean): void {
    if (this.clock instanceof BarClock) this.allowBars(mask, this.clock);
    else if (this.clock instanceof ShiftClock) this.allowShifts(mask, this.clock, isSilent);
  }

  private allowBars(mask: Uint8Array, clock: BarClock): void {
    const { config, tables, finest } = this.context;
    if (this.isPlaced && this.onset.isEmpty) return;
    fillKind(mask, tables, config.useBarEndTokens && clock.bar >= 0 ? Kind.BarEnd : Kind.Bar);
    const hasRested = this.lastRest >= 0;
    if (clock.bar >= 0) {
      const earliest = hasRested && this.isExact ? clock.tick : this.lastTick + 1;
      const first = Math.max(Math.ceil((earliest - clock.tickOfBar) / clock.step), 0);
      fillKind(mask, tables, Kind.Position, first, finest * tables.meters[clock.meter].numerator);
    }
    if (config.useRests && this.mayRest) this.fillRests(mask);
    // A change of meter at a bar line that a rest reached needs no bar token.
    if (hasRested && (!this.isExact || clock.tick === clock.tickOfBar)) this.fillMeters(mask);
  }

  private allowShifts(mask: Uint8Array, clock: ShiftClock, isSilent: boolean): void {
    const { config, tables, shiftTicks, restTicks } = this.context;
    const { onset } = this;
    const isComplete = !onset.isEmpty || this.isFresh;
    const shifts = shiftTicks(clock.beat).ticks;
    if (this.lastRest >= 0) {
      const [shortest] = restTicks(clock.beat).ticks;
      const count = this.isExact ? lowerBound(shifts, shortest) : shifts.length;
      fillKind(mask, tables, Kind.TimeShift, 0, count);
    } else if (isComplete || this.lastShift >= 0) {
      fillKind(mask, tables, Kind.TimeShift, 0, this.behind(shifts, this.lastShift));
    }
    if (config.useRests && isSilent && (isComplete || this.lastRest >= 0)) this.fillRests(mask);
    const mayChange = onset.isEmpty && onset.global === Global.Meter;
    if (mayChange && (!this.isExact || clock.isAtBar())) this.fillMeters(mask);
  }

  private fillMeters(mask: Uint8Array): void {
    const { config, tables } = this.context;
    if (!config.useTimeSignatures) return;
    fillKind(mask, tables, Kind.Meter);
    mask[tables.firstOf[Kind.Meter] + this.clock.meter] = 0;
  }

  private fillRests(mask: Uint8Array): void {
    const { tables, restTicks } = this.context;
    const count = this.behind(restTicks(this.clock.beat).ticks, this.lastRest);
    fillKind(mask, tables, Kind.Rest, 0, count);
  }

  /** How many of `ticks` may follow the one at `index`: a length is written longest part first. */
  private behind(ticks: Int32Array, index: number): number {
    if (index < 0 || index === ticks.length - 1 || !this.isExact) return ticks.length;
    return lowerBound(ticks, ticks[index + 1] - ticks[index]);
  }

  /** Whether time allows the end: behind an event, or behind bars where those may stand last. */
  mayEnd(): boolean {
    if (this.isFresh) return true;
    if (this.inBars) return this.isMeterChange || this.context.config.addTrailingBars;
    return this.isPlaced && !this.onset.isEmpty;
  }

  /** Takes a bar, position, shift or rest; `lastEnd`: where rests begin. */
  advance(kind: number, value: number, lastEnd: number): void {
    this.clock.advance(kind, value, lastEnd);
    this.isFresh = false;
    this.lastRest = kind === Kind.Rest ? value : -1;
    this.lastShift = kind === Kind.TimeShift ? value : -1;
    if (kind === Kind.BarEnd) return;
    this.onset.reset();
    this.isPlaced = kind === Kind.Position || this.clock instanceof ShiftClock;
    this.inBars = kind === Kind.Bar;
    if (kind === Kind.Position) this.lastTick = this.clock.tick;
    if (kind !== Kind.Bar) return;
    this.isMeterChange = false;
    this.mayRest = false;
  }

  /** Takes a meter. `isFirst`: it is the stream's first. Gives whether it is an event: a change, not a reminder. */
  changeMeter(meter: number, isFirst: boolean): boolean {
    const isEvent = isFirst || meter !== this.clock.meter;
    const { endsInMeter } = this;
    this.clock.changeMeter(meter);
    this.leave();
    if (this.clock instanceof ShiftClock) {
      this.onset.writeGlobal(Global.Meter);
      return true;
    }
    this.inBars = true;
    this.isPlaced = false;
    this.isMeterChange = isEvent;
    this.endsInMeter = isEvent || endsInMeter;
    this.mayRest = isEvent;
    return isEvent;
  }

  /** An event was written: shifts and rests begin anew. */
  leave(): void {
    this.isFresh = false;
    this.endsInMeter = false;
    this.mayRest = true;
    this.lastRest = -1;
    this.lastShift = -1;
  }
}

/** How many of `ticks` (ascending) lie below `limit`. */
function lowerBound(ticks: Int32Array, limit: number): number {
  let count = 0;
  while (count < ticks.length && ticks[count] < limit) count++;
  return count;
}
