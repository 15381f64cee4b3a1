import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rollSvg } from "../../src/view/index.js";
import { anyScore, scoreOf } from "./scores.js";

/** Throws unless every element is closed in order and text holds no raw markup; gives the tags' names in order. */
function tagsOf(svg: string): string[] {
  const open: string[] = [];
  const tags: string[] = [];
  const pattern = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|[^<>]+/gy;
  while (pattern.lastIndex < svg.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(svg);
    if (match === null) throw new Error(`no markup at ${at}: ${svg.slice(at, at + 40)}`);
    const [, closing, name, , empty] = match;
    if (name === undefined) continue;
    if (closing) {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
    } else {
      tags.push(name);
      if (!empty) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`${open} stays open`);
  return tags;
}

const bar = scoreOf([
  {
    name: "Tune",
    at: [
      [0, 960, 60],
      [960, 960, 72],
    ],
  },
]);

describe("rollSvg", () => {
  it("draws notes where time and pitch put them", () => {
    const svg = rollSvg(bar, { width: 446, height: 204 });
    // 400 px between 34 and 434 for 1,920 ticks; 144 px between 12 and 156 for 18 pitches, 13 of them used.
    const notes = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]*opacity/g),
    ];
    const row = 144 / 18;
    const drawn = notes.map((match) => match.slice(1).map(Number));
    expect(drawn).toHaveLength(2);
    const yOf = (pitch: number) => 12 + (72 + 2.5 - pitch + 0.07) * row;
    for (const [index, pitch] of [60, 72].entries()) {
      const [x, y, width, height] = drawn[index];
      expect(x).toBe(34 + 200 * index);
      expect(width).toBe(199.2);
      expect(height).toBe(6.88);
      expect(y).toBeCloseTo(yOf(pitch), 1);
    }
    expect(svg.match(/class="bar"/g)).toHaveLength(2);
    expect(svg.match(/class="beat"/g)).toHaveLength(3);
    expect(svg).toContain(">C4</text>");
    expect(svg).toContain(">C5</text>");
  });

  it("sets the continuation off from the prompt", () => {
    const svg = rollSvg(bar, { width: 446, height: 204, mark: 960 });
    expect(svg).toContain('<rect class="new" x="234" y="32" width="200" height="124"/>');
    expect(svg).toContain('<line class="mark" x1="234"');
    expect(svg).toContain(">prompt</text>");
    expect(svg).toContain(">continuation</text>");
    expect(svg).toContain("The continuation begins in bar 1.");
    expect(rollSvg(bar, { width: 446, height: 204, mark: 1920 })).not.toContain('class="new"');
  });

  it("has a title and a description, and follows a dark setting", () => {
    const svg = rollSvg(bar, { width: 400, height: 200, title: "One" });
    expect(svg).toMatch(
      /^<svg [^>]*role="img"[^>]*>\n<title>One<\/title>\n<desc>2 notes in 1 track from C4 to C5\.<\/desc>/,
    );
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
  });

  it("escapes names and titles", () => {
    const svg = rollSvg(scoreOf([{ name: '<script>"&', at: [[0, 480, 60]] }]), {
      width: 600,
      height: 200,
      title: "a<b>&'\u0000\uD800",
    });
    expect(svg).toContain("<title>a&lt;b&gt;&amp;&#39;\uFFFD\uFFFD</title>");
    expect(svg).toContain(">&lt;script&gt;&quot;&amp;</text>");
    expect(tagsOf(svg)).not.toContain("script");
  });

  it("says so when there is nothing to draw", () => {
    const empty = rollSvg(scoreOf([]), { width: 300, height: 100 });
    expect(empty).toContain(">no notes</text>");
    expect(empty).toContain("<desc>No notes.</desc>");
    expect(rollSvg(scoreOf([{ isDrum: true, at: [[0, 1, 36]] }]), { width: 300, height: 100 })).toContain(
      ">only drums<",
    );
  });

  it.each([
    [{ width: 159, height: 200 }, "invalid width: 159; expected 160 to 20,000 pixels"],
    [{ width: 300, height: Number.NaN }, "invalid height: NaN"],
    [{ width: 300, height: 200, to: Number.POSITIVE_INFINITY }, "invalid to: Infinity"],
  ])("refuses %j", (options, message) => {
    expect(() => rollSvg(bar, options)).toThrow(message);
  });

  it("is well formed, finite and of bounded size, whatever the score", () => {
    fc.assert(
      fc.property(
        anyScore,
        fc.integer({ min: 160, max: 1200 }),
        fc.integer({ min: 100, max: 600 }),
        fc.option(fc.nat(30_000), { nil: undefined }),
        fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
        (score, width, height, mark, title) => {
          const svg = rollSvg(score, { width, height, mark, title });
          expect(svg).not.toMatch(/NaN|undefined|Infinity|="-/);
          const tags = tagsOf(svg);
          // Up to 80 notes, 128 rows with lines and names, and bars and beats at least 8 pixels apart.
          expect(tags.length).toBeLessThan(80 + 400 + (width / 8) * 3);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
