import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  alignScore,
  alignToBeats,
  estimateOffset,
  gridFit,
  overrideTimeSignature,
  parseBeats,
  parseMeter,
  prepareScore,
  restoreOffset,
  shiftScore,
  withResolution,
} from "../../src/dataset/index.js";
import { type Note, type Score, type ScoreTrack, tempoMap } from "../../src/midi/index.js";

const TICKS = 480;

function track(notes: readonly Note[]): ScoreTrack {
  const controls = [{ tick: 0, controller: 7, value: 100 }];
  return { name: "", program: 0, isDrum: false, channel: 0, notes, controls, pitchBends: [] };
}

function scoreOf(notes: readonly Note[], more: Partial<Score> = {}): Score {
  return {
    ticksPerQuarter: TICKS,
    tempos: [{ tick: 0, microsecondsPerQuarter: 600_000 }],
    timeSignatures: [],
    keySignatures: [],
    texts: [],
    tracks: [track(notes)],
    ...more,
  };
}

/**
 * Music in 4/4 as it mostly is: a bass and a chord on the bar and a shorter one on its third beat, eighths and
 * sixteenths above, the whole `offset` ticks late. `errors` are how far each onset is off, in ticks.
 */
function song(bars: number, offset: number, errors: readonly number[] = [0]): Score {
  const notes: Note[] = [];
  let count = 0;
  const put = (sixteenth: number, length: number, pitch: number): void => {
    const error = errors[count++ % errors.length];
    notes.push({
      start: offset + sixteenth * (TICKS / 4) + error,
      duration: (length * TICKS) / 4,
      pitch,
      velocity: 80,
    });
  };
  for (let bar = 0; bar < bars; bar++) {
    const at = bar * 16;
    put(at, 8, 36);
    for (const pitch of [60, 64, 67]) put(at, 8, pitch);
    put(at + 8, 4, 43);
    for (const sixteenth of [0, 2, 3, 4, 6, 8, 10, 11, 12, 14, 15]) put(at + sixteenth, 1, 72);
  }
  notes.sort((a, b) => a.start - b.start);
  return scoreOf(notes);
}

const distance = (a: number, b: number, period: number): number => {
  const turns = (a - b) / period;
  return Math.abs(turns - Math.round(turns)) * period;
};

describe("gridFit", () => {
  it("measures how far onsets are from the nearest 16th", () => {
    // 120 ticks a 16th: 0, a quarter and half of it off.
    const at = (start: number): Note => ({ start, duration: 10, pitch: 60, velocity: 1 });
    expect(gridFit(scoreOf([at(0), at(240)]))).toEqual({ notes: 2, meanDistance: 0, resultant: 1 });
    expect(gridFit(scoreOf([at(30), at(330)])).meanDistance).toBeCloseTo(0.25, 12);
    // Unit vectors at 0° and 90°: their mean is √2/2 long.
    expect(gridFit(scoreOf([at(0), at(30)])).resultant).toBeCloseTo(Math.SQRT1_2, 12);
    expect(gridFit(scoreOf([at(0), at(60)])).resultant).toBeCloseTo(0, 12);
  });

  it("takes a score without notes for one that fits", () => {
    expect(gridFit(scoreOf([]))).toEqual({ notes: 0, meanDistance: 0, resultant: 1 });
  });
});

