import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { dropout, dropoutMask, dropoutOf } from "../../src/ops/index.js";
import { operationCases } from "../ops/operation-cases.js";
import { runOperation } from "../ops/run-operation.js";
import { expectNoLeak, relativeError, takeAll, useBackend } from "../tensors.js";

const cases = operationCases();

describe("operations on webgpu", () => {
  it.each(Object.keys(cases))("%s equals the reference, and gives the same bits again", async (name) => {
    await useBackend("cpu");
    const reference = await runOperation(cases[name]);
    await useBackend("webgpu");
    const found = await expectNoLeak(() => runOperation(cases[name]));
    expect(relativeError(found.untaped, found.value)).toBeLessThan(1e-6);
    expect(relativeError(found.value, reference.value)).toBeLessThan(1e-5);
    for (const [input, gradient] of Object.entries(reference.gradients)) {
      expect(relativeError(found.gradients[input], gradient), input).toBeLessThan(1e-4);
    }
    expect(await runOperation(cases[name])).toEqual(found);
  });

  it("drops the very values that the other engines drop", async () => {
    await useBackend("webgpu");
    const drop = dropoutOf(0.4, 3, "embd", 9);
    const [found] = await takeAll([tf.tidy(() => dropout(tf.ones([7, 33]), drop))]);
    expect(found).toEqual(dropoutMask(7 * 33, drop));
  });
});
