import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadLast, saveTrainedModel } from "../../src/node/train-checkpoint.js";
import { openMetricsLog, readMetrics } from "../../src/node/train-metrics.js";
import { readRunOptions } from "../../src/node/train-options.js";
import {
  disposeTrainedModel,
  formatRunOptions,
  newRunOptions,
  newTrainedModel,
  resumedRunOptions,
  TRAIN_DEFAULTS,
} from "../../src/run/index.js";
import { type MetricsRecord, NO_PROGRESS } from "../../src/train/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";
import { snapshot, tinyConfig } from "../train/tiny-run.js";

let folder: string;
beforeAll(() => useBackend("cpu"));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-run-"));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (step: number): MetricsRecord => ({
  step,
  loss: 1 / step,
  learningRate: 1e-3,
  gradientNorm: 1,
  tokensPerSecond: 5,
});

describe("the metrics log", () => {
  it("puts an evaluation into its update's line", async () => {
    const path = join(folder, "metrics.jsonl");
    const log = await openMetricsLog(path, 0);
    await log.add(record(1));
    await log.add(record(2));
    log.evaluated(0.5);
    await log.add(record(3));
    await log.close();
    expect(await readMetrics(path)).toEqual([record(1), { ...record(2), validationLoss: 0.5 }, record(3)]);
  });

  it("goes on from the resumed update, whatever a killed run wrote after it", async () => {
    const path = join(folder, "metrics.jsonl");
    const killed = await openMetricsLog(path, 0);
    for (const step of [1, 2, 3, 4]) await killed.add(record(step));
    await killed.close();
    await writeFile(path, `${await readFile(path, "utf8")}{"step":5,"lo`);
    const log = await openMetricsLog(path, 2);
    // The run was stopped in front of the evaluation of update 2, and does it now.
    log.evaluated(0.25);
    await log.add(record(3));
    await log.close();
    expect(await readMetrics(path)).toEqual([record(1), { ...record(2), validationLoss: 0.25 }, record(3)]);
  });
});

describe("a run's options", () => {
  it("are what was given over the defaults, with a warm-up that a short run can have", () => {
    expect(newRunOptions({})).toEqual(TRAIN_DEFAULTS);
    expect(newRunOptions({ steps: 50 })).toMatchObject({ steps: 50, warmupSteps: 5 });
    expect(newRunOptions({ steps: 50, warmupSteps: 20 })).toMatchObject({ warmupSteps: 20 });
  });

  it("are read as they were written", async () => {
    expect(await readRunOptions(folder)).toBeUndefined();
    const options = newRunOptions({ width: 64, label: "x" });
    await writeFile(join(folder, "options.json"), formatRunOptions(options));
    expect(await readRunOptions(folder)).toEqual(options);
  });

  it.each([
    ['{"layers": 2}', /missing .*options\.json, field heads/],
    [
      formatRunOptions(TRAIN_DEFAULTS).replace('"steps": 2000', '"steps": "many"'),
      /field steps: "many"; expected a number/,
    ],
    ["nonsense", /options\.json/],
  ])("are refused with the field's name: %s", async (text, message) => {
    await writeFile(join(folder, "options.json"), text);
    await expect(readRunOptions(folder)).rejects.toThrow(message);
  });

  it("let a resumed run change its length and not its model", () => {
    expect(resumedRunOptions(TRAIN_DEFAULTS, { steps: 9, seed: 0 }, "r")).toEqual({
      ...TRAIN_DEFAULTS,
      steps: 9,
    });
    expect(() => resumedRunOptions(TRAIN_DEFAULTS, { seed: 1 }, "r")).toThrow(/option seed: 1; expected 0/);
  });
});

describe("a run's last checkpoint", () => {
  const saved = { attacca: "0.0.0", label: "", dataset: "abc", progress: { ...NO_PROGRESS, step: 3 } };

  it("holds weights, moments and progress, to the bit", async () => {
    await expectNoLeak(async () => {
      const model = newTrainedModel(tinyConfig, { seed: 4, positions: "random" });
      for (const variable of [...model.first.values(), ...model.second.values()]) {
        tf.tidy(() => variable.assign(tf.randomUniform(variable.shape, 0, 1, "float32", 5)));
      }
      const expected = await snapshot(model);
      await saveTrainedModel(join(folder, "last"), model, saved, { tokenizer: { a: 1 }, moments: true });
      disposeTrainedModel(model);
      const loaded = await loadLast(folder);
      expect(await snapshot(loaded.model)).toEqual(expected);
      expect(loaded.record).toEqual(saved);
      disposeTrainedModel(loaded.model);
    });
  });

  it("is refused without moments, and with moments of another step", async () => {
    const model = newTrainedModel(tinyConfig, { seed: 4, positions: "random" });
    const last = join(folder, "last");
    await saveTrainedModel(last, model, saved, { tokenizer: {}, moments: false });
    await expect(loadLast(folder)).rejects.toThrow(/missing .*last: optimizer\.safetensors/);
    await saveTrainedModel(last, model, saved, { tokenizer: {}, moments: true });
    const training = await readFile(join(last, "training.json"), "utf8");
    await writeFile(join(last, "training.json"), training.replace('"step": 3', '"step": 4'));
    await expect(loadLast(folder)).rejects.toThrow(/moments of step 3; expected those of step 4/);
    await writeFile(join(last, "training.json"), training.replace('"step": 3', '"step": "x"'));
    await expect(loadLast(folder)).rejects.toThrow(/training progress, step: "x"; expected a whole number/);
    disposeTrainedModel(model);
  });
});
