import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barMap, type Score } from "../../src/midi/index.js";
import { gridLines } from "../../src/player/grid.js";
import { noteIndexOf } from "../../src/player/note-index.js";
import { firstDifference, pieceOf } from "../../src/player/piece.js";
import { RollLayout } from "../../src/player/roll-layout.js";
import { rowsOf } from "../../src/player/rows.js";
import {
  clampViewport,
  followViewport,
  initialViewport,
  tickAtX,
  xOfTick,
  zoomViewport,
} from "../../src/player/viewport.js";
import { scoreOf } from "../view/scores.js";

const extent = { ticks: 19_200, ticksPerQuarter: 480 };

describe("the viewport", () => {
  it("shows a short piece whole, and a long one from its start at a readable size", () => {
    expect(initialViewport({ ticks: 1920, ticksPerQuarter: 480 }, 800)).toEqual({
      width: 800,
      pixelsPerTick: 800 / 1920,
      left: 0,
    });
    expect(initialViewport({ ticks: 480_000, ticksPerQuarter: 480 }, 800).pixelsPerTick).toBe(36 / 480);
  });

  it("gives back the tick of a pixel, and the pixel of a tick", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 19_000, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 800 }),
        (left, pixelsPerTick, x) => {
          const view = { width: 800, pixelsPerTick, left };
          expect(xOfTick(view, tickAtX(view, x))).toBeCloseTo(x, 6);
        },
      ),
    );
  });

  it("zooms around a pixel: what stood there stays there, where the piece's ends allow it", () => {
    const view = { width: 800, pixelsPerTick: 0.2, left: 8000 };
    for (const x of [0, 300, 799]) {
      const closer = zoomViewport(extent, view, 2, x);
      expect(closer.pixelsPerTick).toBeCloseTo(0.4, 12);
      expect(tickAtX(closer, x)).toBeCloseTo(tickAtX(view, x), 6);
    }
  });

  it("never leaves the piece", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
        (left, pixelsPerTick) => {
          const view = clampViewport(extent, { width: 800, pixelsPerTick, left });
          expect(view.left).toBeGreaterThanOrEqual(0);
          expect(tickAtX(view, 800)).toBeLessThanOrEqual(extent.ticks + 1e-6);
          expect(view.pixelsPerTick).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("glides with the playhead, or turns pages", () => {
    const view = { width: 800, pixelsPerTick: 0.5, left: 0 };
    expect(xOfTick(followViewport(extent, view, 4000, "smooth"), 4000)).toBeCloseTo(280, 6);
    expect(followViewport(extent, view, 100, "smooth").left).toBe(0);
    expect(followViewport(extent, view, 1400, "page")).toBe(view);
    expect(xOfTick(followViewport(extent, view, 1500, "page"), 1500)).toBeCloseTo(64, 6);
  });
});

