import type { Score, TimeSignature } from "./score.js";
import { lastAtOrBefore } from "./tempo-map.js";

/** Ticks ⇄ bars and beats. Bars and beats count from 0. */
export interface BarMap {
  positionAt(tick: number): BarPosition;
  /** The tick at which a bar starts. It has a fraction where the resolution is too coarse for the meter. */
  barStart(bar: number): number;
}

/** Where a tick lies in its bar. */
export interface BarPosition {
  readonly bar: number;
  /** Beats since the bar's start, with a fraction; a beat is what the denominator says. */
  readonly beat: number;
  /** The tick at which the bar starts (see `BarMap.barStart`). */
  readonly barStart: number;
  /** The length of a full bar of this meter. */
  readonly ticksPerBar: number;
  readonly numerator: number;
  readonly denominator: number;
}

interface Stretch extends TimeSignature {
  readonly bar: number;
  readonly ticksPerBar: number;
}

/**
 * The bars of a score. 4/4 holds until the first time signature. A time signature starts a new bar: the one
 * before is cut short if need be. One that says what holds already changes nothing; of several at one tick the
 * last counts. Takes no memory per bar: a file of thirty bytes can have millions.
 */
export function barMap(score: Pick<Score, "ticksPerQuarter" | "timeSignatures">): BarMap {
  const stretchOf = (signature: TimeSignature, bar: number): Stretch => {
    const ticksPerBar = (score.ticksPerQuarter * 4 * signature.numerator) / signature.denominator;
    return { ...signature, bar, ticksPerBar };
  };
  const stretches = [stretchOf({ tick: 0, numerator: 4, denominator: 4 }, 0)];
  score.timeSignatures.forEach((signature, index) => {
    if (score.timeSignatures[index + 1]?.tick === signature.tick) return;
    const last = stretches[stretches.length - 1];
    if (signature.numerator === last.numerator && signature.denominator === last.denominator) return;
    if (signature.tick === last.tick) stretches.pop();
    const bars = Math.ceil((signature.tick - last.tick) / last.ticksPerBar);
    stretches.push(stretchOf(signature, last.bar + bars));
  });
  return {
    positionAt(tick) {
      const stretch = lastAtOrBefore(stretches, (each) => each.tick <= tick);
      const { ticksPerBar, numerator, denominator } = stretch;
      const bars = Math.floor((tick - stretch.tick) / ticksPerBar);
      const barStart = stretch.tick + bars * ticksPerBar;
      const beat = ((tick - barStart) * numerator) / ticksPerBar;
      return { bar: stretch.bar + bars, beat, barStart, ticksPerBar, numerator, denominator };
    },
    barStart(bar) {
      const stretch = lastAtOrBefore(stretches, (each) => each.bar <= bar);
      return stretch.tick + (bar - stretch.bar) * stretch.ticksPerBar;
    },
  };
}
