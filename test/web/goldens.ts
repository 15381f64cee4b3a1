import { describe, expect, it } from "vitest";
import { modelConfig } from "../../src/model/index.js";
import { referenceModel } from "../model/reference-model.js";
import { goldenOperations } from "../ops/golden-operations.js";
import { randomIds, readGolden, relativeError, rowsOf } from "../tensors.js";
import type { JobArgument, JobResult, jobs } from "./jobs.js";

/** Runs a job of jobs.ts on the engine that is tested, here or in a tab. */
export type RunJob = <Name extends keyof typeof jobs>(
  name: Name,
  argument: JobArgument<Name>,
) => Promise<JobResult<Name>>;

const operations = goldenOperations();
const adamW = readGolden("ops/adamw.safetensors");

const curve = readGolden("train/curve.safetensors");

/** Milliseconds: a device in software takes its time. No test asserts on it. */
const CURVE_LIMIT = 900_000;

/** The run of 200 steps that PyTorch made, as a job. */
function curveJob(): JobArgument<"train"> {
  const parameters = [...curve.tensors].filter(([name]) => name.startsWith("parameter/"));
  const [count, batchSize, length] = curve.tensors.get("ids")!.shape;
  const batchOf = (name: string, i: number): Int32Array => {
    const size = batchSize * length;
    return (curve.tensors.get(name)!.values as Int32Array).slice(i * size, (i + 1) * size);
  };
  return {
    config: modelConfig(JSON.parse(curve.metadata.get("config")!)),
    values: Object.fromEntries(
      parameters.map(([name, { values }]) => [name.slice("parameter/".length), values as Float32Array]),
    ),
    batches: Array.from({ length: count }, (_, i) => ({
      ids: batchOf("ids", i),
      targets: batchOf("targets", i),
      batchSize,
      length,
    })),
    options: JSON.parse(curve.metadata.get("options")!),
    steps: 200,
  };
}

/** Tests that an engine learns as PyTorch does, step by step. */
export function testCurve(run: RunJob): void {
  it(
    "learns as PyTorch does: 200 steps, each loss within a thousandth",
    async () => {
      const { losses, norms } = await run("train", curveJob());
      const expected = curve.tensors.get("losses")!.values;
      expect(losses.length).toBe(200);
      expect(expected[199]).toBeLessThan(expected[0] / 2);
      for (const [i, loss] of losses.entries()) {
        expect(Math.abs(loss - expected[i]), `loss of step ${i + 1}`).toBeLessThan(1e-3);
      }
      expect(relativeError(norms.slice(0, 20), curve.tensors.get("norms")!.values.slice(0, 20))).toBeLessThan(
        1e-4,
      );
    },
    CURVE_LIMIT,
  );
}

/** Tests that an engine gives PyTorch's numbers: of each operation, of AdamW and of whole models. */
export function testGoldens(run: RunJob): void {
  testCurve(run);

  it.each([...operations.keys()])("gives PyTorch's value and gradients of %s", async (name) => {
    const { given, expected } = operations.get(name)!;
    const { value, untaped, gradients } = await run("operation", given);
    expect(relativeError(value, expected("out"))).toBeLessThan(1e-5);
    expect(relativeError(untaped, value)).toBeLessThan(1e-6);
    expect(Object.keys(gradients).length).toBeGreaterThan(0);
    for (const [input, gradient] of Object.entries(gradients)) {
      expect(relativeError(gradient, expected(`grad/${input}`)), input).toBeLessThan(1e-4);
    }
  });

  it("steps as PyTorch's AdamW does, clipped by the global norm", async () => {
    const golden = (name: string) => adamW.tensors.get(name)!;
    const options = JSON.parse(adamW.metadata.get("options")!) as { learningRate: number };
    const gradients = [1, 2, 3, 4, 5, 6].map((step) => [0, 1, 2].map((i) => golden(`gradient${i}/${step}`)));
    const parameters = [0, 1, 2].map((i) => golden(`parameter${i}/0`));
    const steps = await run("adamW", { parameters, gradients, options });
    expect(steps.length).toBe(6);
    for (const [i, { norm, parameters }] of steps.entries()) {
      expect(relativeError(norm, golden(`norm/${i + 1}`).values)).toBeLessThan(1e-6);
      for (const [k, parameter] of parameters.entries()) {
        const expected = golden(`parameter${k}/${i + 1}`).values;
        expect(relativeError(parameter, expected), `parameter ${k}, step ${i + 1}`).toBeLessThan(1e-5);
      }
    }
  });

  describe.each(["narrow", "deep", "rotary"] as const)("with the %s reference model", (name) => {
    const { config, values, golden } = referenceModel(name);
    const job = {
      config,
      values: Object.fromEntries(values),
      ids: rowsOf(golden("ids")),
      targets: rowsOf(golden("targets")),
    };

    it("gives PyTorch's logits and loss", async () => {
      const found = await run("forward", job);
      const logits = golden("logits").values;
      expect(relativeError(found.logits, logits)).toBeLessThan(1e-5);
      const { vocab_size: vocabulary, n_positions: time } = config;
      const last = logits.subarray((time - 1) * vocabulary, time * vocabulary);
      expect(relativeError(found.last.subarray(0, vocabulary), last)).toBeLessThan(1e-5);
      expect(relativeError(found.loss, golden("loss").values)).toBeLessThan(1e-5);
      const counted = job.targets.flat().filter((target) => target >= 0).length;
      expect(found.nll.reduce((a, b) => a + b, 0) / counted).toBeCloseTo(golden("loss").values[0], 4);
    });

    it("gives PyTorch's gradient of every parameter", async () => {
      const { loss, gradients } = await run("gradients", job);
      expect(relativeError(loss, golden("loss").values)).toBeLessThan(1e-5);
      expect(Object.keys(gradients)).toEqual([...values.keys()]);
      for (const [parameter, gradient] of Object.entries(gradients)) {
        const expected = golden(`gradient/${parameter}`).values;
        expect(relativeError(gradient, expected), parameter).toBeLessThan(1e-4);
      }
    });

    it("gives with a cache, at every position, what a pass over all tokens gives", async () => {
      const ids = rowsOf(randomIds("in a tab", [3, config.n_positions], config.vocab_size));
      const positions = await run("cached", { ...job, ids });
      expect(positions.length).toBe(config.n_positions);
      for (const [t, { cached, full }] of positions.entries()) {
        expect(cached.length).toBe(3 * config.vocab_size);
        expect(relativeError(cached, full), `position ${t}`).toBeLessThan(1e-5);
      }
    });
  });
}
