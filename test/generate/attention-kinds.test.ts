import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder, type GenerateOptions, verify, windowRuleOf } from "../../src/generate/index.js";
import {
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
} from "../../src/model/index.js";
import { createChoraleTokenizer, createTokenizer, finishedIds } from "../../src/tokens/index.js";
import { expectNoLeak, relativeError, takeAll, testedBackends, useBackend } from "../tensors.js";
import { runGenerate, tinyConfig } from "./tiny-model.js";

const prompt = [1, 5, 0, 7, 3];
/** 0 and 4 begin a bar: rows of one batch come to their bar lines at different steps. */
const isBar = (ids: ArrayLike<number>, index: number): boolean => ids[index] === 0 || ids[index] === 4;
const rules = {
  boundaryAt: isBar,
  finished: (ids: ArrayLike<number>, start: number, length: number): number => {
    for (let index = length - 1; index > start; index--) if (isBar(ids, index)) return index - start;
    return 0;
  },
};
const full = modelConfig({ ...tinyConfig, attention: "full" });
const bar = modelConfig({ ...tinyConfig, attention: "bar" });

describe.each(testedBackends)("decoding with attention over prefixes on %s", (backend) => {
  let parameters: Parameters;
  let base: Omit<GenerateOptions, "config">;
  beforeAll(async () => {
    await useBackend(backend);
    parameters = initialParameters(tinyConfig, 11, { positions: "random" });
    base = { parameters, prompt, maxTokens: 30, seed: 3, count: 3, ...rules };
  });
  afterAll(() => disposeParameters(parameters));

  it("by bars gives with a cache what recomputing gives, across bar lines and cuts of the window", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const cached = await runGenerate({ ...base, config: bar });
      const recompute = await runGenerate({ ...base, config: bar, decode: "recompute" });
      expect(recompute.ids).toEqual(cached.ids);
      const sequences = cached.ids.map((ids) => [...prompt, ...ids]);
      const lines = sequences.flatMap((ids) => ids.filter((_, i) => i >= prompt.length && isBar(ids, i)));
      expect(lines.length).toBeGreaterThan(2);
      const result = await verify({
        parameters,
        config: bar,
        sequences,
        promptLength: prompt.length,
        ...rules,
      });
      expect(result.agrees).toBe(true);
      expect(result.positions).toBe(90);
      expect(result.slides).toBeGreaterThan(0);
    });
  });

  it("by bars and in full is each what one pass over the prefix gives, and they differ from causal attention", async () => {
    await useBackend(backend);
    const ids = [1, 5, 0, 7, 3, 4, 2, 9];
    const logitsOf = async (config: typeof full): Promise<Float32Array> => {
      const decoder = createDecoder({ parameters, config }, "recompute", rules);
      return (await decoder.next([{ sample: 0, ids, start: 0 }]))[0];
    };
    const pass = async (prefix: number): Promise<Float32Array> =>
      (await takeAll([forward(parameters, full, [ids], { prefixes: [prefix], positions: "last" })]))[0];
    expect(relativeError(await logitsOf(full), await pass(8))).toBeLessThan(1e-5);
    expect(relativeError(await logitsOf(bar), await pass(5))).toBeLessThan(1e-5);
    expect(relativeError(await logitsOf(tinyConfig), await pass(0))).toBeLessThan(1e-5);
    expect(relativeError(await pass(8), await pass(5))).toBeGreaterThan(1e-3);
    expect(relativeError(await pass(5), await pass(0))).toBeGreaterThan(1e-3);
  });

  it("in full recomputes by itself, and does the same for one sample as for several", async () => {
    await useBackend(backend);
    const three = await runGenerate({ ...base, config: full });
    const one = await runGenerate({ ...base, config: full, count: 1 });
    expect(one.ids[0]).toEqual(three.ids[0]);
  });
});

describe("decoders that can't be", () => {
  const model = (config: typeof full) => ({ config, parameters: new Map() as Parameters });
  it("are refused with a reason", () => {
    expect(() => createDecoder(model(full), "cached", rules)).toThrow(
      "unsupported decode mode: cached for a model with full attention; expected recompute",
    );
    expect(() => createDecoder(model(bar), "cached")).toThrow("missing finished");
    expect(() => createDecoder(model(bar), "cached", { ...rules, speculate: 2 })).toThrow(
      "invalid speculate: 2 with attention by bars",
    );
  });

  it("aren't compared with each other", async () => {
    const nothing = { sequences: [[1, 2]], promptLength: 1 };
    await expect(verify({ ...model(full), ...nothing })).rejects.toThrow("unsupported decode mode");
  });
});

describe("what is finished of a window", () => {
  const remi = createTokenizer("remi");
  const barId = remi.vocabulary.idOf("Bar_None")!;
  const [other] = [remi.vocabulary.idOf("Pitch_60")!];

  it("ends at the last bar that has begun", () => {
    const ids = [1, barId, other, other, barId, other];
    const at = (length: number): number => finishedIds(remi, ids, 0, length);
    expect([1, 2, 3, 4, 5, 6].map(at)).toEqual([0, 1, 1, 1, 4, 4]);
    expect(finishedIds(remi, ids, 1, 4)).toBe(0);
    expect(finishedIds(remi, ids, 2, 6)).toBe(2);
  });

  it("doesn't depend on what is yet to come", () => {
    const known = [1, barId, other, other];
    for (const next of [barId, other]) expect(finishedIds(remi, [...known, next], 0, 4)).toBe(1);
  });

  it("ends at quarters for chorales, wherever the window begins", () => {
    const chorale = createChoraleTokenizer();
    const at = (start: number, length: number): number => finishedIds(chorale, [], start, length);
    expect([0, 1, 16, 17, 18, 32, 33].map((length) => at(0, length))).toEqual([0, 1, 1, 17, 17, 17, 33]);
    // In a window that begins at a multiple of the unit, ids know no more of their place than those of a whole stream.
    for (const length of [48, 49, 50, 64]) expect(at(32, 32 + length)).toBe(at(0, length));
    const { finished } = windowRuleOf(chorale);
    expect(finished?.([], 32, 82)).toBe(49);
  });
});