describe("the grid", () => {
  const lines = (score: Partial<Score>, from: number, to: number, scale: number) =>
    gridLines(barMap({ ticksPerQuarter: 480, timeSignatures: [], ...score }), from, to, scale);

  it("has bars with numbers, and beats where there is room", () => {
    expect(lines({}, 0, 3840, 0.05)).toEqual([
      { tick: 0, kind: "bar", label: "1" },
      { tick: 480, kind: "beat" },
      { tick: 960, kind: "beat" },
      { tick: 1440, kind: "beat" },
      { tick: 1920, kind: "bar", label: "2" },
      { tick: 2400, kind: "beat" },
      { tick: 2880, kind: "beat" },
      { tick: 3360, kind: "beat" },
    ]);
  });

  it("thins out evenly where bars crowd, whichever part is asked for", () => {
    const all = lines({}, 0, 1920 * 64, 1 / 640);
    expect(all.map(({ tick }) => tick / 1920)).toEqual([
      0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60,
    ]);
    expect(all.filter(({ label }) => label !== undefined).map(({ label }) => label)).toEqual([
      "1",
      "17",
      "33",
      "49",
    ]);
    const parts = [0, 13, 26, 39, 52].flatMap((bar) => lines({}, bar * 1920, (bar + 13) * 1920, 1 / 640));
    expect(parts.filter(({ tick }) => tick < 1920 * 64)).toEqual(all);
  });

  it("follows the meters", () => {
    const timeSignatures = [
      { tick: 0, numerator: 3, denominator: 4 },
      { tick: 2880, numerator: 6, denominator: 8 },
    ];
    const bars = lines({ timeSignatures }, 0, 5761, 0.05).filter(({ kind }) => kind === "bar");
    expect(bars.map(({ tick }) => tick)).toEqual([0, 1440, 2880, 4320, 5760]);
    const beats = lines({ timeSignatures }, 2880, 4320, 0.07).filter(({ kind }) => kind === "beat");
    expect(beats.map(({ tick }) => tick)).toEqual([3120, 3360, 3600, 3840, 4080]);
  });

  it("stays short for any meters that a file can hold", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            tick: fc.integer({ min: 0, max: 20_000 }),
            numerator: fc.integer({ min: 1, max: 255 }),
            denominator: fc.integer({ min: 0, max: 255 }).map((power) => 2 ** power),
          }),
          { maxLength: 6 },
        ),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (signatures, scale) => {
          const timeSignatures = signatures.sort((a, b) => a.tick - b.tick);
          const found = lines({ timeSignatures }, 0, 800 / scale, scale);
          expect(found.length).toBeLessThan(800 / 9 + 7 + 800 / 14 + 2);
          expect(found.every(({ tick }) => Number.isFinite(tick))).toBe(true);
        },
      ),
    );
  });
});

describe("the lines of pitches", () => {
  it("are two octaves at least, with air around the notes", () => {
    const { list, rowOf } = rowsOf(scoreOf([{ at: [[0, 1, 60]] }]));
    expect(list.length).toBe(24);
    expect(list[rowOf(false, 60)]).toEqual({ kind: "pitch", pitch: 60, name: "C4", isBlackKey: false });
    expect(list[rowOf(false, 61)]).toMatchObject({ name: "C#4", isBlackKey: true });
  });

  it("end with the keyboard of MIDI", () => {
    const { list } = rowsOf(
      scoreOf([
        {
          at: [
            [0, 1, 0],
            [0, 1, 127],
          ],
        },
      ]),
    );
    expect([list.length, list[0].pitch, list[127].pitch]).toEqual([128, 127, 0]);
  });

  it("have the drums that are played below them", () => {
    const score = scoreOf([
      { at: [[0, 1, 60]] },
      {
        isDrum: true,
        at: [
          [0, 1, 36],
          [5, 1, 42],
          [9, 1, 99],
        ],
      },
    ]);
    const { list, rowOf } = rowsOf(score);
    expect(list.slice(24).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "gap ",
      "drum Drum 99",
      "drum Hi-hat",
      "drum Kick",
    ]);
    expect(rowOf(true, 36)).toBe(27);
    expect(rowOf(true, 60)).toBe(-1);
  });
});

const notes = fc.array(fc.tuple(fc.nat(5000), fc.nat(3000), fc.integer({ min: 30, max: 90 })), {
  maxLength: 300,
});

