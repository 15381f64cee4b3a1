import { beforeAll, describe, expect, it } from "vitest";
import { maskedAfter, parseBars, type RefineStep, refine } from "../../src/generate/index.js";
import { disposeParameters, initialParameters, modelConfig } from "../../src/model/index.js";
import { createChoraleTokenizer } from "../../src/tokens/index.js";
import { useBackend } from "../tensors.js";

const tokenizer = createChoraleTokenizer();
const { size } = tokenizer.vocabulary;
const config = modelConfig({
  ...{ vocab_size: size + 1, n_positions: 64, n_embd: 8, n_layer: 1, n_head: 2 },
  attention: "masked",
});
const music = Array.from({ length: 160 }, (_, i) => 20 + (i % 4) * 5);
const ids = [1, ...music, 2];

async function run(positions: number[], passes: number, seed = 0): Promise<RefineStep[]> {
  const parameters = initialParameters(config, 0);
  try {
    const steps: RefineStep[] = [];
    const options = { parameters, config, tokenizer, ids, positions, passes, seed };
    for await (const step of refine(options)) steps.push(step);
    return steps;
  } finally {
    disposeParameters(parameters);
  }
}

beforeAll(() => useBackend("simd"));

describe("iterative refinement", () => {
  it("masks again by a linear schedule", () => {
    expect([1, 2, 3, 4].map((pass) => maskedAfter(10, pass, 4))).toEqual([7, 5, 2, 0]);
    expect(maskedAfter(10, 1, 1)).toBe(0);
  });

  it.each([1, 2, 5, 40])("by %i passes leaves no mask, and what isn't selected as it was", async (passes) => {
    // Wider than a window, so that several take turns.
    const positions = ids.flatMap((_, at) => (at > 20 && at < 150 && at % 4 !== 1 ? [at] : []));
    const last = (await run(positions, passes)).at(-1)!;
    expect(last.windows).toBeGreaterThan(1);
    expect(last.masked).toBe(0);
    for (const [at, id] of ids.entries()) {
      if (positions.includes(at))
        expect(last.ids[at]).toSatisfy((found: number) => found >= 3 && found < size);
      else expect(last.ids[at]).toBe(id);
    }
  });

  it("draws the same again with the same seed, and other ids with another", async () => {
    const positions = [5, 6, 7, 8, 9, 10, 11, 12];
    const [a, b, c] = [await run(positions, 3, 4), await run(positions, 3, 4), await run(positions, 3, 5)];
    expect(b).toEqual(a);
    expect(c.at(-1)!.ids).not.toEqual(a.at(-1)!.ids);
    expect(a.map(({ masked }) => masked)).toEqual([5, 2, 0]);
  });

  it("refuses special tokens, no passes, and places outside of the stream", async () => {
    await expect(run([0], 1)).rejects.toThrow("a special token");
    await expect(run([5], 0)).rejects.toThrow("passes");
    await expect(run([5, 900], 1)).rejects.toThrow("position to fill");
  });
});

describe("bars", () => {
  it("are one or a range, from 1", () => {
    expect(parseBars("5-8")).toEqual({ first: 5, last: 8 });
    expect(parseBars("5")).toEqual({ first: 5, last: 5 });
    for (const wrong of ["0", "8-5", "a", "1-", ""]) expect(() => parseBars(wrong)).toThrow("bars");
  });
});
