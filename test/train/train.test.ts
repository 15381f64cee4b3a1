import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { parametersFrom } from "../../src/model/index.js";
import { learningRateAt, type TrainingEvent, type TrainingProgress } from "../../src/train/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";
import {
  collect,
  countingBatches,
  countingValidation,
  disposeModel,
  newModel,
  settings,
  snapshot,
  tinyConfig,
} from "./tiny-run.js";

beforeAll(() => useBackend("cpu"));

const batches = countingBatches();
const validation = countingValidation();

type Step = Extract<TrainingEvent, { type: "step" }>;
const stepsOf = (events: readonly TrainingEvent[]): Step[] =>
  events.filter((e): e is Step => e.type === "step");
const outline = (events: readonly TrainingEvent[]): string[] =>
  events.map((event) => {
    if (event.type === "checkpoint") return `${event.kind} ${event.progress.step}`;
    return event.type === "stop" ? event.reason : `${event.type} ${event.step}`;
  });

describe("training", () => {
  it("learns, tells what it does in order, and leaves no tensors", async () => {
    await expectNoLeak(async () => {
      const model = newModel();
      const run = { ...settings, steps: 60, learningRate: 1e-2, evalEvery: 30, saveEvery: 60 };
      const events = await collect({ model, settings: run, batches, validation });
      const steps = stepsOf(events);
      expect(steps[0].loss).toBeGreaterThan(2.2); // ln 11 = 2.398
      expect(steps[59].loss).toBeLessThan(1.5);
      expect(steps.map((s) => s.learningRate)).toEqual(steps.map((s) => learningRateAt(run, s.step)));
      // 32 tokens in 5 ms.
      expect(steps.map((s) => s.tokensPerSecond)).toEqual(steps.map(() => 6400));
      disposeModel(model);
    });
  });

  it("evaluates and saves when it should: the best before the last, and both at the end", async () => {
    const model = newModel();
    const events = await collect({ model, settings: { ...settings, steps: 7 }, batches, validation });
    disposeModel(model);
    expect(outline(events).filter((line) => !line.startsWith("step"))).toEqual([
      "last 0",
      "last 3",
      "evaluation 4",
      "best 4",
      "last 6",
      "evaluation 7",
      "best 7",
      "last 7",
      "finished",
    ]);
  });

  it.each([[1], [3], [4], [8], [11]])(
    "gives the same bits when it is stopped after step %i and resumed",
    async (stopAt) => {
      const whole = newModel();
      const uninterrupted = await collect({ model: whole, settings, batches, validation });
      const expected = await snapshot(whole);
      disposeModel(whole);

      const first = newModel();
      const signal = { aborted: false };
      let saved: { progress: TrainingProgress; values: Awaited<ReturnType<typeof snapshot>> } | undefined;
      const before = await collect({ model: first, settings, batches, validation, signal }, async (event) => {
        if (event.type === "step" && event.step === stopAt) signal.aborted = true;
        if (event.type === "checkpoint" && event.kind === "last") {
          saved = { progress: event.progress, values: await snapshot(first) };
        }
      });
      disposeModel(first);
      expect(outline(before).slice(-2)).toEqual([`last ${stopAt}`, "interrupted"]);

      const { progress, values } = saved!;
      const second = {
        config: tinyConfig,
        parameters: parametersFrom(tinyConfig, values.parameters),
        first: parametersFrom(tinyConfig, values.first),
        second: parametersFrom(tinyConfig, values.second),
      };
      const after = await collect({
        model: second,
        settings,
        batches,
        validation,
        progress: JSON.parse(JSON.stringify(progress)),
      });
      expect(await snapshot(second)).toEqual(expected);
      disposeModel(second);
      const told = [...before, ...after].filter((e) => e.type === "step" || e.type === "evaluation");
      expect(told).toEqual(uninterrupted.filter((e) => e.type === "step" || e.type === "evaluation"));
      expect(after.at(-1)).toEqual(uninterrupted.at(-1));
    },
  );

  it("doesn't start when it is resumed at its end", async () => {
    const model = newModel();
    const done = { ...(await progressAfter(4)), evaluatedStep: 4 };
    const events = await collect({
      model,
      settings: { ...settings, steps: 4 },
      batches,
      validation,
      progress: done,
    });
    expect(outline(events)).toEqual(["finished"]);
    disposeModel(model);
  });

  it("stops early when the validation loss has not got better for so many evaluations", async () => {
    const model = newModel();
    // A validation split that training makes worse: the row that counts down.
    const ids = Int32Array.from([7, 6, 5, 4, 3, 2, 1, 0]);
    const contrary = {
      batches: () => [{ ids, targets: ids.map((id) => (id + 10) % 11), batchSize: 1, length: 8 }],
    };
    const run = { ...settings, steps: 100, evalEvery: 10, saveEvery: 1000, patience: 2 };
    const events = await collect({ model, settings: run, batches, validation: contrary });
    disposeModel(model);
    expect(outline(events).filter((line) => !line.startsWith("step"))).toEqual([
      "last 0",
      "evaluation 10",
      "best 10",
      "evaluation 20",
      "evaluation 30",
      "last 30",
      "early-stopping",
    ]);
  });

  it("stops before the weights are touched when the loss is NaN", async () => {
    const model = newModel();
    const signal = { aborted: false };
    let before: Awaited<ReturnType<typeof snapshot>> | undefined;
    const events = await collect({ model, settings, batches, validation, signal }, async (event) => {
      if (event.type !== "step" || event.step !== 2) return;
      const bias = model.parameters.get("ln_f.bias")!;
      tf.tidy(() => bias.assign(tf.mul(bias, Number.NaN)));
      before = await snapshot(model);
    });
    expect(outline(events).slice(-2)).toEqual(["step 2", "diverged"]);
    expect(events.at(-1)).toMatchObject({ found: "loss NaN and gradient norm NaN at step 3" });
    expect(await snapshot(model)).toEqual(before);
    disposeModel(model);
  });

  it("stops when the loss runs away, and saves nothing more", async () => {
    const model = newModel();
    const wild = { ...settings, steps: 200, learningRate: 30, clip: 0, warmupSteps: 0, saveEvery: 1000 };
    const events = await collect({ model, settings: wild, batches });
    disposeModel(model);
    expect(outline(events).at(-1)).toBe("diverged");
    expect(outline(events).filter((line) => line.startsWith("last"))).toEqual(["last 0"]);
  });

  it("keeps an evaluation that was interrupted for when it goes on", async () => {
    const model = newModel();
    const signal = { aborted: false };
    const slow = {
      *batches() {
        for (const batch of validation.batches()) {
          yield batch;
          signal.aborted = true;
        }
      },
    };
    const before = await collect({ model, settings, batches, validation: slow, signal });
    expect(outline(before).slice(-3)).toEqual(["step 4", "last 4", "interrupted"]);
    const progress =
      before.at(-1)!.type === "stop" ? (before.at(-1) as { progress: TrainingProgress }).progress : undefined;
    const after = await collect({ model, settings, batches, validation, progress });
    expect(outline(after).slice(0, 3)).toEqual(["evaluation 4", "best 4", "step 5"]);
    disposeModel(model);
  });

  it.each([
    [{ accumulation: 0 }, /accumulation: 0/],
    [{ evalEvery: 0.5 }, /evalEvery: 0.5/],
    [{ beta2: 1 }, /beta2: 1/],
    [{ clip: -1 }, /clip: -1/],
    [{ seed: 2 ** 60 }, /seed/],
  ])("refuses settings %o", async (change, message) => {
    const model = newModel();
    await expect(collect({ model, settings: { ...settings, ...change }, batches })).rejects.toThrow(message);
    disposeModel(model);
  });
});

async function progressAfter(steps: number): Promise<TrainingProgress> {
  const model = newModel();
  const events = await collect({ model, settings: { ...settings, steps }, batches });
  disposeModel(model);
  const last = events.at(-1)!;
  if (last.type !== "stop") throw new Error("a run ends with a stop");
  return last.progress;
}
