import type { DecodeContext } from "./decode.js";
import { GrammarTime } from "./grammar-time.js";
import { GrammarVoices } from "./grammar-voices.js";
import { Global, OnsetOrder } from "./onset-order.js";
import { fillKind, Kind } from "./token-tables.js";
import type { GrammarState, SoundedNote } from "./tokenizer.js";

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
 * Which ids may follow, for streams in the order that encoding writes: onsets rise, and each stands in its bar; an
 * onset has at least one event, in the order of `OnsetOrder`; notes are complete; ends are those of sounding notes;
 * the stream ends when nothing sounds. So every id that is allowed has its effect in what is decoded.
 *
 * It allows every stream that `encode` gives, but for two rare kinds: where a meter comes at the same bar as a later
 * one, MidiTok drops it and keeps its finer grid, so that events lie between the positions that the stream can say;
 * and where a score has just the resolution of the grid, its notes of no length end where they begin.
 */
class MidiTokGrammar implements GrammarState {
  private need: number = Need.Begin;
  private readonly onset = new OnsetOrder();
  private readonly time: GrammarTime;
  private readonly voices: GrammarVoices;
  /** Index of the last tempo, and how many there were. */
  private tempo = -1;
  private tempos = 0;
  /** What a stream begins with: meter, tempo, key at tick 0. */
  private dueMeter: boolean;
  private dueTempo: boolean;
  private dueKey: boolean;

  constructor(private readonly context: DecodeContext) {
    const { config } = context;
    this.time = new GrammarTime(context, this.onset);
    this.voices = new GrammarVoices(context, this.onset);
    this.dueMeter = config.useTimeSignatures;
    this.dueTempo = config.useTempos;
    this.dueKey = config.useKeySignatures;
  }

  fork(): GrammarState {
    const onset = this.onset.fork();
    const parts = { onset, time: this.time.fork(onset), voices: this.voices.fork(onset) };
    return Object.assign(new MidiTokGrammar(this.context), this, parts);
  }

  bars(): number {
    return this.time.clock.bars();
  }

  noteOf(id: number): SoundedNote | undefined {
    const { kinds, values } = this.context.tables;
    if (kinds[id] !== Kind.Note && kinds[id] !== Kind.Drum) return undefined;
    const program = kinds[id] === Kind.Drum ? -1 : (this.voices.program ?? 0);
    return { pitch: values[id], program, begins: true };
  }

  grid(): { readonly stepsPerBar: number; readonly stepsPerBeat: number } {
    const { length, step } = this.time.clock.measure();
    return { stepsPerBar: Math.floor(length / step), stepsPerBeat: this.context.finest };
  }

  room(): number {
    const { clock, isPlaced } = this.time;
    const { step, end } = clock.measure();
    const places = Math.ceil((end - clock.tick) / step);
    return isPlaced && !this.onset.isEmpty ? places - 1 : places;
  }

  allowed(mask: Uint8Array): void {
    const { config, tables } = this.context;
    mask.fill(0);
    switch (this.need) {
      case Need.Begin:
        mask[tables.begin] = 1;
        break;
      case Need.Bar:
        fillKind(mask, tables, Kind.Bar);
        break;
      case Need.Meter:
        fillKind(mask, tables, Kind.Meter);
        // Where a meter was the last event, the last of the trailing bars behind it has none.
        if (config.addTrailingBars && this.time.endsInMeter && this.voices.isClosed) mask[tables.end] = 1;
        break;
      case Need.Event:
        if (!this.dueKey) this.voices.allowEvents(mask);
        if (this.keyNeedsProgram && this.voices.program === 0) this.allowKey(mask);
        // Only behind a program token that wasn't allowed.
        if (!mask.includes(1)) this.allowFree(mask);
        break;
      case Need.Velocity:
        fillKind(mask, tables, Kind.Velocity);
        break;
      case Need.PedalDuration:
        fillKind(mask, tables, Kind.Duration);
        break;
      case Need.Duration:
        fillKind(mask, tables, Kind.Duration);
        // Without program tokens only the first note tells whether a track's notes have durations.
        if (this.voices.isTimed === undefined) this.allowFree(mask);
        break;
      case Need.Padding:
        mask[tables.pad] = 1;
        break;
      default:
        this.allowFree(mask);
    }
  }

  private allowFree(mask: Uint8Array): void {
    const { config, tables } = this.context;
    const { onset, time, voices } = this;
    if (this.opensWithProgram && time.isFresh && voices.program === undefined) {
      fillKind(mask, tables, Kind.Program);
    }
    if (this.dueMeter || this.dueTempo || this.dueKey) {
      this.allowDue(mask);
      return;
    }
    if (time.isPlaced) {
      if (config.useTempos && onset.global <= Global.Tempo) {
        fillKind(mask, tables, Kind.Tempo);
        // The first may be the default put before the piece's own, and the same.
        const isRepeat = config.deleteEqualSuccessiveTempoChanges && this.tempos > 1;
        if (isRepeat) mask[tables.firstOf[Kind.Tempo] + this.tempo] = 0;
      }
      this.allowKeyOrProgram(mask);
      // A stream of a track names its program first; one without has no track, and nothing of a track's.
      if (!this.opensWithProgram || voices.program !== undefined) voices.allowFree(mask);
    }
    time.allow(mask, voices.isSilent);
    const isEmptyTrack = time.isFresh && voices.program !== undefined;
    if (time.mayEnd() && voices.isClosed && !isEmptyTrack) mask[tables.end] = 1;
  }

