import type { Score, ScoreTrack, Tempo, TimeSignature } from "../midi/index.js";
import type { TokenizerConfig } from "./config.js";
import { mergePrograms, quantiseBends, quantiseNotes, quantisePedals } from "./quantise-tracks.js";
import { closestIndex, roundHalfUp } from "./rounding.js";
import { type Section, sectionsOf, snapTimes } from "./sections.js";
import type { TickTable } from "./time-grid.js";
import type { Meter, TokenTables } from "./vocabulary.js";

/** A score on the tokenizer's grid: what `encode` writes, event for event. */
export interface QuantisedScore {
  readonly ticksPerQuarter: number;
  /** The first is at tick 0; without time-signature tokens it is the only one, 4/4. */
  readonly meters: readonly MeterChange[];
  readonly tempos: readonly Tempo[];
  readonly keys: readonly { readonly tick: number; readonly key: number }[];
  readonly tracks: readonly QuantisedTrack[];
  /** Stretches of equal ticks a beat; the last has no end. */
  readonly beatSections: readonly Section[];
}

export interface MeterChange extends Meter {
  tick: number;
}

/** Structure of arrays: `starts[i]`, `durations[i]`, … is one note. */
export interface NoteColumns {
  starts: number[];
  durations: number[];
  pitches: number[];
  velocities: number[];
}

export interface SpanColumns {
  starts: number[];
  durations: number[];
}

export interface QuantisedTrack {
  /** −1 for drums. */
  readonly program: number;
  notes: NoteColumns;
  pedals: SpanColumns;
  bends: { starts: number[]; values: number[] };
}

/** What quantising needs of a tokenizer. */
export interface QuantiseContext {
  readonly config: TokenizerConfig;
  readonly tables: TokenTables;
  /** Notes have ends instead of durations (`midilike`). */
  readonly onOff: boolean;
  readonly finest: number;
  readonly durationTicks: (ticksPerBeat: number) => TickTable;
  /** Programs whose notes have durations; −1: drums. */
  readonly timedPrograms: ReadonlySet<number>;
  /** The velocity of the nearest token. */
  readonly velocity: (velocity: number) => number;
  /** `velocityIds[velocity]`: the id of a token's velocity, −1 for others. */
  readonly velocityIds: Int32Array;
  /** Microseconds a quarter of the tempo tokens, ascending, not rounded. */
  readonly tempoMicroseconds: readonly number[];
  /** Quarters a minute, where a score has no tempo. */
  readonly defaultTempo: number;
}

/**
 * Brings a score onto the tokenizer's grid, as MidiTok's `preprocess_score` does over symusic: resampled to
 * the finest grid that the meters need, meters delayed to bar lines, values moved to their nearest token, and
 * what the vocabulary doesn't have left out.
 */
