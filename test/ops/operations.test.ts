import { describe, expect, it } from "vitest";
import { dropoutOf, fusedOperations } from "../../src/ops/index.js";
import {
  expectNoLeak,
  randomIds,
  randomValues,
  relativeError,
  testedBackends,
  useBackend,
} from "../tensors.js";
import { goldenOperations } from "./golden-operations.js";
import { type OperationCase, type OperationOutcome, runOperation } from "./run-operation.js";

const noDropout = { rate: 0, key0: 0, key1: 0 };

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
  const values = randomValues;
  const drop = dropoutOf(0.3, 5, "test", 7);
  const dropping = { rate: drop.rate, key0: drop.key[0], key1: drop.key[1] };
  const targets = randomIds("targets", [3, 37], 50);
  targets.values[5] = -100;
  const linearTensors = {
    x: values("x", [3, 37, 20]),
    weight: values("w", [20, 44]),
    bias: values("b", [44]),
  };
  const qkv = values("qkv", [2, 37, 60]);
  const weights = values("weights", [3, 37]);
  weights.values.forEach((value, i) => {
    weights.values[i] = targets.values[i] < 0 ? 0 : Math.abs(value);
  });
  const cases: Record<string, OperationCase> = {
    embedding: {
      operation: "embedding",
      attributes: { offset: 3 },
      tensors: {
        ids: randomIds("ids", [3, 37], 50),
        tokens: values("t", [50, 20]),
        positions: values("p", [64, 20]),
      },
      dy: values("dy", [3, 37, 20]),
    },
    layerNorm: {
      operation: "layerNorm",
      attributes: { epsilon: 1e-5 },
      tensors: { x: values("x", [3, 37, 20], 4), weight: values("w", [20]), bias: values("b", [20]) },
      dy: values("dy", [3, 37, 20]),
    },
    linear: {
      operation: "linear",
      attributes: { activation: "none" },
      tensors: linearTensors,
      dy: values("dy", [3, 37, 44]),
    },
    "linear with GELU": {
      operation: "linear",
      attributes: { activation: "gelu_new" },
      tensors: linearTensors,
      dy: values("dy", [3, 37, 44]),
    },
    "causal attention": {
      operation: "attention",
      attributes: { heads: 4, mode: "causal", ...noDropout },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    "full attention": {
      operation: "attention",
      attributes: { heads: 4, mode: "full", ...noDropout },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    "attention with dropout": {
      operation: "attention",
      attributes: { heads: 4, mode: "causal", ...dropping },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    residual: {
      operation: "residual",
      attributes: noDropout,
      tensors: { x: values("x", [3, 37, 20]), y: values("y", [3, 37, 20]) },
      dy: values("dy", [3, 37, 20]),
    },
    "residual with dropout": {
      operation: "residual",
      attributes: dropping,
      tensors: { x: values("x", [3, 37, 20]), y: values("y", [3, 37, 20]) },
      dy: values("dy", [3, 37, 20]),
    },
    dropout: {
      operation: "dropout",
      attributes: dropping,
      tensors: { x: values("x", [3, 37, 21]) },
      dy: values("dy", [3, 37, 21]),
    },
    crossEntropy: {
      operation: "crossEntropy",
      attributes: {},
      tensors: { logits: values("logits", [3, 37, 50], 5), targets, weights },
      dy: values("dy", []),
    },
    headLoss: {
      operation: "headLoss",
      attributes: {},
      tensors: { hidden: values("hidden", [3, 37, 20]), tokens: values("t", [50, 20]), targets, weights },
      dy: values("dy", []),
    },
  };

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
