import { BarClock, type Clock, ShiftClock } from "./clock.js";
import type { DecodeContext } from "./decode.js";
import { GrammarVoices } from "./grammar-voices.js";
import { Global, OnsetOrder } from "./onset-order.js";
import type { GrammarState } from "./tokenizer.js";
import { Kind } from "./vocabulary.js";

/** What the next id must be. */
const Need = {
  Begin: 0,
  /** Nothing: what came before is complete. */
  Free: 1,
  Bar: 2,
  Meter: 3,
  /** What a program token announces. */
  Event: 4,
  Velocity: 5,
  Duration: 6,
  PedalDuration: 7,
  Padding: 8,
} as const;

/** The grammar of a tokenizer at the start of a stream. */
export function createGrammar(context: DecodeContext): GrammarState {
  return new MidiTokGrammar(context);
}

/**
 * Which ids may follow, for streams in the order that encoding writes: onsets rise; each stands in its bar; an onset
 * has at least one event, in `OnsetOrder`; a note is complete; ends are those of sounding notes; the stream ends
 * when nothing sounds. So every stream that `encode` gives is allowed, and every id that is allowed has its effect.
 */
class MidiTokGrammar implements GrammarState {
  private need: number = Need.Begin;
  private onset = new OnsetOrder();
  private readonly clock: Clock;
  private readonly voices: GrammarVoices;
  /** Events may stand here: always where shifts tell the time, else behind a position. */
  private isPlaced: boolean;
  /** Nothing was written yet. */
  private isFresh = true;
  /** Tick of the last onset that had a position. */
  private lastTick = -1;
  /** Index of the rest or shift just written, or −1. */
  private lastRest = -1;
  private lastShift = -1;
  /** `remi`: a rest may come; it stands before the bars it skips. */
  private mayRest = true;
  /** `remi`: bars (with their meters) were written since the last event; the last meter was a change. */
  private inBars = false;
  private isMeterChange = false;
  private tempo = -1;
  private tempos = 0;
  /** What a stream begins with: meter, tempo, key at tick 0. */
  private dueMeter: boolean;
  private dueTempo: boolean;
  private dueKey: boolean;

  constructor(private readonly context: DecodeContext) {
    const { config, tables, barsTellTime } = context;
    const common = tables.meters.findIndex(
      ({ numerator, denominator }) => numerator === 4 && denominator === 4,
    );
    this.clock = context.clock(Math.max(common, 0), true);
    this.voices = new GrammarVoices(context, this.onset);
    this.isPlaced = !barsTellTime;
    this.dueMeter = config.useTimeSignatures;
    this.dueTempo = config.useTempos;
    this.dueKey = config.useKeySignatures;
  }

  fork(): GrammarState {
    const onset = this.onset.fork();
    return Object.assign(new MidiTokGrammar(this.context), this, {
      onset,
      clock: this.clock.fork(),
      voices: this.voices.fork(onset),
    });
  }

  bars(): number {
    return this.clock.bars();
  }

  allowed(mask: Uint8Array): void {
    const { config, tables, timedPrograms } = this.context;
    mask.fill(0);
    switch (this.need) {
      case Need.Begin:
        mask[tables.begin] = 1;
        break;
      case Need.Bar:
        this.fill(mask, Kind.Bar);
        break;
      case Need.Meter:
        this.fill(mask, Kind.Meter);
        break;
      case Need.Event:
        if (!this.dueKey) this.voices.allowEvents(mask);
        if (config.programChanges && this.voices.program === 0) this.allowKey(mask);
        break;
      case Need.Velocity:
        this.fill(mask, Kind.Velocity);
        break;
      case Need.PedalDuration:
        this.fill(mask, Kind.Duration);
        break;
      case Need.Duration:
        this.fill(mask, Kind.Duration);
        // Without program tokens only the first note tells whether a track's notes have durations.
        if (this.voices.isTimed === undefined && timedPrograms.size > 0) this.allowFree(mask);
        break;
      case Need.Padding:
        mask[tables.pad] = 1;
        break;
      default:
        this.allowFree(mask);
    }
  }

  private fill(mask: Uint8Array, kind: number, from = 0, to = this.context.tables.countOf[kind]): void {
    const first = this.context.tables.firstOf[kind];
    if (first >= 0 && from < to) mask.fill(1, first + from, first + to);
  }

  private allowKey(mask: Uint8Array): void {
    if (this.onset.global <= Global.Key && this.isPlaced) this.fill(mask, Kind.Key);
  }