export function quantise(score: Score, context: QuantiseContext): QuantisedScore {
  const { config } = context;
  const kept = keptMeters(score.timeSignatures, context);
  const finestDenominator = config.useTimeSignatures
    ? Math.max(...kept.map((meter) => meter.denominator))
    : 4;
  const ticksPerQuarter = Math.trunc((context.finest * finestDenominator) / 4);
  const scale = ticksPerQuarter / score.ticksPerQuarter;
  const resampled = ticksPerQuarter !== score.ticksPerQuarter;
  // Meters are cut down to the grid, all other times rounded to it.
  let meters = kept.map((meter) => ({
    ...meter,
    tick: resampled ? Math.trunc(meter.tick * scale) : meter.tick,
  }));
  if (config.useTimeSignatures) meters = delayMeters(meters, ticksPerQuarter, config);
  const time = (tick: number): number => (resampled ? roundHalfUp(scale * tick) : tick);
  const length = (ticks: number): number => (resampled ? Math.max(roundHalfUp(scale * ticks), 1) : ticks);

  const beatSections = sectionsOf(meters, (denominator) => Math.trunc((ticksPerQuarter * 4) / denominator));
  // Where all meters have one denominator, the resampled grid is already the grid.
  const mixed = config.useTimeSignatures && new Set(meters.map((meter) => meter.denominator)).size > 1;
  const steps = mixed
    ? sectionsOf(meters, (denominator) => Math.floor(ticksPerQuarter / (context.finest * (denominator / 4))))
    : undefined;

  const all = score.tracks.map((track) => resampleTrack(track, config, time, length));
  const merged = config.oneTokenStreamForPrograms ? mergePrograms(all) : all;
  const tracks: QuantisedTrack[] = [];
  for (const track of merged) {
    if (isEmpty(track) || (config.usePrograms && context.tables.programIds[track.program + 1] < 0)) continue;
    quantiseNotes(track, context, steps, beatSections);
    quantiseBends(track, context, steps);
    quantisePedals(track, context, steps, beatSections);
    if (!isEmpty(track)) tracks.push(track);
  }
  const tempos = config.useTempos
    ? quantiseTempos(
        score.tempos.map((tempo) => ({ ...tempo, tick: time(tempo.tick) })),
        context,
        steps,
      )
    : [];
  const keys = config.useKeySignatures
    ? quantiseKeys(
        score.keySignatures.map((signature) => ({
          tick: time(signature.tick),
          key: signature.sharps * 2 + (signature.minor ? 1 : 0),
        })),
        steps,
      )
    : [];
  return { ticksPerQuarter, meters, tempos, keys, tracks, beatSections };
}

function keptMeters(
  signatures: readonly TimeSignature[],
  { config, tables }: QuantiseContext,
): MeterChange[] {
  if (!config.useTimeSignatures) return [{ tick: 0, numerator: 4, denominator: 4 }];
  const known = (one: TimeSignature): boolean => tables.meters.some((meter) => isSameMeter(meter, one));
  const kept = signatures
    .filter(known)
    .map(({ tick, numerator, denominator }) => ({ tick, numerator, denominator }));
  if (kept.length === 0 || kept[0].tick !== 0) kept.unshift({ tick: 0, numerator: 4, denominator: 4 });
  return kept;
}

function isSameMeter(a: Meter, b: Meter): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

/** Moves every change of meter to the bar line at or after it; of changes that fall together the last stays. */
function delayMeters(meters: MeterChange[], ticksPerQuarter: number, config: TokenizerConfig): MeterChange[] {
  const barOf = (meter: Meter): number =>
    Math.trunc((ticksPerQuarter * 4) / meter.denominator) * meter.numerator;
  let bar = barOf(meters[0]);
  let previous = 0;
  let i = 0;
  while (i < meters.length) {
    const current = meters[i];
    if (i >= 1 && isSameMeter(current, meters[i - 1])) {
      meters.splice(i, 1);
      continue;
    }
    if (i >= 1 && current.tick < meters[i - 1].tick) current.tick = meters[i - 1].tick;
    const bars = Math.ceil((current.tick - previous) / bar);
    current.tick = previous + bars * bar;
    bar = barOf(current);
    previous = current.tick;
    if (i >= 1 && current.tick === meters[i - 1].tick) {
      meters.splice(i - 1, 1);
      if (i >= 2 && isSameMeter(meters[i - 1], meters[i - 2])) {
        meters.splice(i - 1, 1);
        bar = barOf(meters[i - 2]);
        previous = meters[i - 2].tick;
        i--;
      }
      continue;
    }
    i++;
  }
  const first = meters[0];
  if (config.deleteEqualSuccessiveTimeSigChanges && isSameMeter(first, { numerator: 4, denominator: 4 })) {
    first.tick = 0;
  } else if (first.tick !== 0) {
    meters.unshift({ tick: 0, numerator: 4, denominator: 4 });
  }
  return meters;
}

