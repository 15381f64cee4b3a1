import { roundHalfEven } from "./rounding.js";

/** A stretch of ticks over which a number holds: ticks in a beat, or ticks in a grid step. */
export interface Section {
  /** First tick of the stretch. */
  readonly start: number;
  /** First tick past it; infinite for the last. */
  readonly end: number;
  readonly value: number;
}

/** The stretches over which `numberAt(denominator)` stays the same. */
export function sectionsOf(
  meters: readonly { readonly tick: number; readonly denominator: number }[],
  numberAt: (denominator: number) => number,
): Section[] {
  const sections: { start: number; end: number; value: number }[] = [];
  for (const { tick, denominator } of meters) {
    const value = numberAt(denominator);
    const last = sections[sections.length - 1];
    if (last?.value === value) continue;
    if (last !== undefined) last.end = tick;
    sections.push({ start: last === undefined ? 0 : tick, end: Number.POSITIVE_INFINITY, value });
  }
  return sections;
}

/** Moves each of `times` (ascending) to the grid of its section, in place. */
export function snapTimes(times: number[], steps: readonly Section[]): void {
  let section = 0;
  for (let i = 0; i < times.length; i++) {
    while (times[i] >= steps[section].end) section++;
    times[i] = snap(times[i], steps[section]);
  }
}

/**
 * Moves starts and ends to the grids of their sections and makes durations of them again, in place. Where both
 * fall together the duration is one step.
 */
export function snapEnds(spans: { starts: number[]; durations: number[] }, steps: readonly Section[]): void {
  const { starts, durations } = spans;
  const ends = starts.map((start, i) => start + durations[i]);
  snapTimes(starts, steps);
  for (let i = 0; i < starts.length; i++) {
    const end = snap(ends[i], sectionAt(steps, ends[i]));
    const start = starts[i];
    durations[i] = end <= start ? sectionAt(steps, start).value : end - start;
  }
}

/** The section that holds at `tick`. */
export function sectionAt(sections: readonly Section[], tick: number): Section {
  let low = 0;
  let high = sections.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tick >= sections[middle].end) low = middle + 1;
    else high = middle;
  }
  return sections[low];
}

function snap(time: number, { start, value }: Section): number {
  return value === 1 ? time : roundHalfEven((time - start) / value) * value + start;
}
