import { describe, expect, it } from "vitest";
import { fusedOperations } from "../../src/ops/index.js";
import { expectNoLeak, relativeError, testedBackends, useBackend } from "../tensors.js";
import { goldenOperations } from "./golden-operations.js";
import { operationCases } from "./operation-cases.js";
import { type OperationCase, type OperationOutcome, runOperation } from "./run-operation.js";

async function run(one: OperationCase): Promise<OperationOutcome> {
  const outcome = await expectNoLeak(() => runOperation(one));
  expect(relativeError(outcome.untaped, outcome.value)).toBeLessThan(1e-6);
  return outcome;
}

describe("operations against PyTorch", () => {
  const goldens = goldenOperations();

  it.each(testedBackends.flatMap((backend) => [...goldens.keys()].map((name) => [name, backend])))(
    "%s gives PyTorch's value and gradients on %s",
    async (name, backend) => {
      await useBackend(backend);
      const { given, expected } = goldens.get(name)!;
      const { value, gradients } = await run(given);
      expect(relativeError(value, expected("out"))).toBeLessThan(1e-5);
      for (const [input, gradient] of Object.entries(gradients)) {
        expect(relativeError(gradient, expected(`grad/${input}`)), input).toBeLessThan(1e-4);
      }
    },
  );
});

describe("operations on every engine", () => {
  const cases = operationCases();

  it("has a case for each operation of the table", () => {
    expect([...new Set(Object.values(cases).map(({ operation }) => operation))].sort()).toEqual(
      Object.keys(fusedOperations).sort(),
    );
  });

  const others = testedBackends.filter((backend) => backend !== "cpu");
  it.each(others.flatMap((backend) => Object.keys(cases).map((name) => [name, backend])))(
    "%s on %s equals the reference",
    async (name, backend) => {
      await useBackend("cpu");
      const reference = await run(cases[name]);
      await useBackend(backend);
      const found = await run(cases[name]);
      expect(relativeError(found.value, reference.value)).toBeLessThan(1e-5);
      for (const [input, gradient] of Object.entries(reference.gradients)) {
        expect(relativeError(found.gradients[input], gradient), input).toBeLessThan(1e-4);
      }
    },
  );

  it.each(testedBackends)("the same call gives the same bits on %s", async (backend) => {
    await useBackend(backend);
    for (const [name, one] of Object.entries(cases)) expect(await run(one), name).toEqual(await run(one));
  });
});