function resampleTrack(
  track: ScoreTrack,
  config: TokenizerConfig,
  time: (tick: number) => number,
  length: (ticks: number) => number,
): QuantisedTrack {
  const { notes } = track;
  const count = notes.length;
  const columns: NoteColumns = {
    starts: new Array<number>(count),
    durations: new Array<number>(count),
    pitches: new Array<number>(count),
    velocities: new Array<number>(count),
  };
  for (let i = 0; i < count; i++) {
    const note = notes[i];
    columns.starts[i] = time(note.start);
    columns.durations[i] = length(note.duration);
    columns.pitches[i] = note.pitch;
    columns.velocities[i] = note.velocity;
  }
  const pedals: SpanColumns = config.useSustainPedals ? pedalSpans(track) : { starts: [], durations: [] };
  const bends = config.usePitchBends ? track.pitchBends : [];
  return {
    program: track.isDrum ? -1 : track.program,
    notes: columns,
    pedals: { starts: pedals.starts.map(time), durations: pedals.durations.map(length) },
    bends: { starts: bends.map((bend) => time(bend.tick)), values: bends.map((bend) => bend.value) },
  };
}

/**
 * The pedal's spans from the track's controller 64, as symusic 0.6.0 reads them: on every channel but the
 * first it takes the pedal to be down from tick 0, so that the first span there begins at 0.
 */
function pedalSpans(track: ScoreTrack): SpanColumns {
  const starts: number[] = [];
  const durations: number[] = [];
  let down = track.channel === 0 ? -1 : 0;
  for (const { controller, tick, value } of track.controls) {
    if (controller !== 64) continue;
    if (value >= 64) {
      if (down < 0) down = tick;
    } else if (down >= 0) {
      starts.push(down);
      durations.push(tick - down);
      down = -1;
    }
  }
  return { starts, durations };
}

function isEmpty(track: QuantisedTrack): boolean {
  return track.notes.starts.length + track.pedals.starts.length + track.bends.starts.length === 0;
}

/** Tempos at their nearest token; of several at one tick the last stays; one is at tick 0. */
function quantiseTempos(
  tempos: Tempo[],
  context: QuantiseContext,
  steps: readonly Section[] | undefined,
): Tempo[] {
  const { config, defaultTempo, tempoMicroseconds } = context;
  const initial = { tick: 0, microsecondsPerQuarter: roundHalfUp(60_000_000 / defaultTempo) };
  if (tempos.length === 0) return [initial];
  const ticks = tempos.map((tempo) => tempo.tick);
  if (steps !== undefined) snapTimes(ticks, steps);
  const kept: { tick: number; microsecondsPerQuarter: number }[] = [];
  tempos.forEach((tempo, i) => {
    if (i + 1 < ticks.length && ticks[i + 1] === ticks[i]) return;
    const nearest = closestIndex(tempoMicroseconds, tempo.microsecondsPerQuarter);
    // symusic stores whole microseconds and cuts the rest off.
    const microsecondsPerQuarter = Math.trunc(tempoMicroseconds[nearest]);
    const last = kept[kept.length - 1];
    if (config.deleteEqualSuccessiveTempoChanges && last?.microsecondsPerQuarter === microsecondsPerQuarter)
      return;
    kept.push({ tick: ticks[i], microsecondsPerQuarter });
  });
  const first = kept[0];
  const isDefault = 60_000_000 / first.microsecondsPerQuarter === defaultTempo;
  if (config.deleteEqualSuccessiveTempoChanges && isDefault) first.tick = 0;
  else if (first.tick !== 0) kept.unshift(initial);
  return kept;
}

/** Of several keys at one tick the last stays; C major is at tick 0 where none is. */
function quantiseKeys(
  keys: { tick: number; key: number }[],
  steps: readonly Section[] | undefined,
): { tick: number; key: number }[] {
  const sorted = [...keys].sort((a, b) => a.tick - b.tick);
  const ticks = sorted.map((key) => key.tick);
  if (steps !== undefined) snapTimes(ticks, steps);
  const kept = sorted
    .map(({ key }, i) => ({ tick: ticks[i], key }))
    .filter(({ tick }, i) => i + 1 === ticks.length || ticks[i + 1] !== tick);
  if (kept.length === 0 || kept[0].tick !== 0) kept.unshift({ tick: 0, key: 0 });
  return kept;
}
