import type { Clock } from "./clock.js";
import type { DecodeContext } from "./decode.js";
import { type OnsetOrder, Stage } from "./onset-order.js";
import { Kind } from "./token-tables.js";

/** The one track of a stream without program tokens. */
const UNNAMED = 0;
const DRUMS = -1;

/** What sounds, by program, and which events of tracks may come next. */
export class GrammarVoices {
  /** The program that notes go to; `undefined` before the first program token. −1: drums. */
  program: number | undefined;
  /** Where the notes so far end, and what else holds a rest back. */
  lastEnd = 0;
  /** Whether a stream without program tokens has drums; `undefined` before its first note. */
  private isDrum: boolean | undefined;
  private timed: boolean | undefined;
  /** Number of sounding notes by (program + 1) × 128 + pitch. */
  private sounding = new Map<number, number>();
  private count = 0;
  private pedals = new Set<number>();
  private lastOnset = 0;

  constructor(
    private readonly context: DecodeContext,
    private readonly onset: OnsetOrder,
  ) {
    const { timedPrograms } = context;
    this.timed = timedPrograms.size === 129 ? true : timedPrograms.size === 0 ? false : undefined;
  }

  fork(onset: OnsetOrder): GrammarVoices {
    return Object.assign(new GrammarVoices(this.context, onset), this, {
      onset,
      sounding: new Map(this.sounding),
      pedals: new Set(this.pedals),
    });
  }

  /** Whether notes of the present track have durations; `undefined` where no note told yet. */
  get isTimed(): boolean | undefined {
    const program = this.program ?? (this.isDrum === true ? DRUMS : undefined);
    return program === undefined ? this.timed : this.context.timedPrograms.has(program);
  }

  get isSilent(): boolean {
    return this.count === 0;
  }

  /** Whether all that was begun is ended: pedals and, where ends are written, notes. */
  get isClosed(): boolean {
    return this.pedals.size === 0 && (this.count === 0 || this.isTimed === undefined);
  }

  /** An event at `tick` was written: rests begin behind it. */
  reach(tick: number): void {
    this.lastEnd = Math.max(this.lastEnd, tick);
  }

  private get track(): number {
    return this.program ?? UNNAMED;
  }

  private isDrumTrack(program: number): boolean {
    return program === DRUMS && this.context.config.usePitchdrumTokens;
  }

  private keyOf(program: number, pitch: number): number {
    return (program + 1) * 128 + pitch;
  }

  /** What may come where nothing is begun. */
  allowFree(mask: Uint8Array): void {
    const { config, tables } = this.context;
    const { oneTokenStreamForPrograms: oneStream, programChanges } = config;
    if (config.useSustainPedals) this.allowPedals(mask);
    if (!config.usePrograms || (programChanges && (!oneStream || this.program !== undefined))) {
      this.allowEvents(mask);
    }
    if (!config.usePrograms || (programChanges && !oneStream)) return;
    const first = tables.firstOf[Kind.Program];
    for (let id = first; id < first + tables.countOf[Kind.Program]; id++) {
      const program = tables.values[id];
      if (programChanges && program === this.program) continue;
      if (!oneStream && this.program !== undefined && program !== this.program) continue;
      if (this.mayFollow(program)) mask[id] = 1;
    }
  }

  private allowPedals(mask: Uint8Array): void {
    const { config, tables } = this.context;
    const first = tables.firstOf[Kind.Pedal];
    for (let i = 0; i < tables.countOf[Kind.Pedal]; i++) {
      const owner = tables.values[first + i];
      const isOther = config.usePrograms && !config.oneTokenStreamForPrograms && this.program !== undefined;
      if (isOther && owner !== this.program) continue;
      const isDown = this.pedals.has(owner);
      if (!this.onset.mayPedal(owner)) continue;
      mask[isDown ? tables.firstOf[Kind.PedalOff] + i : first + i] = 1;
    }
  }

  /** Whether something may stand behind the program's token. */
  private mayFollow(program: number): boolean {
    const { config, onOff } = this.context;
    const { onset } = this;
    if (config.usePitchBends && onset.mayReach(program, Stage.Bend)) return true;
    if (onset.mayReach(program, Stage.Notes) && this.lowestNew(program) <= this.rangeOf(program)[1])
      return true;
    if (!onOff || this.count === 0 || !onset.mayReach(program, Stage.Ends)) return false;
    for (const key of this.sounding.keys()) if (Math.floor(key / 128) - 1 === program) return true;
    return false;
  }

  private rangeOf(program: number): readonly [number, number] {
    const { config } = this.context;
    return this.isDrumTrack(program) ? config.drumsPitchRange : config.pitchRange;
  }

