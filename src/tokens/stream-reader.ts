import type { Clock } from "./clock.js";
import type { DecodeContext } from "./decode.js";
import { roundHalfUp } from "./rounding.js";
import { draftTrack, type ScoreDraft, type TrackDraft } from "./score-builder.js";
import type { SoundingNotes } from "./sounding-notes.js";
import { endsLookAhead, isNumbered, Kind } from "./token-tables.js";

/** Reads one stream into a score. */
export class StreamReader {
  private readonly clock: Clock;
  private readonly byProgram = new Map<number, TrackDraft>();
  private readonly own: TrackDraft | undefined;
  private readonly pedalsDown = new Map<number, number>();
  private program: number;
  private lastEnd = 0;

  constructor(
    private readonly ids: ArrayLike<number>,
    private readonly index: number,
    private readonly draft: ScoreDraft,
    private readonly sounding: SoundingNotes,
    private readonly context: DecodeContext,
    given: { readonly program: number; readonly isDrum: boolean } | undefined,
  ) {
    this.clock = context.clock(this.initialMeter());
    this.program = 0;
    if (context.config.oneTokenStreamForPrograms) return;
    let isDrum = given?.isDrum ?? false;
    if (given !== undefined) {
      this.program = given.program;
    } else if (context.config.usePrograms) {
      const first = firstWhere(ids, (id) => context.tables.kinds[id] === Kind.Program);
      this.program = first === undefined ? 0 : context.tables.values[first];
      if (this.program === -1) {
        isDrum = true;
        this.program = 0;
      }
    }
    this.own = draftTrack(this.program, isDrum);
  }

  /** REMI looks ahead for the first stream's meter; later streams begin with the last meter of the first. */
  private initialMeter(): number {
    const { tables, config, barsTellTime } = this.context;
    if (!barsTellTime) return tables.common;
    const { timeSignatures } = this.draft;
    if (this.index === 0) {
      const first = firstWhere(this.ids, (id) => endsLookAhead(tables.kinds[id]));
      const isMeter = config.useTimeSignatures && first !== undefined && tables.kinds[first] === Kind.Meter;
      const meter = isMeter ? tables.values[first] : tables.common;
      timeSignatures.push({ tick: 0, ...tables.meters[meter] });
      return meter;
    }
    const last = timeSignatures[timeSignatures.length - 1];
    return tables.meters.findIndex(
      ({ numerator, denominator }) => numerator === last.numerator && denominator === last.denominator,
    );
  }

  read(): void {
    const { config, tables, onOff, barsTellTime } = this.context;
    const { ids, clock } = this;
    const { length } = ids;
    for (let i = 0; i < length; i++) {
      const kind = tables.kinds[ids[i]];
      const value = tables.values[ids[i]];
      let endsRest = !barsTellTime;
      switch (kind) {
        case Kind.Bar:
        case Kind.Position:
        case Kind.TimeShift:
        case Kind.Rest:
          clock.advance(kind, value, this.lastEnd);
          endsRest = false;
          break;
        case Kind.Note:
        case Kind.Drum:
          endsRest = false;
          if (value < config.pitchRange[0] || value > config.pitchRange[1]) break;
          if (onOff) {
            if (config.useVelocities && i + 1 >= length) i = length;
            else this.startNote(value, i);
          } else {
            this.addTimedNote(value, i);
          }
          break;
        case Kind.NoteEnd:
        case Kind.DrumEnd:
          endsRest = false;
          this.endNote(value);
          break;
        case Kind.Program:
          this.changeProgram(value);
          break;
        case Kind.Tempo:
          if (this.index === 0) {
            const microsecondsPerQuarter = roundHalfUp(60_000_000 / tables.tempos[value]);
            this.draft.tempos.push({ tick: clock.tick, microsecondsPerQuarter });
          }
          endsRest = true;
          break;
        case Kind.Key:
          if (this.index === 0) {
            const sharps = Math.floor(value / 2);
            this.draft.keySignatures.push({ tick: clock.tick, sharps, minor: value - sharps * 2 === 1 });
          }
          endsRest = true;
          break;
        case Kind.Meter:
          if (clock.changeMeter(value) && this.index === 0) {
            this.draft.timeSignatures.push({ tick: clock.tick, ...tables.meters[value] });
          }
          break;
        case Kind.Pedal:
          this.pressPedal(value, i);
          break;
        case Kind.PedalOff:
          this.releasePedal(value);
          break;
        case Kind.PitchBend:
          this.track(this.program).pitchBends.push({ tick: clock.tick, value });
          break;
        default:
          endsRest = false;
      }
      if (endsRest && clock.tick > this.lastEnd) this.lastEnd = clock.tick;
    }
    this.finish();
  }

