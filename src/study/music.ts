/**
 * A piece in a fixed number of voices, from high to low: `steps[step][voice]` is a MIDI pitch or −1, a step a 16th. A chorale has four;
 * of music without fixed voices it is the highest and the lowest note that sound.
 */
export type Steps = readonly (readonly number[])[];

/** Statistics of some pieces. Distributions add up to 1. */
export interface MusicStatistics {
  /** Sounding pitch classes, C first. */
  readonly pitchClasses: readonly number[];
  /** Steps of the voices from one pitch to the next, −13 (an octave or more down) to 13, repeated notes left out. */
  readonly intervals: readonly number[];
  /** Share of quarters that stand in the same piece before, all voices alike. */
  readonly repetition: number;
  /** Share of a voice's sounding steps outside of the range that it has in the training set. */
  readonly outOfRange: number;
  /** Share of steps in which a voice lies below one that should lie below it; absent for music without fixed voices. */
  readonly crossing?: number;
  /** Parallel fifths (and twelfths) between two voices, for each hundred changes of chord; absent likewise. */
  readonly parallelFifths?: number;
}

/** Lowest and highest pitch of each voice. */
export type Ranges = readonly { readonly low: number; readonly high: number }[];

const STEPS_PER_QUARTER = 4;
const WIDEST = 13;

export function voiceRanges(pieces: readonly Steps[]): Ranges {
  const voices = pieces.find((steps) => steps.length > 0)?.[0].length ?? 0;
  return Array.from({ length: voices }, (_, voice) => {
    const pitches = pieces.flatMap((steps) => steps.map((step) => step[voice]).filter((pitch) => pitch >= 0));
    return {
      low: pitches.reduce((a, b) => Math.min(a, b), 127),
      high: pitches.reduce((a, b) => Math.max(a, b), 0),
    };
  });
}

/** @param partWriting whether the voices are voices, so that crossing and fifths mean something */
export function musicStatistics(
  pieces: readonly Steps[],
  ranges: Ranges,
  partWriting = true,
): MusicStatistics {
  const pitchClasses = new Array<number>(12).fill(0);
  const intervals = new Array<number>(2 * WIDEST + 1).fill(0);
  let [sounding, outside, steps, crossed, changes, fifths, quarters, repeated] = new Array<number>(8).fill(0);
  for (const piece of pieces) {
    const seen = new Set<string>();
    for (let quarter = 0; quarter + STEPS_PER_QUARTER <= piece.length; quarter += STEPS_PER_QUARTER) {
      const text = piece.slice(quarter, quarter + STEPS_PER_QUARTER).join(" ");
      quarters++;
      if (seen.has(text)) repeated++;
      seen.add(text);
    }
    for (const [at, step] of piece.entries()) {
      const before = piece[at - 1];
      steps++;
      if (isCrossed(step)) crossed++;
      for (const [voice, pitch] of step.entries()) {
        if (pitch < 0) continue;
        sounding++;
        pitchClasses[pitch % 12]++;
        if (pitch < ranges[voice].low || pitch > ranges[voice].high) outside++;
        if (before === undefined || before[voice] < 0 || before[voice] === pitch) continue;
        intervals[Math.max(-WIDEST, Math.min(WIDEST, pitch - before[voice])) + WIDEST]++;
      }
      if (before === undefined || step.every((pitch, voice) => pitch === before[voice])) continue;
      changes++;
      fifths += parallelFifths(before, step);
    }
  }
  return {
    pitchClasses: shares(pitchClasses),
    intervals: shares(intervals),
    repetition: ratio(repeated, quarters),
    outOfRange: ratio(outside, sounding),
    ...(partWriting && {
      crossing: ratio(crossed, steps),
      parallelFifths: 100 * ratio(fifths, changes),
    }),
  };
}

/**
 * How far statistics are from others: total variation of distributions (0 to 1), absolute differences of the rest; NaN for what one of
 * them doesn't have.
 */
export function distances(
  found: MusicStatistics,
  real: MusicStatistics,
): Record<keyof MusicStatistics, number> {
  const variation = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, share, i) => sum + Math.abs(share - b[i]), 0) / 2;
  return {
    pitchClasses: variation(found.pitchClasses, real.pitchClasses),
    intervals: variation(found.intervals, real.intervals),
    repetition: Math.abs(found.repetition - real.repetition),
    outOfRange: Math.abs(found.outOfRange - real.outOfRange),
    crossing: Math.abs((found.crossing ?? Number.NaN) - (real.crossing ?? Number.NaN)),
    parallelFifths: Math.abs((found.parallelFifths ?? Number.NaN) - (real.parallelFifths ?? Number.NaN)),
  };
}

function isCrossed(step: readonly number[]): boolean {
  let lowest = 128;
  for (const pitch of step) {
    if (pitch < 0) continue;
    if (pitch > lowest) return true;
    lowest = pitch;
  }
  return false;
}

/** Pairs of voices that are a fifth apart before and after, and both move the same way. */
function parallelFifths(before: readonly number[], after: readonly number[]): number {
  let count = 0;
  for (let upper = 0; upper < before.length; upper++) {
    for (let lower = upper + 1; lower < before.length; lower++) {
      if ([before[upper], before[lower], after[upper], after[lower]].some((pitch) => pitch < 0)) continue;
      const isFifth = (chord: readonly number[]): boolean =>
        chord[upper] > chord[lower] && (chord[upper] - chord[lower]) % 12 === 7;
      const moves = [after[upper] - before[upper], after[lower] - before[lower]];
      if (isFifth(before) && isFifth(after) && moves[0] * moves[1] > 0) count++;
    }
  }
  return count;
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => ratio(count, total));
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
