import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rollText } from "../../src/view/index.js";
import { fitText, textWidth } from "../../src/view/styled-text.js";
import { anyScore, scoreOf } from "./scores.js";

const scale = scoreOf([
  {
    name: "Tune",
    at: [
      [0, 480, 60],
      [480, 480, 62],
      [960, 960, 64],
    ],
  },
]);

describe("rollText", () => {
  it("draws a bar in half blocks, an eighth of a quarter a column", () => {
    expect(rollText(scale, { width: 36, colour: false }).split("\n")).toEqual([
      "    1",
      `    │${" ".repeat(15)}${"▄".repeat(16)}`,
      `    │${" ".repeat(7)}${"▄".repeat(8)}`,
      ` C4 ${"▄".repeat(8)}`,
      "Tune",
    ]);
  });

  it("takes columns of twice the length where there is less room", () => {
    expect(rollText(scale, { width: 35, colour: false }).split("\n")[1]).toBe(
      `    │${" ".repeat(7)}${"▄".repeat(8)}`,
    );
  });

  it("marks where the continuation begins, in a column of its own", () => {
    expect(rollText(scale, { width: 40, colour: false, mark: 960 }).split("\n")).toEqual([
      `${" ".repeat(13)}prompt ┃ continuation`,
      `    1${" ".repeat(15)}┃`,
      `    │${" ".repeat(15)}┃${"▄".repeat(16)}`,
      `    │${" ".repeat(7)}${"▄".repeat(8)}┃`,
      ` C4 ${"▄".repeat(8)}${" ".repeat(8)}┃`,
      "Tune",
    ]);
  });

  it("colours tracks, the first on top, and dims what isn't music", () => {
    const score = scoreOf([
      { name: "Upper", at: [[0, 480, 61]] },
      {
        name: "Lower",
        at: [
          [0, 480, 60],
          [0, 960, 61],
        ],
      },
    ]);
    expect(rollText(score, { width: 36, colour: true, to: 960 }).split("\n")).toEqual([
      "    \x1b[2m1\x1b[0m",
      // Lower goes on alone at 61 in the second quarter.
      `\x1b[2m C4 \x1b[0m\x1b[36;43m${"▀".repeat(8)}\x1b[0m\x1b[33m${"▀".repeat(8)}\x1b[0m`,
      "\x1b[36m■ \x1b[0mUpper\x1b[33m  ■ \x1b[0mLower",
    ]);
  });

  it("tells tracks apart by signs in ASCII", () => {
    const score = scoreOf([
      { name: "A", at: [[0, 480, 61]] },
      { name: "B", at: [[480, 480, 60]] },
      { isDrum: true, at: [[240, 0, 36]] },
    ]);
    expect(rollText(score, { width: 21, colour: false, ascii: true, mark: 960 }).split("\n")).toEqual([
      "     prompt |",
      "    1       |",
      "    ####    |",
      " C4 |   ====|",
      " dr | x     |",
      "# A  = B  + Drums",
    ]);
  });

  it("leaves a gap between a note and the same note struck again", () => {
    const score = scoreOf([
      {
        at: [
          [0, 480, 60],
          [480, 480, 60],
          [960, 480, 61],
        ],
      },
    ]);
    expect(rollText(score, { width: 36, colour: false }).split("\n")[1]).toBe(
      ` C4 ${"▄".repeat(7)} ${"▄".repeat(8)}${"▀".repeat(8)}`,
    );
  });

  it("shows a stretch of ticks", () => {
    expect(rollText(scale, { width: 20, colour: false, from: 480, to: 960 }).split("\n")).toEqual([
      "",
      `    ${"▄".repeat(8)}`,
      "Tune",
    ]);
  });

  it("numbers bars, fewer where they crowd", () => {
    const long = scoreOf([{ at: [[0, 1920 * 64, 60]] }]);
    const [numbers] = rollText(long, { width: 68, colour: false }).split("\n");
    expect(numbers.trim().split(/ +/)).toEqual(
      Array.from({ length: 16 }, (_, index) => String(index * 4 + 1)),
    );
  });

  it("puts several pitches on a line rather than be higher than it may", () => {
    const wide = scoreOf([
      {
        at: [
          [0, 480, 0],
          [480, 480, 127],
        ],
      },
    ]);
    for (const height of [1, 2, 5, 24, 64]) {
      const lines = rollText(wide, { width: 80, height, colour: false }).split("\n");
      expect(lines.length - 2).toBeLessThanOrEqual(height);
      expect(lines.join("").match(/[▀▄█]/g)!.length).toBeGreaterThanOrEqual(16);
    }
  });

  it("says so when there are no notes", () => {
    expect(rollText(scoreOf([]), { width: 80, colour: true })).toBe("no notes");
    expect(rollText(scale, { width: 80, colour: true, from: 4000 })).toBe("no notes");
    expect(rollText(scoreOf([]), { width: 3, colour: true })).toBe("no.");
  });

  it.each([
    [{ width: 0 }, "invalid width: 0; expected 1 to 99,999"],
    [{ width: Number.NaN }, "invalid width: NaN"],
    [{ width: 80, height: -1 }, "invalid height: -1"],
    [{ width: 80, from: -1 }, "invalid from: -1; expected a tick, 0 or more"],
  ])("refuses %j", (options, message) => {
    expect(() => rollText(scale, { colour: false, ...options })).toThrow(message);
  });

  it("never makes a line longer than the width, whatever the score", () => {
    fc.assert(
      fc.property(
        anyScore,
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.nat(30_000), { nil: undefined }),
        (score, width, colour, ascii, mark) => {
          const roll = rollText(score, { width, colour, ascii, mark, height: 10 });
          expect(roll).not.toMatch(/NaN|undefined|Infinity/);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is taken away.
          const plain = roll.replace(/\x1b\[[\d;]+m/g, "");
          expect(plain).not.toContain("\x1b");
          for (const line of plain.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("fitText", () => {
  it("counts East Asian characters as two columns", () => {
    expect(textWidth("aé茉莉花")).toBe(8);
    expect(textWidth("e\u0301")).toBe(1);
    expect(fitText("茉莉花", 6)).toBe("茉莉花");
    expect(fitText("茉莉花", 5)).toBe("茉莉.");
    expect(fitText("abc", 0)).toBe("");
  });
});
