import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/random.js";
import { drawMask, type MaskRule, maskedBatch, maskKinds } from "../../src/train/index.js";

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
});
