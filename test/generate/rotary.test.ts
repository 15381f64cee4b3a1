import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerateOptions } from "../../src/generate/index.js";
import {
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
  parametersFrom,
  parameterValues,
  type WeightForm,
} from "../../src/model/index.js";
import { expectNoLeak, relativeError, takeAll, testedBackends, useBackend } from "../tensors.js";
import { testSameIds } from "./same-ids.js";
import { runGenerate, tinyConfig } from "./tiny-model.js";

const config = modelConfig({ ...tinyConfig, position_embedding_type: "rotary" });
const prompt = [1, 5, 0, 7, 3];

describe.each(testedBackends)("decoding with rotary positions on %s", (backend) => {
  let parameters: Parameters;
  let base: GenerateOptions;
  beforeAll(async () => {
    await useBackend(backend);
    parameters = initialParameters(config, 11, { positions: "random" });
    base = { parameters, config, prompt, maxTokens: 24, seed: 3, count: 3 };
  });
  afterAll(() => disposeParameters(parameters));

  it("isn't what the same weights give without them", async () => {
    await useBackend(backend);
    const logits = (of: typeof config) => forward(parameters, of, [prompt], { positions: "last" });
    const [turned, plain] = await takeAll([logits(config), logits(tinyConfig)]);
    expect(relativeError(turned, plain)).toBeGreaterThan(1e-3);
  });

  testSameIds(backend, () => base);

  it.each(["f16", "int8"] satisfies WeightForm[])(
    "decodes weights in %s alike both ways",
    async (weights) => {
      await useBackend(backend);
      const values = await parameterValues(parameters);
      await expectNoLeak(async () => {
        const rounded = parametersFrom(config, values, { weights });
        const cached = await runGenerate({ ...base, parameters: rounded });
        const recomputed = await runGenerate({ ...base, parameters: rounded, decode: "recompute" });
        expect(recomputed.ids).toEqual(cached.ids);
        disposeParameters(rounded);
      });
    },
  );
});