  private allowFree(mask: Uint8Array): void {
    const { config, tables } = this.context;
    const { onset } = this;
    if (config.programChanges && !config.oneTokenStreamForPrograms && this.isFresh)
      this.fill(mask, Kind.Program);
    if (this.dueMeter || this.dueTempo || this.dueKey) {
      this.allowDue(mask);
      return;
    }
    if (this.isPlaced) {
      if (config.useTempos && onset.global <= Global.Tempo) {
        this.fill(mask, Kind.Tempo);
        // The first may be the default put before the piece's own, and the same.
        const isRepeat = config.deleteEqualSuccessiveTempoChanges && this.tempos > 1;
        if (isRepeat) mask[tables.firstOf[Kind.Tempo] + this.tempo] = 0;
      }
      if (config.useKeySignatures) this.allowKeyHere(mask);
      this.voices.allowFree(mask);
    }
    const isComplete = !this.isPlaced || !onset.isEmpty;
    if (this.clock instanceof BarClock) this.allowBars(mask, this.clock, isComplete);
    else if (this.clock instanceof ShiftClock) this.allowShifts(mask, this.clock);
    if (this.mayEnd()) mask[tables.end] = 1;
  }

  /** A key belongs to program 0 where programs are told by changes. */
  private allowKeyHere(mask: Uint8Array): void {
    const { config, tables } = this.context;
    if (this.onset.global > Global.Key) return;
    const byChanges = config.programChanges && config.oneTokenStreamForPrograms && tables.programIds[1] >= 0;
    if (!byChanges || this.voices.program === 0) this.fill(mask, Kind.Key);
    else mask[tables.programIds[1]] = 1;
  }

  private allowDue(mask: Uint8Array): void {
    const isBars = this.clock instanceof BarClock;
    if (isBars && this.clock.bar < 0) this.fill(mask, Kind.Bar);
    else if (this.dueMeter) this.fill(mask, Kind.Meter);
    else if (!this.isPlaced) this.fill(mask, Kind.Position, 0, 1);
    else if (this.dueTempo) this.fill(mask, Kind.Tempo);
    else this.allowKeyHere(mask);
  }

  private allowBars(mask: Uint8Array, clock: BarClock, isComplete: boolean): void {
    const { config, tables, finest } = this.context;
    if (!isComplete) return;
    if (config.useBarEndTokens && clock.bar >= 0) this.fill(mask, Kind.BarEnd);
    else this.fill(mask, Kind.Bar);
    const hasRested = this.lastRest >= 0;
    if (clock.bar >= 0) {
      const earliest = hasRested ? clock.tick : this.lastTick + 1;
      const first = Math.max(Math.ceil((earliest - clock.tickOfBar) / clock.step), 0);
      this.fill(mask, Kind.Position, first, finest * tables.meters[clock.meter].numerator);
    }
    if (config.useRests && this.mayRest) this.fillRests(mask);
    if (config.useTimeSignatures && hasRested && clock.tick === clock.tickOfBar) {
      // A change of meter at a bar line that a rest reached needs no bar token.
      this.fill(mask, Kind.Meter);
      mask[tables.firstOf[Kind.Meter] + clock.meter] = 0;
    }
  }

  private allowShifts(mask: Uint8Array, clock: ShiftClock): void {
    const { config, tables, shiftTicks, restTicks, onOff } = this.context;
    const { onset } = this;
    const isComplete = !onset.isEmpty || this.isFresh;
    const shifts = shiftTicks(clock.beat).ticks;
    if (this.lastRest >= 0) {
      const [shortest] = restTicks(clock.beat).ticks;
      this.fill(mask, Kind.TimeShift, 0, lowerBound(shifts, shortest));
    } else if (isComplete || this.lastShift >= 0) {
      this.fill(mask, Kind.TimeShift, 0, behind(shifts, this.lastShift));
    }
    const isSilent = !onOff || this.voices.isSilent;
    if (config.useRests && isSilent && (isComplete || this.lastRest >= 0)) this.fillRests(mask);
    if (config.useTimeSignatures && onset.isEmpty && onset.global === Global.Meter && clock.isAtBar()) {
      this.fill(mask, Kind.Meter);
      mask[tables.firstOf[Kind.Meter] + clock.meter] = 0;
    }
  }

  private fillRests(mask: Uint8Array): void {
    this.fill(mask, Kind.Rest, 0, behind(this.context.restTicks(this.clock.beat).ticks, this.lastRest));
  }

  private mayEnd(): boolean {
    const { config, onOff } = this.context;
    if (!this.voices.isClosed(onOff)) return false;
    if (this.isFresh) return this.voices.program === undefined;
    if (this.inBars) return this.isMeterChange || config.addTrailingBars;
    return this.isPlaced && !this.onset.isEmpty;
  }

