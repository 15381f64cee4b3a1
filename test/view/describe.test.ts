import { describe, expect, it } from "vitest";
import { describeScore, keyName, pitchName, trackLabel } from "../../src/view/index.js";
import { scoreOf } from "./scores.js";

describe("describeScore", () => {
  it("says what is in a score", () => {
    const score = scoreOf(
      [
        {
          name: "Tune",
          program: 73,
          at: [
            [0, 480, 60],
            [240, 480, 64],
            [480, 960, 67],
          ],
          controls: [{ tick: 0, controller: 64, value: 127 }],
          pitchBends: [{ tick: 0, value: 0 }],
        },
        { isDrum: true, channel: 9, at: [[1440, 0, 36]] },
        { program: 40 },
      ],
      {
        tempos: [
          { tick: 0, microsecondsPerQuarter: 1_000_000 },
          { tick: 480, microsecondsPerQuarter: 1_000_000 },
          { tick: 1440, microsecondsPerQuarter: 400_000 },
        ],
        timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }],
        keySignatures: [{ tick: 0, sharps: -3, minor: true }],
        texts: [{ tick: 0, kind: "text", text: "x" }],
      },
    );
    expect(describeScore(score)).toEqual({
      ticksPerQuarter: 480,
      // The drum at the second bar line has no length, and is heard and seen there.
      bars: 2,
      seconds: 3,
      notes: 4,
      tempos: [
        { bar: 1, quartersPerMinute: 60 },
        { bar: 2, quartersPerMinute: 150 },
      ],
      meters: [{ bar: 1, meter: "3/4" }],
      keys: [{ bar: 1, key: "C minor" }],
      texts: 1,
      tracks: [
        {
          name: "Tune",
          program: 73,
          instrument: "Flute",
          isDrum: false,
          channel: 1,
          notes: 3,
          lowestPitch: 60,
          highestPitch: 67,
          // The first note ends as the third begins.
          polyphony: 2,
          controls: 1,
          pitchBends: 1,
        },
        {
          name: "Drums",
          program: 0,
          instrument: "Drums",
          isDrum: true,
          channel: 10,
          notes: 1,
          lowestPitch: 36,
          highestPitch: 36,
          polyphony: 1,
          controls: 0,
          pitchBends: 0,
        },
        {
          name: "Violin",
          program: 40,
          instrument: "Violin",
          isDrum: false,
          channel: 3,
          notes: 0,
          lowestPitch: undefined,
          highestPitch: undefined,
          polyphony: 0,
          controls: 0,
          pitchBends: 0,
        },
      ],
    });
  });

  it("says what holds by default, and where a later tempo and meter begin", () => {
    const later = describeScore(
      scoreOf([{ at: [[0, 5760, 60]] }], {
        tempos: [{ tick: 1920, microsecondsPerQuarter: 600_000 }],
        timeSignatures: [
          { tick: 1920, numerator: 2, denominator: 4 },
          { tick: 1920, numerator: 6, denominator: 8 },
        ],
      }),
    );
    expect(later.tempos).toEqual([
      { bar: 1, quartersPerMinute: 120 },
      { bar: 2, quartersPerMinute: 100 },
    ]);
    expect(later.meters).toEqual([
      { bar: 1, meter: "4/4" },
      { bar: 2, meter: "6/8" },
    ]);
    // 4 quarters at 120 and 8 at 100; one bar of 4/4 and 3840 / 1440 bars of 6/8.
    expect(later.seconds).toBeCloseTo(2 + 4.8, 10);
    expect(later.bars).toBe(4);
  });

  it("counts nothing in an empty score", () => {
    expect(describeScore(scoreOf([]))).toMatchObject({ bars: 0, seconds: 0, notes: 0, tracks: [] });
  });
});

describe("names", () => {
  it.each([
    [0, "C-1"],
    [21, "A0"],
    [60, "C4"],
    [61, "C#4"],
    [127, "G9"],
  ])("names pitch %i %s", (pitch, name) => {
    expect(pitchName(pitch)).toBe(name);
  });

  it.each([
    [0, false, "C major"],
    [1, true, "E minor"],
    [-7, false, "Cb major"],
    [-7, true, "Ab minor"],
    [7, false, "C# major"],
    [7, true, "A# minor"],
  ])("names the key of %i sharps, minor %s: %s", (sharps, minor, name) => {
    expect(keyName({ sharps, minor })).toBe(name);
  });

  it("makes track names safe to print", () => {
    expect(trackLabel({ name: " \x1b[31mLead\n\u202E\t1 ", program: 0, isDrum: false })).toBe("[31mLead 1");
    expect(trackLabel({ name: "\x07", program: 0, isDrum: true })).toBe("Drums");
  });
});
