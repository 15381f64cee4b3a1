import { invalid } from "../errors.js";
import { type Meter, type Score, type ScoreTrack, scoreEnd, type Tempo } from "../midi/index.js";
import type { TokenizerConfig } from "./config.js";
import { delayMeters, keptMeters, quantiseKeys, quantiseTempos } from "./quantise-globals.js";
import { mergePrograms, quantiseBends, quantiseNotes, quantisePedals } from "./quantise-tracks.js";
import { roundHalfUp } from "./rounding.js";
import { type Section, sectionsOf } from "./sections.js";
import type { TickTable } from "./time-grid.js";
import type { TokenTables } from "./token-tables.js";

/**
 * A file of a few bytes can place a note at tick 2²⁸, and each bar up to it would be written. Real music stays far
 * below: this is more than 36 hours at 120 quarters a minute.
 */
const MOST_QUARTERS = 2 ** 18;

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
  const quarters = scoreEnd(score) / score.ticksPerQuarter;
  if (quarters > MOST_QUARTERS) {
    throw invalid("score", `${Math.ceil(quarters)} quarters long`, `at most ${MOST_QUARTERS}`);
  }
  const kept = keptMeters(score.timeSignatures, context);
  const finestDenominator = config.useTimeSignatures
    ? Math.max(...kept.map((meter) => meter.denominator))
    : 4;
  const ticksPerQuarter = (context.finest * finestDenominator) / 4;
  if (!Number.isInteger(ticksPerQuarter)) {
    const found = `no meter finer than /${finestDenominator}, in which ${context.finest} positions a beat are no grid`;
    throw invalid("score", found, "beat_res with a resolution that is a multiple of 4");
  }
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
