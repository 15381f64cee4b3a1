import type { Tempo, TimeSignature } from "../midi/index.js";
import type { TokenizerConfig } from "./config.js";
import type { MeterChange, QuantiseContext } from "./quantise.js";
import { closestIndex, roundHalfUp } from "./rounding.js";
import { type Section, snapTimes } from "./sections.js";
import type { Meter } from "./token-tables.js";

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
  meters: MeterChange[],
  ticksPerQuarter: number,
  config: TokenizerConfig,
): MeterChange[] {
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
