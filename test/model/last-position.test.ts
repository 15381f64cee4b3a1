import type * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  lossAndGradients,
  modelConfig,
} from "../../src/model/index.js";
import { expectNoLeak, randomIds, relativeError, takeAll, testedBackends, useBackend } from "../tensors.js";

const config = modelConfig({
  vocab_size: 13,
  n_positions: 12,
  n_embd: 12,
  n_layer: 2,
  n_head: 2,
  initializer_range: 0.3,
});
const rows = Array.from({ length: 3 }, (_, row) =>
  Array.from(randomIds("ids", [3, 9], 13).values.subarray(9 * row, 9 * row + 9)),
);

describe.each(testedBackends)("only the last position on %s", (backend) => {
  it.each([
    ["causal", undefined],
    ["full", [9, 9, 9]],
    ["prefix", [4, 0, 9]],
  ] as const)("has the logits that it has among all, with %s attention", async (_, prefixes) => {
    await useBackend(backend);
    const parameters = initialParameters(config, 2, { positions: "random" });
    await expectNoLeak(async () => {
      const [all] = await takeAll([forward(parameters, config, rows, { prefixes })]);
      const [last] = await takeAll([forward(parameters, config, rows, { prefixes, positions: "last" })]);
      const expected = [0, 1, 2].flatMap((row) => [...all.slice((9 * row + 8) * 13, (9 * row + 9) * 13)]);
      expect(relativeError(last, expected)).toBeLessThan(1e-5);
    });
    disposeParameters(parameters);
  });

  it("leaves a cache that others go on from", async () => {
    await useBackend(backend);
    const parameters = initialParameters(config, 2, { positions: "random" });
    await expectNoLeak(async () => {
      const goOnAfter = async (positions: "all" | "last"): Promise<Float32Array> => {
        const cache = new Cache();
        forward(parameters, config, rows, { cache, positions, prefixes: [4, 4, 4] }).dispose();
        const [logits] = await takeAll([forward(parameters, config, [[1], [2], [3]], { cache })]);
        cache.dispose();
        return logits;
      };
      expect(await goOnAfter("last")).toEqual(await goOnAfter("all"));
    });
    disposeParameters(parameters);
  });

  it("has the gradients of a loss in which only it is counted", async () => {
    await useBackend(backend);
    const parameters = initialParameters(config, 2, { positions: "random" });
    await expectNoLeak(async () => {
      const targets = rows.map(([first]) => [...new Array<number>(8).fill(-1), first]);
      const gradientsOf = async (positions: "all" | "last"): Promise<Map<string, Float32Array>> => {
        const wanted = positions === "last" ? rows.map(([first]) => [first]) : targets;
        const { loss, gradients } = lossAndGradients(parameters, config, rows, wanted, {
          prefixes: [9, 9, 9],
          positions,
        });
        const values = await takeAll([loss as tf.Tensor, ...gradients.values()]);
        return new Map(["loss", ...gradients.keys()].map((name, i) => [name, values[i]]));
      };
      const expected = await gradientsOf("all");
      for (const [name, gradient] of await gradientsOf("last")) {
        expect(relativeError(gradient, expected.get(name)!), name).toBeLessThan(1e-4);
      }
    });
    disposeParameters(parameters);
  });
});