describe("estimateOffset", () => {
  const errors = fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 20, maxLength: 20 });

  it("finds the beat of music that is late by any offset, played with errors", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 * TICKS }), errors, (offset, off) => {
        const centred = off.map((error) => error - off.reduce((sum, each) => sum + each, 0) / off.length);
        const estimate = estimateOffset(song(8, offset, centred.map(Math.round)));
        expect(distance(estimate.offsetTicks, offset, TICKS)).toBeLessThan(4);
        expect(estimate.periodTicks).toBe(TICKS);
        expect(estimate.after.meanDistance).toBeLessThan(0.1);
      }),
    );
  });

  it("finds the bar line too, given the meter", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 * TICKS }), (offset) => {
        const estimate = estimateOffset(song(8, offset), { numerator: 4, denominator: 4 });
        expect(distance(estimate.offsetTicks, offset, 4 * TICKS)).toBeLessThan(1e-6);
        expect(estimate.periodTicks).toBe(4 * TICKS);
      }),
    );
  });

  it("says how the fit was and how it is without the offset", () => {
    const estimate = estimateOffset(song(4, 60));
    expect(estimate.before.meanDistance).toBeCloseTo(0.5, 12);
    expect(estimate.after.meanDistance).toBeCloseTo(0, 12);
    expect(estimate.beatShare).toBeGreaterThan(0.5);
  });

  it("gives an offset within a period for any score and meter", () => {
    const note = fc.record({
      start: fc.integer({ min: 0, max: 2 ** 28 }),
      duration: fc.integer({ min: 0, max: 2 ** 28 }),
      pitch: fc.integer({ min: 0, max: 127 }),
      velocity: fc.constant(1),
    });
    const meter = fc.record({
      numerator: fc.integer({ min: 1, max: 255 }),
      denominator: fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
    });
    fc.assert(
      fc.property(fc.array(note), fc.option(meter, { nil: undefined }), (notes, given) => {
        const sorted = notes.sort((a, b) => a.start - b.start);
        const { offsetTicks, periodTicks } = estimateOffset(scoreOf(sorted), given);
        expect(offsetTicks).toBeGreaterThanOrEqual(0);
        expect(offsetTicks).toBeLessThan(periodTicks);
      }),
    );
  });
});

describe("alignScore", () => {
  it("puts beats on whole quarters, and restoreOffset brings everything back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * TICKS }), (offset) => {
        const score = song(4, offset);
        const aligned = alignScore(score, estimateOffset(score, { numerator: 4, denominator: 4 }));
        expect(aligned.score.tracks[0].notes[0].start % (4 * TICKS)).toBe(0);
        expect(gridFit(aligned.score).meanDistance).toBe(0);
        expect(restoreOffset(aligned.score, aligned.shift)).toEqual(score);
      }),
    );
  });

  it("never cuts a note: what begins before the first beat moves later instead", () => {
    const pickup: Note = { start: 50, duration: 100, pitch: 60, velocity: 80 };
    const score = scoreOf([pickup, ...song(4, 480 * 2 + 100).tracks[0].notes]);
    const aligned = alignScore(score, { offsetTicks: 100, periodTicks: 480 });
    expect(aligned.shift).toEqual({ ticks: 380, ticksPerQuarter: 480 });
    expect(aligned.score.tracks[0].notes[0]).toEqual({ ...pickup, start: 430 });
  });

  it("leaves tempo, meter and controls of the beginning at the beginning", () => {
    const timeSignatures = [
      { tick: 0, numerator: 3, denominator: 4 },
      { tick: 1440, numerator: 4, denominator: 4 },
    ];
    const moved = shiftScore(scoreOf([], { timeSignatures }), 100);
    expect(moved.tempos.map((tempo) => tempo.tick)).toEqual([0]);
    expect(moved.tracks[0].controls.map((control) => control.tick)).toEqual([0]);
    expect(moved.timeSignatures.map((signature) => signature.tick)).toEqual([0, 1540]);
  });

  it("lets the last event hold of those that come to stand at one tick", () => {
    const tempos = [0, 50, 99].map((tick) => ({ tick, microsecondsPerQuarter: 500_000 + tick }));
    const moved = shiftScore(scoreOf([], { tempos }), -100);
    expect(moved.tempos).toEqual([{ tick: 0, microsecondsPerQuarter: 500_099 }]);
  });

  it("brings music of a coarser resolution back without loss", () => {
    const coarse = { ...scoreOf([{ start: 8, duration: 4, pitch: 60, velocity: 80 }]), ticksPerQuarter: 8 };
    const restored = restoreOffset(coarse, { ticks: -7, ticksPerQuarter: 480 });
    expect(restored.ticksPerQuarter).toBe(480);
    expect(restored.tracks[0].notes[0]).toMatchObject({ start: 487, duration: 240 });
    expect(withResolution(restored, 480)).toBe(restored);
  });
});

