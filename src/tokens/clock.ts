import type { Meter } from "../midi/index.js";
import { type TickTable, ticksPerBeat } from "./time-grid.js";
import { Kind, type TokenTables } from "./token-tables.js";

/** Where a stream stands in time while it is read. */
export interface Clock {
  /** Onset of what comes next, in ticks. */
  tick: number;
  /** Ticks in a beat of the meter that holds; indexes duration tables. */
  beat: number;
  /** The meter that holds, as an index in the vocabulary's meters. */
  meter: number;
  /** Takes a bar, position, shift or rest token; `lastEnd`: where the notes so far end. */
  advance(kind: number, value: number, lastEnd: number): void;
  /** Takes a meter token; true where the meter is to be written down. */
  changeMeter(meter: number): boolean;
  /** The present onset in bars since the start of the stream. */
  bars(): number;
  /** The present bar: its length, its finest step, and where it ends; in ticks. */
  measure(): { readonly length: number; readonly step: number; readonly end: number };
  fork(): Clock;
}

/** What reading time depends on. */
export interface ClockOptions {
  readonly tables: TokenTables;
  readonly ticksPerQuarter: number;
  readonly finest: number;
  readonly shiftTicks: (ticksPerBeat: number) => TickTable;
  readonly restTicks: (ticksPerBeat: number) => TickTable;
  /** `midilike`: a rest begins at the present time, not where notes end. */
  readonly restFromHere: boolean;
  readonly numberedBars: boolean;
}

/** Time told by bars and positions. */
export class BarClock implements Clock {
  tick = 0;
  beat = 0;
  meter: number;
  /** Index of the bar; −1 before the first. */
  bar = -1;
  tickOfBar = 0;
  barLength = 0;
  step = 0;
  private barOfMeter = 0;
  private tickOfMeter = 0;

  constructor(
    private readonly options: ClockOptions,
    meter: number,
  ) {
    this.meter = meter;
    this.remeasure();
  }

  private remeasure(): void {
    const { numerator, denominator }: Meter = this.options.tables.meters[this.meter];
    this.beat = ticksPerBeat(denominator, this.options.ticksPerQuarter);
    this.barLength = this.beat * numerator;
    this.step = Math.floor(this.beat / this.options.finest);
  }

  advance(kind: number, value: number, lastEnd: number): void {
    if (kind === Kind.Bar) {
      // MidiTok reads numbered bars as nothing.
      if (this.options.numberedBars) return;
      this.bar++;
      if (this.bar > 0) this.tick = this.tickOfBar + this.barLength;
      this.tickOfBar = this.tick;
    } else if (kind === Kind.Position) {
      if (this.bar === -1) this.bar = 0;
      this.tick = this.tickOfBar + value * this.step;
    } else if (kind === Kind.Rest) {
      this.tick = Math.max(lastEnd, this.tick) + this.options.restTicks(this.beat).ticks[value];
      const reached = this.barOfMeter + Math.floor((this.tick - this.tickOfMeter) / this.barLength);
      if (reached > this.bar) {
        if (this.bar === -1) this.bar = 0;
        this.tickOfBar += (reached - this.bar) * this.barLength;
        this.bar = reached;
      }
    }
  }

  changeMeter(meter: number): boolean {
    const { meters } = this.options.tables;
    const [before, after] = [meters[this.meter], meters[meter]];
    if (before.numerator === after.numerator && before.denominator === after.denominator) return false;
    this.meter = meter;
    this.tickOfMeter = this.tickOfBar;
    this.barOfMeter = this.bar;
    this.remeasure();
    return true;
  }

  measure(): { readonly length: number; readonly step: number; readonly end: number } {
    return { length: this.barLength, step: this.step, end: this.tickOfBar + this.barLength };
  }

  bars(): number {
    return Math.max(this.bar, 0) + (this.tick - this.tickOfBar) / this.barLength;
  }

  fork(): Clock {
    return Object.assign(new BarClock(this.options, this.meter), this);
  }
}

/** Time told by shifts. */
export class ShiftClock implements Clock {
  tick = 0;
  beat: number;
  meter: number;
  /** Bars up to the last change of meter, and where that was. */
  private barsOfMeter = 0;
  private tickOfMeter = 0;

  constructor(
    private readonly options: ClockOptions,
    meter: number,
  ) {
    this.meter = meter;
    this.beat = options.ticksPerQuarter;
  }

  advance(kind: number, value: number, lastEnd: number): void {
    if (kind === Kind.TimeShift) {
      this.tick += this.options.shiftTicks(this.beat).ticks[value];
    } else if (kind === Kind.Rest) {
      if (!this.options.restFromHere) this.tick = Math.max(lastEnd, this.tick);
      this.tick += this.options.restTicks(this.beat).ticks[value];
    }
  }

  changeMeter(meter: number): boolean {
    this.barsOfMeter = this.bars();
    this.tickOfMeter = this.tick;
    this.meter = meter;
    this.beat = ticksPerBeat(this.options.tables.meters[meter].denominator, this.options.ticksPerQuarter);
    return true;
  }

  bars(): number {
    return this.barsOfMeter + (this.tick - this.tickOfMeter) / this.barLength();
  }

  measure(): { readonly length: number; readonly step: number; readonly end: number } {
    const length = this.barLength();
    const into = (this.tick - this.tickOfMeter) % length;
    return { length, step: this.beat / this.options.finest, end: this.tick - into + length };
  }

  /** Whether a bar begins here. */
  isAtBar(): boolean {
    return (this.tick - this.tickOfMeter) % this.barLength() === 0;
  }

  private barLength(): number {
    const { numerator, denominator } = this.options.tables.meters[this.meter];
    return ticksPerBeat(denominator, this.options.ticksPerQuarter) * numerator;
  }

  fork(): Clock {
    return Object.assign(new ShiftClock(this.options, this.meter), this);
  }
}
