import { describe, expect, it } from "vitest";
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

/** Tests that an engine gives PyTorch's numbers: of each operation, of AdamW and of whole models. */
export function testGoldens(run: RunJob): void {
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

  describe.each(["narrow", "deep"] as const)("with the %s reference model", (name) => {
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