describe("the index of notes", () => {
  it("finds what sounds in a window, as looking at each note does", () => {
    fc.assert(
      fc.property(notes, notes, fc.nat(6000), fc.integer({ min: 1, max: 2000 }), (one, two, from, length) => {
        const byStart = (list: typeof one) => [...list].sort((a, b) => a[0] - b[0]);
        const score = scoreOf([{ at: byStart(one) }, { at: byStart(two) }]);
        const index = noteIndexOf(score, rowsOf(score));
        const found: string[] = [];
        index.forEachIn(from, from + length, (each) => {
          const { track, index: place } = index.reference(each);
          expect(index.indexOf(track, place)).toBe(each);
          found.push(`${track} ${place}`);
        });
        const expected = score.tracks.flatMap(({ notes }, track) =>
          notes.flatMap(({ start, duration }, place) =>
            start < from + length && start + Math.max(1, duration) > from ? [`${track} ${place}`] : [],
          ),
        );
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  it("is ordered by start, the first track first", () => {
    const score = scoreOf([
      { at: [[480, 1, 60]] },
      {
        at: [
          [0, 1, 62],
          [480, 1, 64],
        ],
      },
    ]);
    const index = noteIndexOf(score, rowsOf(score));
    expect([0, 1, 2].map((each) => index.reference(each).note.pitch)).toEqual([62, 60, 64]);
    expect(index.firstFrom(1)).toBe(1);
    expect(index.indexOf(5, 0)).toBe(-1);
  });
});

describe("the roll's layout", () => {
  const piece = pieceOf(
    scoreOf([
      {
        at: [
          [0, 480, 60],
          [480, 480, 64],
        ],
      },
      { isDrum: true, at: [[960, 5, 38]] },
    ]),
  );
  const layout = new RollLayout(piece);
  layout.resize(800, 300);
  const middleOf = (track: number, place: number) => {
    const index = piece.notes.indexOf(track, place);
    const start = piece.notes.start[index];
    return {
      index,
      x: xOfTick(layout.view, track === 1 ? start : start + 240),
      y: (piece.notes.row[index] + 0.5) * layout.rowHeight - layout.top,
    };
  };

  it("knows which note lies at a place", () => {
    for (const [track, place] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ]) {
      const { index, x, y } = middleOf(track, place);
      expect(layout.noteAt(x, y), `${track} ${place}`).toBe(index);
      expect(layout.noteAt(x, y + 1.9 * layout.rowHeight)).toBeUndefined();
    }
    const { index, x, y } = middleOf(0, 1);
    expect(layout.noteAt(xOfTick(layout.view, 960) + 2, y)).toBe(index);
    expect(layout.noteAt(x, y - layout.rowHeight / 2 - 1)).toBe(index);
  });

  it("finds the nearest beat", () => {
    expect(layout.beatAt(xOfTick(layout.view, 700))).toBe(480);
    expect(layout.beatAt(xOfTick(layout.view, 730))).toBe(960);
  });

  it("keeps the view when the piece grows, and its whole when that was seen", () => {
    const long = pieceOf(
      scoreOf([{ at: Array.from({ length: 64 }, (_, beat) => [beat * 480, 480, 60] as const) }]),
    );
    const grown = new RollLayout(long);
    grown.resize(400, 300);
    grown.scrollTo(4800);
    const before = grown.view;
    const longer = pieceOf(
      scoreOf([{ at: Array.from({ length: 128 }, (_, beat) => [beat * 480, 480, 60] as const) }]),
    );
    grown.setPiece(longer, true);
    expect(grown.view).toEqual(before);
    grown.fit();
    grown.setPiece(long, true);
    expect(grown.isFit).toBe(true);
    grown.setPiece(longer, false);
    expect(grown.view.left).toBe(0);
  });

  it("scrolls lines only where they don't fit", () => {
    expect(layout.isTall).toBe(false);
    expect(layout.canScrollDown(10)).toBe(false);
    layout.zoomPitches(2);
    expect(layout.isTall).toBe(true);
    expect(layout.canScrollDown(10)).toBe(true);
    layout.scrollBy(0, 1e6);
    expect(layout.top).toBeCloseTo(piece.rows.list.length * layout.rowHeight - 300, 6);
  });
});

describe("two pieces", () => {
  const bars = (count: number, pitch = 60) =>
    pieceOf(scoreOf([{ at: Array.from({ length: count }, (_, bar) => [bar * 1920, 1920, pitch] as const) }]));

  it("differ from the first note that isn't in both", () => {
    expect(firstDifference(bars(4), bars(6))).toBe(4 * 1920);
    expect(firstDifference(bars(6), bars(4))).toBe(4 * 1920);
    expect(firstDifference(bars(4), bars(4))).toBe(Number.POSITIVE_INFINITY);
    expect(firstDifference(bars(4), bars(4, 61))).toBe(0);
  });

  it("differ from the start where the lines or the meters do", () => {
    const waltz = pieceOf({ ...bars(4).score, timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }] });
    expect(firstDifference(bars(4), waltz)).toBe(0);
  });
});