  private track(program: number): TrackDraft {
    if (this.own !== undefined) return this.own;
    let track = this.byProgram.get(program);
    if (track === undefined) {
      track = draftTrack(program);
      this.byProgram.set(program, track);
      this.draft.tracks.push(track);
    }
    return track;
  }

  private changeProgram(program: number): void {
    this.program = program;
    if (this.own === undefined || !this.context.config.programChanges) return;
    this.own.program = Math.max(program, 0);
    if (program === -1) this.own.isDrum = true;
  }

  private defaultDuration(): number {
    return Math.trunc(this.context.config.defaultNoteDuration * this.clock.beat);
  }

  private addTimedNote(pitch: number, at: number): void {
    const { config, tables, timedPrograms, defaultVelocity } = this.context;
    const { ids, clock } = this;
    let velocity = defaultVelocity;
    let next = at + 1;
    if (config.useVelocities) {
      if (next >= ids.length || tables.kinds[ids[next]] !== Kind.Velocity) return;
      velocity = tables.values[ids[next]];
      next++;
    }
    let duration = this.defaultDuration();
    if (timedPrograms.has(this.program)) {
      if (next >= ids.length || tables.kinds[ids[next]] !== Kind.Duration) return;
      duration = this.context.durationTicks(clock.beat).ticks[tables.values[ids[next]]];
    }
    this.track(this.program).notes.push({ start: clock.tick, duration, pitch, velocity });
    this.lastEnd = Math.max(this.lastEnd, clock.tick + duration);
  }

  private startNote(pitch: number, at: number): void {
    const { config, tables, timedPrograms, defaultVelocity } = this.context;
    const { ids, clock, program } = this;
    let velocity = defaultVelocity;
    if (config.useVelocities) {
      // MidiTok takes whatever number the next token has.
      if (!isNumbered(tables.kinds[ids[at + 1]])) return;
      velocity = tables.values[ids[at + 1]];
      if (velocity < 1 || velocity > 127) return;
    }
    if (!timedPrograms.has(program)) {
      this.track(program).notes.push({
        start: clock.tick,
        duration: this.defaultDuration(),
        pitch,
        velocity,
      });
      return;
    }
    this.sounding.start(program, { start: clock.tick, pitch, velocity });
  }

  private endNote(pitch: number): void {
    const note = this.sounding.end(this.program, pitch);
    if (note === undefined) return;
    const duration = Math.min(this.clock.tick - note.start, this.longest());
    this.track(this.program).notes.push({ start: note.start, duration, pitch, velocity: note.velocity });
  }

  private longest(): number {
    const { maxDuration } = this.context.config;
    if (maxDuration === null) return Number.POSITIVE_INFINITY;
    const [beats, positions, resolution] = maxDuration;
    return Math.floor(((beats * resolution + positions) * this.clock.beat) / resolution);
  }

  private pressPedal(value: number, at: number): void {
    const { config, tables } = this.context;
    const { ids, clock } = this;
    const owner = config.usePrograms ? value : this.program;
    if (config.sustainPedalDuration && at + 1 < ids.length) {
      if (tables.kinds[ids[at + 1]] !== Kind.Duration) return;
      const duration = this.context.durationTicks(clock.beat).ticks[tables.values[ids[at + 1]]];
      this.track(owner).pedals.push({ tick: clock.tick, duration });
    } else if (!this.pedalsDown.has(owner)) {
      this.pedalsDown.set(owner, clock.tick);
    }
  }

  private releasePedal(value: number): void {
    const owner = this.context.config.usePrograms ? value : this.program;
    const tick = this.pedalsDown.get(owner);
    if (tick === undefined) return;
    this.track(owner).pedals.push({ tick, duration: this.clock.tick - tick });
    this.pedalsDown.delete(owner);
  }

  /** Gives notes that didn't end the longest duration, where the config has one; else they are left out. */
  private finish(): void {
    const { config } = this.context;
    const { own } = this;
    if (own === undefined) {
      for (const program of this.context.tables.programs) this.closeNotes(program);
      return;
    }
    if (own.notes.length + own.pitchBends.length === 0) return;
    this.draft.tracks.push(own);
    if (config.maxDuration !== null) this.closeNotes(own.program);
    this.sounding.clear(own.program);
  }

  private closeNotes(program: number): void {
    if (this.context.config.maxDuration === null) return;
    const duration = this.longest();
    for (const note of this.sounding.of(program)) this.track(program).notes.push({ ...note, duration });
  }
}

function firstWhere(ids: ArrayLike<number>, test: (id: number) => boolean): number | undefined {
  for (let i = 0; i < ids.length; i++) if (test(ids[i])) return ids[i];
  return undefined;
}
