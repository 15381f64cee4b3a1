import type { Meter, Tempo, TimeSignature } from "../midi/index.js";
import type { TokenizerConfig } from "./config.js";
import type { MeterChange, QuantiseContext } from "./quantise.js";
import { closestIndex, roundHalfUp } from "./rounding.js";
import { type Section, snapTimes } from "./sections.js";

/** The changes of meter that the vocabulary has; 4/4 at tick 0 where none is there. */
export function keptMeters(
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
export function delayMeters(
  meters: readonly MeterChange[],
  ticksPerQuarter: number,
  config: TokenizerConfig,
): MeterChange[] {
  const barOf = (meter: Meter): number =>
    Math.trunc((ticksPerQuarter * 4) / meter.denominator) * meter.numerator;
  const delayed: MeterChange[] = [];
  let bar = barOf(meters[0]);
  let previous = 0;
  for (const meter of meters) {
    const last = delayed.at(-1);
    if (last !== undefined && isSameMeter(meter, last)) continue;
    const from = Math.max(meter.tick, last?.tick ?? 0);
    const tick = previous + Math.ceil((from - previous) / bar) * bar;
    bar = barOf(meter);
    previous = tick;
    if (tick === last?.tick) delayed.pop();
    const before = delayed.at(-1);
    if (tick === last?.tick && before !== undefined && isSameMeter(meter, before)) {
      bar = barOf(before);
      previous = before.tick;
    } else {
      delayed.push({ ...meter, tick });
    }
  }
  const first = delayed[0];
  if (config.deleteEqualSuccessiveTimeSigChanges && isSameMeter(first, { numerator: 4, denominator: 4 })) {
    first.tick = 0;
  } else if (first.tick !== 0) {
    delayed.unshift({ tick: 0, numerator: 4, denominator: 4 });
  }
  return delayed;
}

/** Tempos at their nearest token; of several at one tick the last stays; one is at tick 0. */
export function quantiseTempos(
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
export function quantiseKeys(
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
