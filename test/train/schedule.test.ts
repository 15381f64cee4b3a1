import { describe, expect, it } from "vitest";
import { checkSchedule, learningRateAt } from "../../src/train/schedule.js";

const schedule = { learningRate: 1e-3, warmupSteps: 4, steps: 12, finalRatio: 0.1 };

describe("the learning-rate schedule", () => {
  // By hand: warm-up in quarters; then 0.0001 + 0.0009 · (1 + cos(π k/8)) / 2 for k = 1 … 8.
  it.each([
    [1, 0.00025],
    [2, 0.0005],
    [4, 0.001],
    [6, 0.0001 + 0.0009 * 0.8535533905932737], // cos(π/4) = 0.7071067811865475
    [8, 0.00055],
    [10, 0.0001 + 0.0009 * 0.14644660940672627],
    [12, 0.0001],
    [13, 0.0001],
  ])("gives the value worked out by hand at step %i", (step, expected) => {
    expect(learningRateAt(schedule, step)).toBeCloseTo(expected, 12);
  });

  it("starts at the highest rate without warm-up, and stays there without decay", () => {
    const flat = { ...schedule, warmupSteps: 0, finalRatio: 1 };
    expect([1, 5, 12].map((step) => learningRateAt(flat, step))).toEqual([1e-3, 1e-3, 1e-3]);
  });

  it("may be warm-up from end to end", () => {
    const rising = { ...schedule, warmupSteps: 12 };
    expect(learningRateAt(rising, 12)).toBe(1e-3);
    expect(learningRateAt(rising, 6)).toBe(5e-4);
    expect(learningRateAt({ ...rising, warmupSteps: 24 }, 12)).toBe(5e-4);
  });

  it.each([
    [{ learningRate: 0 }, /learning rate/],
    [{ learningRate: Number.NaN }, /learning rate/],
    [{ steps: 0 }, /steps/],
    [{ warmupSteps: -1 }, /warm-up steps/],
    [{ finalRatio: 1.5 }, /final learning-rate ratio/],
  ])("refuses %o", (change, message) => {
    expect(() => checkSchedule({ ...schedule, ...change })).toThrow(message);
  });
});
