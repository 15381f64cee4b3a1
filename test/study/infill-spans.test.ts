import { describe, expect, it } from "vitest";
import { gapsOf, spanKinds, windowAround, windowBefore } from "../../scripts/study/infill-spans.js";
import type { Split } from "../../src/dataset/index.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";
import { curvePlot } from "../../src/view/index.js";

const tokenizer = createChoraleTokenizer();
/** Bars of each piece; ids tell where they stand. */
const lengths = [4, 5, 6, 12, 9.5];
const pieces = lengths.map((bars) =>
  Uint16Array.from([1, ...Array.from({ length: 64 * bars }, (_, i) => 1000 + i), 2]),
);
const split = {
  pieceCount: pieces.length,
  piece: (index: number) => pieces[index],
  record: (index: number) => ({ source: `piece ${index}` }),
} as unknown as Split;

describe("gaps", () => {
  it("are one in each piece that has two bars on either side", () => {
    expect(gapsOf(split, "bar").map(({ source }) => source)).toEqual([
      "piece 1",
      "piece 2",
      "piece 3",
      "piece 4",
    ]);
    expect(gapsOf(split, "voice").map(({ source }) => source)).toEqual(["piece 2", "piece 3", "piece 4"]);
    expect(gapsOf(split, "bar", 2)).toHaveLength(2);
    for (const kind of spanKinds) {
      for (const { ids, positions, steps } of gapsOf(split, kind)) {
        expect(positions).toHaveLength(kind === "bar" ? 64 : 32);
        expect(steps[0] % 16).toBe(0);
        expect(positions[0]).toBeGreaterThanOrEqual(1 + 2 * 64);
        expect(positions.at(-1)! + 2 * 64).toBeLessThan(ids.length + 32);
        expect(ids).not.toContain(2);
        const voices = new Set(positions.map((at) => (at - 1) % 4));
        expect(voices.size).toBe(kind === "bar" ? 4 : 1);
        for (const at of positions) {
          const step = Math.floor((at - 1) / 4);
          expect(step >= steps[0] && step < steps[1]).toBe(true);
        }
      }
    }
  });

  it.each(spanKinds)(
    "of a %s stand in windows that begin with a quarter, with what is around or before",
    (kind) => {
      for (const gap of gapsOf(split, kind)) {
        const real = gap.positions.map((at) => gap.ids[at]);
        const around = windowAround(gap, 256, tokenizer);
        const before = windowBefore(gap, 256, tokenizer);
        for (const { ids, positions } of [around, before]) {
          expect(positions.map((at) => ids[at])).toEqual(real);
          expect(ids.length).toBeLessThanOrEqual(256);
          expect(ids[0] === 1 || (ids[0] - 1000) % 16 === 15).toBe(true);
        }
        expect(around.ids).toHaveLength(256);
        expect(around.ids[around.positions.at(-1)! + 1]).toBe(real.at(-1)! + 1);
        expect(before.positions.at(-1)).toBe(before.ids.length - 1);
        const beyond = windowBefore(gap, 512, tokenizer, 64);
        expect(beyond.ids.length - 1 - beyond.positions.at(-1)!).toBe(64);
      }
    },
  );
});

it("curves may have an axis that doubles from tick to tick", () => {
  const points = [1, 2, 4, 32].map((x) => [x, x] as const);
  const svg = curvePlot("Quality", "passes", [{ label: "A", points }], "log2");
  const xs = [...svg.matchAll(/d="(M[^"]*L[^"]*)"/g)][0][1].split(/[ML]/).slice(1);
  const [a, b, c, d] = xs.map((place) => Number(place.split(" ")[0]));
  expect(b - a).toBeCloseTo(c - b, 1);
  expect(d - c).toBeCloseTo(3 * (b - a), 1);
  for (const tick of [1, 2, 4, 8, 16, 32]) expect(svg).toContain(`>${tick}</text>`);
});
