import type { Score } from "./score.js";

/** What holds until a score's first tempo: 120 quarters a minute (SMF 1.0, "Track chunks"). */
export const DEFAULT_MICROSECONDS_PER_QUARTER = 500_000;

/** Ticks ⇄ seconds. */
export interface TempoMap {
  /** Seconds from the start of the score to `tick`; fractions of a tick count. */
  secondsAt(tick: number): number;
  /** The tick, with its fraction, that sounds `seconds` after the start: the opposite of `secondsAt`. */
  tickAt(seconds: number): number;
}

interface Stretch {
  readonly tick: number;
  readonly seconds: number;
  readonly secondsPerTick: number;
}

/**
 * The tempo map of a score. Each tempo holds until the next; of several at one tick the last one counts.
 *
 * @example tempoMap(score).secondsAt(notesEnd(score)) // how long the piece lasts
 */
export function tempoMap(score: Pick<Score, "ticksPerQuarter" | "tempos">): TempoMap {
  const ticksPerSecondUnit = score.ticksPerQuarter * 1e6;
  const stretches: Stretch[] = [
    { tick: 0, seconds: 0, secondsPerTick: DEFAULT_MICROSECONDS_PER_QUARTER / ticksPerSecondUnit },
  ];
  // Summed as whole numbers and divided once: no error piles up over thousands of tempos.
  let elapsed = 0;
  let running = DEFAULT_MICROSECONDS_PER_QUARTER;
  let last = 0;
  for (const { tick, microsecondsPerQuarter } of score.tempos) {
    elapsed += (tick - last) * running;
    running = microsecondsPerQuarter;
    last = tick;
    stretches.push({
      tick,
      seconds: elapsed / ticksPerSecondUnit,
      secondsPerTick: running / ticksPerSecondUnit,
    });
  }
  return {
    secondsAt(tick) {
      const stretch = lastAtOrBefore(stretches, (each) => each.tick <= tick);
      return stretch.seconds + (tick - stretch.tick) * stretch.secondsPerTick;
    },
    tickAt(seconds) {
      const stretch = lastAtOrBefore(stretches, (each) => each.seconds <= seconds);
      return stretch.tick + (seconds - stretch.seconds) / stretch.secondsPerTick;
    },
  };
}

/** The last of `items`, which are in order, for which `isBefore` holds; the first one if it holds for none. */
export function lastAtOrBefore<Item>(items: readonly Item[], isBefore: (item: Item) => boolean): Item {
  let low = 0;
  let high = items.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isBefore(items[middle])) low = middle;
    else high = middle;
  }
  return items[low];
}
