import { describe, expect, it } from "vitest";
import { cutAt, findSeam } from "../../src/generate/index.js";
import type { Score } from "../../src/midi/index.js";
import { note, QUARTER, score, track } from "./scores.js";

const bar = 4 * QUARTER;
const withNotes = (...notes: Parameters<typeof note>[]): Score =>
  score([track(notes.map((n) => note(...n)))]);

describe("the seam of a score", () => {
  it.each<[string, Score, number]>([
    ["is the bar line at which its last note ends", withNotes([0, 4, 60], [4, 4, 62]), 2],
    ["is the next bar line behind a last note inside a bar", withNotes([0, 4, 60], [4, 1, 62]), 2],
    ["comes behind a last note that rings over bar lines", withNotes([0, 9, 60]), 3],
    ["isn't moved by a note that ends a hair behind the bar line", withNotes([0, 4.05, 60]), 1],
    ["is moved by a short note that begins the bar", withNotes([0, 4, 60], [4, 0.05, 62]), 2],
    ["is behind the first bar at the earliest", withNotes([0, 0.01, 60]), 1],
  ])("%s", (_, prompt, bars) => {
    expect(findSeam(prompt)).toEqual({ tick: bars * bar, bars, barsThere: bars });
  });

  it("is behind as many bars as are asked for, and no more than there are", () => {
    const prompt = withNotes([0, 4, 60], [4, 4, 62], [8, 4, 64]);
    expect(findSeam(prompt, 2)).toEqual({ tick: 2 * bar, bars: 2, barsThere: 3 });
    expect(findSeam(prompt, 9)).toEqual({ tick: 3 * bar, bars: 3, barsThere: 3 });
  });

  it("follows meters", () => {
    const waltz = score([track([note(0, 3, 60), note(3, 3, 62), note(6, 4, 64), note(10, 1, 65)])], {
      timeSignatures: [
        { tick: 0, numerator: 3, denominator: 4 },
        { tick: 6 * QUARTER, numerator: 2, denominator: 2 },
      ],
    });
    expect(findSeam(waltz, 1).tick).toBe(3 * QUARTER);
    expect(findSeam(waltz).tick).toBe(14 * QUARTER);
  });
});

describe("a cut score", () => {
  it("has what comes before the seam, as it was, and nothing of what comes behind", () => {
    const whole = score(
      [
        track([note(0, 4, 60), note(3, 4, 64), note(4, 4, 62)], {
          controls: [{ tick: 5 * QUARTER, controller: 7, value: 9 }],
        }),
      ],
      {
        tempos: [
          { tick: 0, microsecondsPerQuarter: 500_000 },
          { tick: bar, microsecondsPerQuarter: 900_000 },
        ],
        texts: [
          { tick: 0, kind: "copyright", text: "mine" },
          { tick: 2 * bar, kind: "marker", text: "B" },
        ],
      },
    );
    const cut = cutAt(whole, bar);
    expect(cut.tracks[0].notes).toEqual([note(0, 4, 60), note(3, 4, 64)]);
    expect(cut.tracks[0].controls).toEqual([]);
    expect(cut.tempos).toEqual([{ tick: 0, microsecondsPerQuarter: 500_000 }]);
    expect(cut.texts).toEqual([{ tick: 0, kind: "copyright", text: "mine" }]);
  });

  it("leaves out a note that begins a hair before the seam: it belongs to the bar behind", () => {
    const early = withNotes([0, 4, 60], [3.97, 4, 62]);
    expect(cutAt(early, bar).tracks[0].notes).toEqual([note(0, 4, 60)]);
  });

  it("lifts pedals that are down and lets go of a bend at the seam", () => {
    const held = score([
      track([note(0, 4, 60)], {
        controls: [
          { tick: 10, controller: 64, value: 127 },
          { tick: 20, controller: 66, value: 127 },
          { tick: 30, controller: 66, value: 0 },
          { tick: 40, controller: 7, value: 90 },
          { tick: bar + 5, controller: 64, value: 0 },
        ],
        pitchBends: [{ tick: 50, value: 800 }],
      }),
    ]);
    const [cut] = cutAt(held, bar).tracks;
    expect(cut.controls.slice(4)).toEqual([{ tick: bar, controller: 64, value: 0 }]);
    expect(cut.controls).toHaveLength(5);
    expect(cut.pitchBends).toEqual([
      { tick: 50, value: 800 },
      { tick: bar, value: 0 },
    ]);
  });
});
