import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barMap, notesEnd, scoreEnd, scoreFromMidi, tempoMap } from "../../src/midi/index.js";
import { scores } from "./arbitrary.js";
import { fileOf } from "./bytes.js";

describe("tempoMap", () => {
  const score = {
    ticksPerQuarter: 480,
    tempos: [
      { tick: 480, microsecondsPerQuarter: 1_000_000 },
      { tick: 960, microsecondsPerQuarter: 9 },
      { tick: 960, microsecondsPerQuarter: 250_000 },
    ],
  };

  it.each([
    [0, 0],
    [240, 0.25],
    [480, 0.5],
    [720, 1],
    [960, 1.5],
    [1920, 2],
  ])("puts tick %i at %d s", (tick, seconds) => {
    expect(tempoMap(score).secondsAt(tick)).toBe(seconds);
    expect(tempoMap(score).tickAt(seconds)).toBe(tick);
  });

  it("takes 120 quarters a minute where no tempo is given", () => {
    expect(tempoMap({ ticksPerQuarter: 96, tempos: [] }).secondsAt(96)).toBe(0.5);
  });

  it("goes there and back for any score, and never runs backwards", () => {
    fc.assert(
      fc.property(scores, fc.nat(10_000), fc.nat(10_000), (any, first, second) => {
        const { secondsAt, tickAt } = tempoMap(any);
        const [early, late] = [Math.min(first, second), Math.max(first, second)];
        expect(secondsAt(early)).toBeLessThanOrEqual(secondsAt(late));
        expect(tickAt(secondsAt(late))).toBeCloseTo(late, 3);
      }),
    );
  });
});

describe("barMap", () => {
  const score = {
    ticksPerQuarter: 480,
    timeSignatures: [
      { tick: 3840, numerator: 6, denominator: 8 },
      // Half a bar later: the 6/8 bar is cut short.
      { tick: 4560, numerator: 3, denominator: 4 },
      // Says what holds already: no new bar.
      { tick: 5000, numerator: 3, denominator: 4 },
    ],
  };

  it.each([
    [0, 0, 0],
    [1919, 0, 3 + 479 / 480],
    [1920, 1, 0],
    [3840, 2, 0],
    [4080, 2, 1],
    [4559, 2, 719 / 240],
    [4560, 3, 0],
    [5999, 3, 1439 / 480],
    [6000, 4, 0],
  ])("puts tick %i in bar %i at beat %d", (tick, bar, beat) => {
    expect(barMap(score).positionAt(tick)).toMatchObject({ bar, beat: expect.closeTo(beat, 9) });
  });

  it.each([
    [0, 0],
    [1, 1920],
    [2, 3840],
    [3, 4560],
    [4, 6000],
    [1000, 4560 + 997 * 1440],
  ])("starts bar %i at tick %i", (bar, tick) => {
    expect(barMap(score).barStart(bar)).toBe(tick);
  });

  it("takes the last of several signatures at a tick, and 4/4 where none is given", () => {
    const timeSignatures = [
      { tick: 0, numerator: 5, denominator: 8 },
      { tick: 0, numerator: 2, denominator: 2 },
    ];
    expect(barMap({ ticksPerQuarter: 10, timeSignatures }).positionAt(45)).toEqual({
      bar: 1,
      beat: 0.25,
      barStart: 40,
      ticksPerBar: 40,
      numerator: 2,
      denominator: 2,
    });
    expect(barMap({ ticksPerQuarter: 10, timeSignatures: [] }).barStart(1)).toBe(40);
  });

  it("starts no bar where several signatures at a tick end with the one that holds", () => {
    const timeSignatures = [
      { tick: 10, numerator: 3, denominator: 4 },
      { tick: 10, numerator: 4, denominator: 4 },
    ];
    expect(barMap({ ticksPerQuarter: 10, timeSignatures }).barStart(1)).toBe(40);
  });

  it("says of any tick of any score a bar that starts at or before it and isn't over", () => {
    fc.assert(
      fc.property(scores, fc.nat(10_000), (any, tick) => {
        const map = barMap(any);
        const { bar, barStart, ticksPerBar } = map.positionAt(tick);
        expect(map.barStart(bar)).toBeCloseTo(barStart, 6);
        expect(barStart).toBeLessThanOrEqual(tick);
        expect(barStart + ticksPerBar).toBeGreaterThan(tick);
        expect(map.barStart(bar + 1)).toBeGreaterThan(tick);
      }),
    );
  });

  it("counts the bars of a piece of millions of them without listing them", () => {
    const timeSignatures = [{ tick: 0, numerator: 1, denominator: 32768 }];
    expect(barMap({ ticksPerQuarter: 1, timeSignatures }).positionAt(2 ** 31 - 1).bar).toBe(
      (2 ** 31 - 1) * 8192,
    );
  });
});

describe("the end of a score", () => {
  it("is that of its last event, and of its last note", () => {
    const note = { channel: 0, pitch: 60, velocity: 1 };
    const score = scoreFromMidi(
      fileOf([
        [
          { kind: "noteOn", tick: 0, ...note },
          { kind: "noteOff", tick: 70, ...note },
          { kind: "control", tick: 90, channel: 0, controller: 1, value: 1 },
        ],
      ]),
    );
    expect([notesEnd(score), scoreEnd(score)]).toEqual([70, 90]);
    expect([notesEnd(scoreFromMidi(fileOf([]))), scoreEnd(scoreFromMidi(fileOf([])))]).toEqual([0, 0]);
  });
});
