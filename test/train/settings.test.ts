import { describe, expect, it } from "vitest";
import { checkSettings, NO_PROGRESS, parseProgress, type TrainingSettings } from "../../src/train/index.js";

const settings: TrainingSettings = {
  learningRate: 1e-3,
  warmupSteps: 10,
  steps: 100,
  finalRatio: 0.1,
  seed: 0,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  clip: 1,
  accumulation: 1,
  evalEvery: 10,
  saveEvery: 10,
  patience: 0,
};

describe("training settings", () => {
  it("are taken at the ends of their ranges", () => {
    const lowest = { warmupSteps: 0, finalRatio: 0, weightDecay: 0, beta1: 0, beta2: 0, clip: 0, steps: 1 };
    expect(() => checkSettings({ ...settings, ...lowest })).not.toThrow();
    expect(() => checkSettings({ ...settings, finalRatio: 1, seed: Number.MAX_SAFE_INTEGER })).not.toThrow();
  });

  it.each([
    ["learningRate", 0, /learning rate: 0; expected a number above 0/],
    ["learningRate", Number.NaN, /learning rate: NaN/],
    ["warmupSteps", -1, /warm-up steps: -1/],
    ["steps", 0, /steps: 0/],
    ["finalRatio", 1.1, /final learning-rate ratio: 1\.1/],
    ["seed", 0.5, /seed: 0\.5; expected a whole number from 0/],
    ["weightDecay", -1, /weightDecay/],
    ["beta1", 1, /beta1: 1; expected 0 to below 1/],
    ["beta2", Number.NaN, /beta2/],
    ["clip", -1, /clip/],
    ["accumulation", 0, /accumulation/],
    ["evalEvery", 0, /evalEvery/],
    ["saveEvery", 1.5, /saveEvery/],
    ["patience", -1, /patience/],
  ] as const)("refuse %s of %d", (field, value, message) => {
    expect(() => checkSettings({ ...settings, [field]: value })).toThrow(message);
  });
});

describe("training progress", () => {
  it("comes back from its JSON", () => {
    const progress = { ...NO_PROGRESS, step: 7, smoothedLoss: 1.5, bestStep: 5, bestValidationLoss: 2 };
    expect(parseProgress(JSON.parse(JSON.stringify(progress)))).toEqual(progress);
    expect(parseProgress({ ...NO_PROGRESS })).toEqual(NO_PROGRESS);
  });

  it.each(Object.keys(NO_PROGRESS))("names its field %s where that is wrong or missing", (field) => {
    expect(() => parseProgress({ ...NO_PROGRESS, [field]: "x" })).toThrow(`training progress, ${field}: "x"`);
    expect(() => parseProgress({ ...NO_PROGRESS, [field]: undefined })).toThrow(/nothing/);
    expect(() => parseProgress({ ...NO_PROGRESS, [field]: Number.NaN })).toThrow(/training progress/);
  });

  it.each([null, 5, "text", []])("is refused where it is %j", (value) => {
    expect(() => parseProgress(value)).toThrow(/training progress, step: nothing/);
  });
});
