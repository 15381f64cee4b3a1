import fc from "fast-check";
import type { Note, Score, ScoreTrack } from "../../src/midi/index.js";

/** A score at 480 ticks a quarter with one track for each list of `[start, duration, pitch]`. */
export function scoreOf(
  tracks: readonly (Partial<ScoreTrack> & { readonly at?: readonly (readonly [number, number, number])[] })[],
  score: Partial<Score> = {},
): Score {
  return {
    ticksPerQuarter: 480,
    tempos: [],
    timeSignatures: [],
    keySignatures: [],
    texts: [],
    ...score,
    tracks: tracks.map(({ at = [], ...track }, channel) => ({
      name: "",
      program: 0,
      isDrum: false,
      channel,
      notes: at.map(([start, duration, pitch]): Note => ({ start, duration, pitch, velocity: 80 })),
      controls: [],
      pitchBends: [],
      ...track,
    })),
  };
}

const notes: fc.Arbitrary<Note[]> = fc
  .array(
    fc.record({
      start: fc.oneof(fc.nat(20_000), fc.nat(2 ** 28)),
      duration: fc.nat(5000),
      pitch: fc.nat(127),
      velocity: fc.integer({ min: 1, max: 127 }),
    }),
    { maxLength: 20 },
  )
  .map((each) => each.toSorted((one, other) => one.start - other.start));

/** Scores of any shape that the types allow. */
export const anyScore: fc.Arbitrary<Score> = fc
  .record({
    ticksPerQuarter: fc.integer({ min: 1, max: 32_767 }),
    meter: fc.option(
      fc.record({ tick: fc.nat(4000), numerator: fc.integer({ min: 1, max: 255 }), exponent: fc.nat(7) }),
    ),
    tracks: fc.array(fc.record({ name: fc.string({ unit: "binary" }), isDrum: fc.boolean(), notes }), {
      maxLength: 4,
    }),
  })
  .map(({ ticksPerQuarter, meter, tracks }) =>
    scoreOf(tracks, {
      ticksPerQuarter,
      timeSignatures:
        meter === null
          ? []
          : [{ tick: meter.tick, numerator: meter.numerator, denominator: 2 ** meter.exponent }],
    }),
  );
