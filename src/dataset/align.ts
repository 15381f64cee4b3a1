import type { Meter, Score } from "../midi/index.js";

const SIXTEENTHS_PER_QUARTER = 4;
/** Below middle C: where a bass tells the beat. */
const LOW_PITCH = 60;

/** How well onsets lie on a grid of 16th notes that begins at tick 0. */
export interface GridFit {
  /** Notes that were looked at. */
  readonly notes: number;
  /**
   * Mean distance of onsets to the nearest line of the grid, in 16ths: 0 is on the grid, 0.25 is chance, 0.5 is
   * midway between lines.
   */
  readonly meanDistance: number;
  /**
   * How much onsets agree on one place in a 16th, whether or not it is the grid's: the length of the mean of unit vectors
   * (Mardia & Jupp 2000, section 2.3), 1 for all the same and near 0 for none.
   */
  readonly resultant: number;
}

/** Where a score's own beats lie against its ticks. */
export interface OffsetEstimate {
  /** The first beat at or after tick 0 (the first bar line, where a meter was given), in ticks; a fraction counts. */
  readonly offsetTicks: number;
  /** What the offset was looked for within: a beat, or a bar where a meter was given. */
  readonly periodTicks: number;
  /** The fit before anything is moved. */
  readonly before: GridFit;
  /** The fit once the offset is taken away. */
  readonly after: GridFit;
  /** Share of the notes' weight that the chosen beat has among the four 16ths of a quarter: above 0.25, and the more the surer. */
  readonly beatShare: number;
}

/** Onsets further than this from the grid, on average and in 16ths, are off it; 0.25 is chance. */
const POOR_FIT = 0.1;

/** Whether a tokenizer on beats would hear another rhythm than the music has. */
export function isPoorFit({ meanDistance }: GridFit): boolean {
  return meanDistance > POOR_FIT;
}

/** The fit of a score's onsets to its own 16th grid. A score without notes fits. */
export function gridFit(score: Score): GridFit {
  const onsets = onsetsIn16ths(score);
  return fitAt(onsets, 0, circularMean(onsets).resultant);
}

/**
 * The constant offset of a score's beats from its ticks, for files whose tempo is right and whose first beat isn't at
 * tick 0, such as recordings to a click.
 *
 * Two steps. The place within a 16th is the circular mean of all onsets: each is an angle, once round in a 16th, and the
 * direction of the mean vector is the place (Mardia & Jupp 2000). Which of the four 16ths is the beat
 * shows in what begins there: each note counts by its duration to the power of 1.5 (to 4 quarters), and more the lower it
 * lies, since long notes and basses begin on beats. Given a meter, the bar line is chosen among the beats
 * by the same weights; that is less sure.
 *
 * @param meter the meter that holds throughout; absent: only beats are looked for
 */
export function estimateOffset(score: Score, meter?: Meter): OffsetEstimate {
  const onsets = onsetsIn16ths(score);
  const { direction: phase, resultant } = circularMean(onsets);
  const bar = meter === undefined ? undefined : barOf(meter);
  const period = bar?.length ?? SIXTEENTHS_PER_QUARTER;
  const weights = weightsWithin(score, phase, period);
  const beat = largest(weights.perBeat);
  let offset = phase + beat;
  if (bar !== undefined) {
    const first = beat % bar.step;
    const candidates = Array.from({ length: Math.floor(period / bar.step) }, (_, i) => first + i * bar.step);
    offset = phase + candidates[largest(candidates.map((place) => weights.perPeriod[place]))];
  }
  const ticks = score.ticksPerQuarter / SIXTEENTHS_PER_QUARTER;
  const all = weights.perBeat.reduce((sum, weight) => sum + weight, 0);
  return {
    offsetTicks: modulo(offset, period) * ticks,
    periodTicks: period * ticks,
    before: fitAt(onsets, 0, resultant),
    after: fitAt(onsets, phase, resultant),
    beatShare: all === 0 ? 0 : weights.perBeat[beat] / all,
  };
}

/** `value` brought into [0, period). */
export function modulo(value: number, period: number): number {
  const rest = ((value % period) + period) % period;
  return rest === period ? 0 : rest;
}

function onsetsIn16ths(score: Score): Float64Array {
  const count = score.tracks.reduce((sum, track) => sum + track.notes.length, 0);
  const onsets = new Float64Array(count);
  let at = 0;
  for (const track of score.tracks) {
    for (const note of track.notes) {
      onsets[at++] = (note.start * SIXTEENTHS_PER_QUARTER) / score.ticksPerQuarter;
    }
  }
  return onsets;
}

/** The mean of angles that go round once in 1. `direction` is in [0, 1). */
function circularMean(values: Float64Array): { readonly direction: number; readonly resultant: number } {
  let x = 0;
  let y = 0;
  for (const value of values) {
    const angle = 2 * Math.PI * value;
    x += Math.cos(angle);
    y += Math.sin(angle);
  }
  if (values.length === 0) return { direction: 0, resultant: 1 };
  return {
    direction: modulo(Math.atan2(y, x) / (2 * Math.PI), 1),
    resultant: Math.min(1, Math.hypot(x, y) / values.length),
  };
}

function fitAt(onsets: Float64Array, phase: number, resultant: number): GridFit {
  let distance = 0;
  for (const onset of onsets) distance += Math.abs(onset - phase - Math.round(onset - phase));
  return {
    notes: onsets.length,
    meanDistance: onsets.length === 0 ? 0 : distance / onsets.length,
    resultant,
  };
}

/** A bar's length, and how far apart its line may be looked for, in 16ths; none where it isn't a whole number of them. */
function barOf(meter: Meter): Bar | undefined {
  const beatLength = (4 * SIXTEENTHS_PER_QUARTER) / meter.denominator;
  const length = meter.numerator * beatLength;
  if (!Number.isInteger(beatLength) || length < SIXTEENTHS_PER_QUARTER) return undefined;
  // Where bars aren't whole quarters, their lines move against the quarters from bar to bar.
  return { length, step: Math.min(beatLength, SIXTEENTHS_PER_QUARTER) };
}

interface Bar {
  readonly length: number;
  readonly step: number;
}

/** Weights of what begins at each 16th of a quarter and of a period, both counted from the phase. */
function weightsWithin(
  score: Score,
  phase: number,
  period: number,
): { readonly perBeat: Float64Array; readonly perPeriod: Float64Array } {
  const perBeat = new Float64Array(SIXTEENTHS_PER_QUARTER);
  const perPeriod = new Float64Array(period);
  const sounding = score.tracks.filter((track) => track.notes.length > 0);
  const pitched = sounding.filter((track) => !track.isDrum);
  for (const track of pitched.length > 0 ? pitched : sounding) {
    for (const { start, duration, pitch } of track.notes) {
      const quarters = Math.min(4, duration / score.ticksPerQuarter);
      // A drum's length means nothing.
      const length = track.isDrum ? 1 : quarters * Math.sqrt(quarters);
      const weight = length * (1 + Math.max(0, LOW_PITCH - pitch) / 6);
      const at = Math.round((start * SIXTEENTHS_PER_QUARTER) / score.ticksPerQuarter - phase);
      perBeat[modulo(at, SIXTEENTHS_PER_QUARTER)] += weight;
      perPeriod[modulo(at, period)] += weight;
    }
  }
  return { perBeat, perPeriod };
}

/** Index of the largest value; of equal ones the first. */
function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