  /** The lowest pitch of a new note: duplicates are left out by sorting notes of an onset by pitch. */
  private lowestNew(program: number): number {
    const [low] = this.rangeOf(program);
    if (!this.context.config.removeDuplicatedNotes) return low;
    return Math.max(low, this.onset.highestOf(program) + 1);
  }

  /** Bends, new notes and ends of the present track. */
  allowEvents(mask: Uint8Array): void {
    const { config, tables, onOff } = this.context;
    const { onset, track } = this;
    if (config.usePitchBends && onset.mayReach(track, Stage.Bend)) {
      const first = tables.firstOf[Kind.PitchBend];
      mask.fill(1, first, first + tables.countOf[Kind.PitchBend]);
    }
    const isUnnamed = this.program === undefined;
    const mayDrum = isUnnamed ? config.usePitchdrumTokens && this.isDrum !== false : this.isDrumTrack(track);
    const mayNote = isUnnamed ? this.isDrum !== true : !this.isDrumTrack(track);
    if (onset.mayReach(track, Stage.Notes)) {
      if (mayNote) this.allowNotes(mask, Kind.Note, config.pitchRange);
      if (mayDrum) this.allowNotes(mask, Kind.Drum, config.drumsPitchRange);
    }
    // Ends stand before the new notes of an onset, so that no note is without length.
    if (!onOff || !onset.mayReach(track, Stage.Ends)) return;
    for (const key of this.sounding.keys()) {
      const program = Math.floor(key / 128) - 1;
      if (program !== this.soundingProgram()) continue;
      const isDrum = this.isDrumTrack(program);
      const low = isDrum ? config.drumsPitchRange[0] : config.pitchRange[0];
      mask[tables.firstOf[isDrum ? Kind.DrumEnd : Kind.NoteEnd] + (key % 128) - low] = 1;
    }
  }

  private allowNotes(mask: Uint8Array, kind: number, [low, high]: readonly [number, number]): void {
    const { config, tables } = this.context;
    const first = tables.firstOf[kind];
    const lowest = config.removeDuplicatedNotes ? Math.max(low, this.onset.highestOf(this.track) + 1) : low;
    if (lowest <= high) mask.fill(1, first + lowest - low, first + high - low + 1);
  }

  /** Under which program the present track's notes are kept. */
  private soundingProgram(): number {
    return this.program ?? (this.isDrum === true ? DRUMS : UNNAMED);
  }

  announce(program: number): void {
    this.program = program;
  }

  writePedal(owner: number, isPress: boolean, tick: number): void {
    const { config } = this.context;
    if (config.usePrograms && !config.oneTokenStreamForPrograms) this.program ??= owner;
    this.onset.writePedal(owner);
    if (!config.sustainPedalDuration) {
      if (isPress) this.pedals.add(owner);
      else this.pedals.delete(owner);
    }
    this.reach(tick);
  }

  writeBend(tick: number): void {
    this.onset.writeBend(this.track);
    this.reach(tick);
  }

  writeNote(kind: number, pitch: number, clock: Clock): void {
    if (this.program === undefined) this.isDrum ??= kind === Kind.Drum;
    this.onset.writeNote(this.track, pitch);
    this.lastOnset = clock.tick;
    if (!this.context.onOff) {
      if (this.isTimed === false)
        this.reach(clock.tick + this.context.config.defaultNoteDuration * clock.beat);
      return;
    }
    if (this.isTimed === false) return;
    const key = this.keyOf(this.soundingProgram(), pitch);
    this.sounding.set(key, (this.sounding.get(key) ?? 0) + 1);
    this.count++;
  }

  writeEnd(kind: number, pitch: number, tick: number): void {
    if (this.program === undefined) this.isDrum ??= kind === Kind.DrumEnd;
    this.timed ??= this.program === undefined ? true : undefined;
    const key = this.keyOf(this.soundingProgram(), pitch);
    this.onset.writeEnd(this.track);
    this.reach(tick);
    const left = (this.sounding.get(key) ?? 0) - 1;
    if (left < 0) return;
    if (left === 0) this.sounding.delete(key);
    else this.sounding.set(key, left);
    this.count--;
  }

  setDuration(index: number, clock: Clock): void {
    this.timed ??= this.program === undefined ? true : undefined;
    this.reach(this.lastOnset + this.context.durationTicks(clock.beat).ticks[index]);
  }

  /** A note without a duration where only notes tell whether the track has any. */
  leaveUntimed(): void {
    if (this.isTimed !== undefined) return;
    this.timed = false;
    this.reach(this.lastOnset);
  }
}
