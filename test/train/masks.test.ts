import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/random.js";
import type { Batch } from "../../src/train/batch.js";
import { drawMask, type MaskRule, maskedBatch, maskedEvaluation, maskKinds } from "../../src/train/index.js";

const rule: MaskRule = { maskId: 62, idsPerStep: 4, special: new Set([0, 1, 2]) };
const window = [1, ...Array.from({ length: 28 }, (_, i) => 10 + i), 2, 0, 0];
const draw = (kind: (typeof maskKinds)[number], step: number): number[] =>
  drawMask(window, rule, kind, randomStream(3, "test", step));

describe("masks", () => {
  it.each(maskKinds)("of %s are never empty, keep off special ids, and are the same again", (kind) => {
    for (let step = 0; step < 300; step++) {
      const mask = draw(kind, step);
      expect(mask.length).toBeGreaterThan(0);
      expect(mask.every((at) => at >= 1 && at <= 28)).toBe(true);
      expect(draw(kind, step)).toEqual(mask);
    }
  });

  it("of voices leave at least one voice out", () => {
    for (let step = 0; step < 300; step++) {
      expect(new Set(draw("voices", step).map((at) => (at - 1) % 4)).size).toBeLessThan(4);
    }
  });

  it("are empty where nothing may be masked", () => {
    expect(drawMask([1, 2, 0], rule, "span", randomStream(0, "test"))).toEqual([]);
  });

  it("make the masked ids the targets, seen from both sides, and leave the others", () => {
    const ids = Int32Array.from([...window, ...window]);
    const batch = { ids, targets: ids, batchSize: 2, length: 32 };
    const masked = maskedBatch(batch, rule, { seed: 1, purpose: "masks", number: 5 });
    expect(masked.prefixes).toEqual([32, 32]);
    for (const [at, target] of masked.targets.entries()) {
      expect(masked.ids[at]).toBe(target < 0 ? ids[at] : 62);
      if (target >= 0) expect(target).toBe(ids[at]);
    }
    const other = maskedBatch(batch, rule, { seed: 1, purpose: "masks", number: 6 });
    expect(other.targets).not.toEqual(masked.targets);
  });

  it("of an evaluation count no id twice, however windows overlap, and all windows have their own", () => {
    // Two pieces of 60 and 40 ids, in windows of 32.
    const window = (piece: number, start: number, length: number): Batch => ({
      ids: Int32Array.from({ length: 32 }, (_, i) => (i < length ? 10 + ((start + i) % 40) : 0)),
      targets: new Int32Array(32).fill(-1),
      batchSize: 1,
      length: 32,
      places: [{ piece, start }],
    });
    const batches = [
      window(0, 0, 32),
      window(0, 16, 32),
      window(0, 28, 32),
      window(1, 0, 32),
      window(1, 8, 32),
    ];
    const source = maskedEvaluation({ batches: () => batches }, rule);
    for (let round = 0; round < 2; round++) {
      const counted = new Set<string>();
      const inWindow: number[] = [];
      for (const { targets, places } of source.batches()) {
        const [{ piece, start }] = places!;
        const found = [...targets.keys()].filter((i) => targets[i] >= 0).map((i) => `${piece}:${start + i}`);
        for (const place of found) {
          expect(counted).not.toContain(place);
          counted.add(place);
        }
        inWindow.push(found.length);
      }
      expect(inWindow[0]).toBeGreaterThan(0);
      expect(inWindow[3]).toBeGreaterThan(0);
      const late = [...counted].map((place) => Number(place.split(":")[1])).filter((at) => at >= 32);
      expect(late.length).toBeGreaterThan(0);
    }
  });

  it("of an evaluation are the same whatever the batches' size", () => {
    const rows = Array.from({ length: 6 }, (_, row) => window.map((id) => (id < 3 ? id : id + row)));
    const batches = (size: number): Batch[] =>
      Array.from({ length: 6 / size }, (_, i) => ({
        ids: Int32Array.from(rows.slice(i * size, (i + 1) * size).flat()),
        targets: new Int32Array(size * 32),
        batchSize: size,
        length: 32,
      }));
    const masksOf = (size: number): number[] =>
      [...maskedEvaluation({ batches: () => batches(size) }, rule).batches()].flatMap(({ targets }) => [
        ...targets,
      ]);
    expect(masksOf(3)).toEqual(masksOf(1));
    expect(masksOf(2)).toEqual(masksOf(1));
  });
});