describe("alignToBeats", () => {
  it("puts each marked beat on a quarter and keeps how it sounds", () => {
    const gaps = fc.array(fc.integer({ min: 300, max: 900 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 3000 }), (milliseconds, first) => {
        // 600 ms a quarter of 480 ticks: 0.8 ticks a millisecond; whole ticks where the time is a multiple of 5 ms.
        const times = [5 * Math.round(first / 5)];
        for (const gap of milliseconds) times.push(times[times.length - 1] + 5 * Math.round(gap / 5));
        const notes = times.map((time) => ({ start: time * 0.8, duration: 40, pitch: 60, velocity: 80 }));
        const beats = times.map((time) => ({ seconds: time / 1000, startsBar: false }));
        const score = scoreOf(notes);
        const aligned = alignToBeats(score, beats);
        const starts = aligned.tracks[0].notes.map((note) => note.start);
        expect(starts.every((start) => start % TICKS === 0)).toBe(true);
        expect(starts.every((start, i) => i === 0 || start === starts[i - 1] + TICKS)).toBe(true);
        const map = tempoMap(aligned);
        const late = map.secondsAt(starts[0]) - times[0] / 1000;
        starts.forEach((start, i) => {
          expect(map.secondsAt(start) - times[i] / 1000).toBeCloseTo(late, 4);
        });
      }),
    );
  });

  it("puts marked bars on bar lines, given the meter", () => {
    const beats = Array.from({ length: 16 }, (_, i) => ({ seconds: 0.3 + i * 0.6, startsBar: i % 4 === 3 }));
    const notes = beats.map((beat) => ({ start: beat.seconds * 800, duration: 10, pitch: 60, velocity: 9 }));
    const aligned = alignToBeats(scoreOf(notes), beats, { numerator: 4, denominator: 4 });
    expect(aligned.timeSignatures).toEqual([{ tick: 0, numerator: 4, denominator: 4 }]);
    expect(aligned.tracks[0].notes[3].start % (4 * TICKS)).toBe(0);
  });

  it("reads beats as seconds with flags, the last of which marks bars", () => {
    expect(parseBeats("0.5 1.0 1.0\n1.25 0.0 0.0\n\n2 1 0\n")).toEqual([
      { seconds: 0.5, startsBar: true },
      { seconds: 1.25, startsBar: false },
      { seconds: 2, startsBar: false },
    ]);
    expect(parseBeats("0\n1")).toHaveLength(2);
  });

  it.each<readonly [string, RegExp]>([
    ["", /beats: 0; expected two or more/],
    ["1 1", /beats: 1; expected two or more/],
    ["1\n1", /line 2: 1; expected seconds that rise/],
    ["1\nx", /line 2: x/],
    ["-1\n2", /line 1: -1/],
    ["1\nInfinity", /line 2/],
  ])("refuses the beats %j", (text, message) => expect(() => parseBeats(text)).toThrow(message));
});

describe("prepareScore", () => {
  it("aligns to the bars of the meter that it is given, and puts that meter in place of the file's", () => {
    const timeSignatures = [{ tick: 0, numerator: 1, denominator: 4 }];
    const score = { ...song(4, 480 * 3 + 37), timeSignatures };
    const meter = parseMeter("4/4");
    const { score: prepared, shift } = prepareScore(score, { align: "offset", timeSignature: meter });
    expect(prepared.tracks[0].notes[0].start).toBe(0);
    expect(prepared.timeSignatures).toEqual([{ tick: 0, numerator: 4, denominator: 4 }]);
    expect(shift.ticks).toBe(-(480 * 3 + 37));
  });

  it("leaves a score as it is where nothing is asked for", () => {
    const score = song(1, 5);
    expect(prepareScore(score, { align: "none" })).toEqual({
      score,
      shift: { ticks: 0, ticksPerQuarter: TICKS },
    });
    const meter = { numerator: 3, denominator: 4 };
    const timed = prepareScore(score, { align: "none", timeSignature: meter }).score;
    expect(timed).toEqual(overrideTimeSignature(score, meter));
  });

  it("needs beats where they are to be followed", () => {
    expect(() => prepareScore(song(1, 0), { align: "beats" })).toThrow(/annotated beats/);
  });

  it.each(["", "4", "4/0", "0/4", "4/3", "4/4/4", "256/4", "4/256", "x/4"])(
    "refuses the meter %j",
    (text) => {
      expect(() => parseMeter(text)).toThrow(/time signature/);
    },
  );
});
