import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beamSearch, type GenerateOptions, verify } from "../../src/generate/index.js";
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

  it("draws the same ids with a cache, by recompute and with guesses, beyond the window too", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const cached = await runGenerate(base);
      expect((await runGenerate({ ...base, decode: "recompute" })).ids).toEqual(cached.ids);
      expect((await runGenerate({ ...base, count: 1, speculate: 3 })).ids[0]).toEqual(cached.ids[0]);
      const sequences = cached.ids.map((row) => [...prompt, ...row]);
      const result = await verify({ parameters, config, sequences, promptLength: prompt.length });
      expect(result.agrees).toBe(true);
      expect(result.slides).toBeGreaterThan(0);
    });
  });

  it("searches the same beams with a cache and by recompute", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const { count: _, ...one } = base;
      const search = async (decode: "cached" | "recompute") => {
        const found: number[][] = [];
        for await (const event of beamSearch({ ...one, maxTokens: 9, beams: 4, decode }))
          if (event.kind === "found") found.push(...event.sequences.map(({ ids }) => [...ids]));
        return found;
      };
      expect(await search("cached")).toEqual(await search("recompute"));
    });
  });

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