  /** Streams of one track each that name its program once, at their start. */
  private get opensWithProgram(): boolean {
    const { programChanges, oneTokenStreamForPrograms } = this.context.config;
    return programChanges && !oneTokenStreamForPrograms;
  }

  /** A key belongs to program 0 where programs are told by changes. */
  private get keyNeedsProgram(): boolean {
    const { config, tables } = this.context;
    return config.programChanges && config.oneTokenStreamForPrograms && tables.programIds[1] >= 0;
  }

  private allowKey(mask: Uint8Array): void {
    if (this.onset.global <= Global.Key) fillKind(mask, this.context.tables, Kind.Key);
  }

  private allowKeyOrProgram(mask: Uint8Array): void {
    const { config, tables } = this.context;
    if (!config.useKeySignatures || this.onset.global > Global.Key) return;
    if (!this.keyNeedsProgram || this.voices.program === 0) this.allowKey(mask);
    else mask[tables.programIds[1]] = 1;
  }

  private allowDue(mask: Uint8Array): void {
    const { tables } = this.context;
    if (this.time.isBeforeBars) fillKind(mask, tables, Kind.Bar);
    else if (this.dueMeter) fillKind(mask, tables, Kind.Meter);
    else if (!this.time.isPlaced) fillKind(mask, tables, Kind.Position, 0, 1);
    else if (this.dueTempo) fillKind(mask, tables, Kind.Tempo);
    else this.allowKeyOrProgram(mask);
  }

  push(id: number): void {
    const { config, tables, onOff } = this.context;
    const { time, voices } = this;
    const kind = tables.kinds[id];
    if (kind === undefined || this.need === Need.Padding) return;
    if (kind === Kind.Special) {
      if (id === tables.end) this.need = Need.Padding;
      else if (this.need === Need.Begin && id === tables.begin) this.need = Need.Free;
      return;
    }
    const value = tables.values[id];
    const before = this.need;
    this.need = Need.Free;
    if (before === Need.Duration && kind !== Kind.Duration) voices.leaveUntimed();
    switch (kind) {
      case Kind.Bar:
      case Kind.BarEnd:
      case Kind.Position:
      case Kind.TimeShift:
      case Kind.Rest:
        this.pushTime(kind, value);
        break;
      case Kind.Meter:
        if (time.changeMeter(value, this.dueMeter) && !onOff) voices.reach(time.clock.tick);
        this.dueMeter = false;
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
      case Kind.Program:
        voices.announce(value);
        if (!this.opensWithProgram) this.need = Need.Event;
        break;
      case Kind.Velocity:
        if (before === Need.Velocity) this.need = this.afterVelocity();
        break;
      case Kind.Duration:
        if (before === Need.Duration) voices.setDuration(value, time.clock);
        break;
      default:
        this.noneDue();
        time.leave();
        if (kind === Kind.Pedal || kind === Kind.PedalOff) {
          voices.writePedal(value, kind === Kind.Pedal, time.clock.tick);
          if (config.sustainPedalDuration) this.need = Need.PedalDuration;
        } else if (kind === Kind.PitchBend) {
          voices.writeBend(time.clock.tick);
        } else if (kind === Kind.NoteEnd || kind === Kind.DrumEnd) {
          voices.writeEnd(kind, value, time.clock.tick);
        } else {
          voices.writeNote(kind, value, time.clock);
          this.need = config.useVelocities ? Need.Velocity : this.afterVelocity();
        }
    }
  }

  private noneDue(): void {
    this.dueMeter = false;
    this.dueTempo = false;
    this.dueKey = false;
  }

  private pushTime(kind: number, value: number): void {
    this.time.advance(kind, value, this.voices.lastEnd);
    if (kind === Kind.TimeShift || kind === Kind.Rest) this.noneDue();
    else if (kind === Kind.BarEnd) this.need = Need.Bar;
    else if (kind === Kind.Bar && this.context.config.useTimeSignatures) this.need = Need.Meter;
    else if (kind === Kind.Position) this.dueMeter = false;
  }

  private pushGlobal(event: number): void {
    this.onset.writeGlobal(event);
    this.voices.reach(this.time.clock.tick);
    this.time.leave();
  }

  private afterVelocity(): number {
    return this.context.onOff || this.voices.isTimed === false ? Need.Free : Need.Duration;
  }
}
