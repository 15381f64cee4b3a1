import { expect, it } from "vitest";
import { beamSearch, type GenerateOptions, verify } from "../../src/generate/index.js";
import { expectNoLeak, useBackend } from "../tensors.js";
import { runGenerate } from "./tiny-model.js";

/** Tests that a model's ids are the same whichever way they are decoded. @param base what is generated, once tests run */
export function testSameIds(backend: string, base: () => GenerateOptions): void {
  it("draws the same ids with a cache, by recompute and with guesses, beyond the window too", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const { parameters, config, prompt = [] } = base();
      const cached = await runGenerate(base());
      expect((await runGenerate({ ...base(), decode: "recompute" })).ids).toEqual(cached.ids);
      expect((await runGenerate({ ...base(), count: 1, speculate: 3 })).ids[0]).toEqual(cached.ids[0]);
      const sequences = cached.ids.map((row) => [...Array.from(prompt), ...row]);
      const result = await verify({ parameters, config, sequences, promptLength: prompt.length });
      expect(result.agrees).toBe(true);
      expect(result.slides).toBeGreaterThan(0);
    });
  });

  it("searches the same beams with a cache and by recompute", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const { count: _, ...one } = base();
      const search = async (decode: "cached" | "recompute") => {
        const found: number[][] = [];
        for await (const event of beamSearch({ ...one, maxTokens: 9, beams: 4, decode }))
          if (event.kind === "found") found.push(...event.sequences.map(({ ids }) => [...ids]));
        return found;
      };
      expect(await search("cached")).toEqual(await search("recompute"));
    });
  });
}