  push(id: number): void {
    const { tables } = this.context;
    const kind = tables.kinds[id];
    if (kind === undefined) return;
    const value = tables.values[id];
    if (this.need === Need.Padding) return;
    if (kind === Kind.Special) {
      if (id === tables.end) this.need = Need.Padding;
      else if (this.need === Need.Begin && id === tables.begin) this.need = Need.Free;
      return;
    }
    const before = this.need;
    this.need = Need.Free;
    if (before === Need.Duration && kind !== Kind.Duration) this.voices.leaveUntimed();
    switch (kind) {
      case Kind.Bar:
      case Kind.BarEnd:
      case Kind.Position:
      case Kind.TimeShift:
      case Kind.Rest:
        this.pushTime(kind, value);
        break;
      case Kind.Meter:
        this.pushMeter(value);
        break;
      case Kind.Tempo:
        this.tempo = value;
        this.tempos++;
        this.pushGlobal(Global.Tempo);
        this.dueTempo = false;
        break;
      case Kind.Key:
        this.pushGlobal(Global.Key);
        this.dueKey = false;
        break;
      case Kind.Duration:
        if (before === Need.Duration) this.voices.setDuration(value, this.clock);
        break;
      case Kind.Velocity:
        this.need = before === Need.Velocity ? this.afterVelocity() : Need.Free;
        break;
      default:
        this.pushTrackEvent(kind, value);
    }
    if (kind !== Kind.Program) this.isFresh = false;
  }

  private pushTime(kind: number, value: number): void {
    this.clock.advance(kind, value, this.voices.lastEnd);
    this.lastRest = kind === Kind.Rest ? value : -1;
    this.lastShift = kind === Kind.TimeShift ? value : -1;
    if (kind === Kind.BarEnd) {
      this.need = Need.Bar;
      return;
    }
    this.onset.reset();
    this.voices.moveOn();
    this.isPlaced = kind === Kind.Position || this.clock instanceof ShiftClock;
    if (kind === Kind.Position) {
      this.lastTick = this.clock.tick;
      this.inBars = false;
    } else if (kind === Kind.Bar) {
      this.inBars = true;
      this.isMeterChange = false;
      this.mayRest = false;
      if (this.context.config.useTimeSignatures) this.need = Need.Meter;
    } else if (kind === Kind.Rest) {
      this.inBars = false;
      this.dueMeter = false;
    } else {
      this.dueMeter = false;
    }
    if (kind === Kind.TimeShift || kind === Kind.Rest) {
      this.dueTempo = false;
      this.dueKey = false;
    }
  }

  private pushMeter(meter: number): void {
    const isChange = this.dueMeter || meter !== this.clock.meter;
    this.clock.changeMeter(meter);
    this.dueMeter = false;
    this.lastRest = -1;
    this.lastShift = -1;
    if (this.clock instanceof ShiftClock) {
      this.onset.writeGlobal(Global.Meter);
      if (!this.context.onOff) this.voices.reach(this.clock.tick);
      return;
    }
    this.inBars = true;
    this.isPlaced = false;
    if (!isChange) return;
    this.isMeterChange = true;
    this.mayRest = true;
    this.voices.reach(this.clock.tick);
  }

  private pushGlobal(event: number): void {
    this.onset.writeGlobal(event);
    this.voices.reach(this.clock.tick);
    this.leaveTime();
  }

  /** An event stands at the onset: shifts and rests begin anew. */
  private leaveTime(): void {
    this.mayRest = true;
    this.lastRest = -1;
    this.lastShift = -1;
  }

  private pushTrackEvent(kind: number, value: number): void {
    const { config, onOff } = this.context;
    const { voices } = this;
    if (kind === Kind.Program) {
      voices.announce(value);
      const opensStream = config.programChanges && !config.oneTokenStreamForPrograms;
      this.need = opensStream ? Need.Free : Need.Event;
      return;
    }
    this.dueMeter = false;
    this.dueTempo = false;
    this.dueKey = false;
    this.leaveTime();
    if (kind === Kind.Pedal || kind === Kind.PedalOff) {
      voices.writePedal(value, kind === Kind.Pedal, this.clock.tick);
      if (config.sustainPedalDuration) this.need = Need.PedalDuration;
    } else if (kind === Kind.PitchBend) {
      voices.writeBend(this.clock.tick);
    } else if (kind === Kind.NoteEnd || kind === Kind.DrumEnd) {
      voices.writeEnd(kind, value, this.clock.tick);
    } else {
      voices.writeNote(kind, value, this.clock);
      if (config.useVelocities) this.need = Need.Velocity;
      else if (!onOff) this.need = this.afterVelocity();
    }
  }

  private afterVelocity(): number {
    return this.context.onOff || this.voices.isTimed === false ? Need.Free : Need.Duration;
  }
}

/** How many of `ticks` may follow the one at `index`: a length is written longest part first. */
function behind(ticks: Int32Array, index: number): number {
  if (index < 0 || index === ticks.length - 1) return ticks.length;
  return lowerBound(ticks, ticks[index + 1] - ticks[index]);
}

/** How many of `ticks` (ascending) lie below `limit`. */
function lowerBound(ticks: Int32Array, limit: number): number {
  let count = 0;
  while (count < ticks.length && ticks[count] < limit) count++;
  return count;
}
