import { afterAll, describe, expect, it } from "vitest";
import { startWebGpu } from "../../src/node/webgpu.js";
import { operationCases } from "../ops/operation-cases.js";
import { runOperation } from "../ops/run-operation.js";
import { relativeError, useBackend } from "../tensors.js";

const cases = operationCases();
// Those that add up over a workgroup: layer norm and cross-entropy.
const adding = Object.keys(cases).filter((name) => /norm|entropy/i.test(name));

describe("sums over a workgroup", () => {
  afterAll(() => startWebGpu({ software: true, subgroups: true }));

  const outcomes = async (subgroups: boolean) => {
    const { features } = await startWebGpu({ software: true, subgroups });
    expect(features).toContain("subgroups");
    await useBackend("webgpu");
    const found: Record<string, Float32Array> = {};
    for (const name of adding) {
      const { value, gradients } = await runOperation(cases[name]);
      found[name] = value;
      for (const [input, gradient] of Object.entries(gradients)) found[`${name} ${input}`] = gradient;
    }
    return found;
  };

  it("are the same in subgroups and without them, which some devices lack", async () => {
    const inSubgroups = await outcomes(true);
    const without = await outcomes(false);
    expect(Object.keys(without).length).toBeGreaterThan(5);
    for (const [name, values] of Object.entries(without)) {
      expect(relativeError(inSubgroups[name], values), name).toBeLessThan(2e-6);
    }
    // Added up in another order: else both went the same way.
    expect(inSubgroups).not.toEqual(without);
  });
});
