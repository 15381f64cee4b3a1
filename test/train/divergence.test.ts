import { expect, it } from "vitest";
import { NO_PROGRESS } from "../../src/train/index.js";
import { afterUpdate, hasDiverged } from "../../src/train/progress.js";

const VOCABULARY = 62;

/** The step at which losses count as run away, or undefined. */
function divergedAt(losses: readonly number[]): number | undefined {
  let progress = NO_PROGRESS;
  for (const loss of losses) {
    progress = afterUpdate(progress, loss);
    if (hasDiverged(progress, VOCABULARY)) return progress.step;
  }
  return undefined;
}

it("losses that swing because each step learns from another position have not run away", () => {
  // A held note first, so that the smoothed loss begins near 0; then stretches of new notes.
  const swinging = Array.from({ length: 400 }, (_, i) => (i % 40 < 10 ? 0.02 : 1.5));
  expect(divergedAt(swinging)).toBeUndefined();
});

it("losses far above a guess have", () => {
  const wild = Array.from({ length: 200 }, (_, i) => (i < 50 ? 1 : 8));
  // 7 (1 − 0.95^k) > ln 62 / 2 from k = 7.
  expect(divergedAt(wild)).toBe(57);
});
