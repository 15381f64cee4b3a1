import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  banRepeats,
  checkSampling,
  chooseId,
  highestId,
  idAt,
  keepMinP,
  keepTopK,
  keepTopP,
  keepTypical,
  type SamplingOptions,
  softmax,
  transformLogits,
  transformOrder,
} from "../../src/generate/index.js";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly logits: number[];
    readonly ids: number[];
    readonly forbidden: number[];
    readonly options: SamplingOptions;
    readonly after: (number | null)[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../golden/generate/sampling.json", import.meta.url), "utf8"),
) as Golden;

const finiteLogits = fc
  .array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float32Array.from(values));

const samplingOptions: fc.Arbitrary<SamplingOptions> = fc.record(
  {
    repetitionPenalty: fc.double({ min: 0.5, max: 2, noNaN: true }),
    temperature: fc.double({ min: 0.1, max: 3, noNaN: true }),
    topK: fc.integer({ min: 1, max: 50 }),
    topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
    minP: fc.double({ min: 0, max: 1, noNaN: true }),
    typicalP: fc.double({ min: 0.01, max: 1, noNaN: true }),
    banRepeats: fc.integer({ min: 2, max: 4 }),
    greedy: fc.boolean(),
  },
  { requiredKeys: [] },
);

const kept = (logits: Float32Array): number[] =>
  [...logits.keys()].filter((id) => logits[id] !== Number.NEGATIVE_INFINITY);

describe("the transforms, against Hugging Face transformers", () => {
  it("has cases for every transform", () => {
    expect(transformOrder).toEqual([
      "mask",
      "repetitionPenalty",
      "banRepeats",
      "temperature",
      "topK",
      "topP",
      "minP",
      "typicalP",
    ]);
    for (const name of transformOrder.slice(1)) {
      expect(golden.cases.some(({ options }) => name in options)).toBe(true);
    }
  });

  it.each(golden.cases)("$name", ({ logits, ids, forbidden, options, after }) => {
    const mask = new Uint8Array(logits.length).fill(1);
    for (const id of forbidden) mask[id] = 0;
    const result = transformLogits(Float32Array.from(logits), options, { ids, mask });
    expect(kept(result)).toEqual(after.flatMap((value, id) => (value === null ? [] : [id])));
    for (const [id, value] of after.entries()) {
      if (value !== null) expect(result[id]).toBeCloseTo(value, 5);
    }
  });
});

describe("edges of the transforms", () => {
  const tied = Float32Array.of(1, 3, 2, 3, 2, 2);

  it("keeps all equals of the last of top-k, and cuts a nucleus inside equals at the lower ids", () => {
    expect(kept(keepTopK(tied, 3))).toEqual([1, 2, 3, 4, 5]);
    expect(kept(keepTopP(Float32Array.of(0, 0, 0, 0), 0.5))).toEqual([0, 1]);
    expect(kept(keepTopP(tied, 1e-9))).toEqual([1]);
  });

  it("keeps all at k of the vocabulary's size or more, at p = 1 and at min-p 0", () => {
    for (const result of [keepTopK(tied, 6), keepTopK(tied, 7), keepTopP(tied, 1), keepMinP(tied, 0)]) {
      expect(result).toEqual(tied);
      expect(result).not.toBe(tied);
    }
  });

  it("never brings back an id at −Infinity", () => {
    const none = Number.NEGATIVE_INFINITY;
    const logits = Float32Array.of(none, 1, none, 2);
    for (const result of [keepTopK(logits, 3), keepTopP(logits, 0.9999), keepMinP(logits, 0.001)]) {
      expect(kept(result)).toEqual([1, 3]);
    }
  });

  it("leaves out the most probable id where it is too plain to be typical", () => {
    // Shares 0.5, 0.25, 0.125, 0.125: 1.75 bits on average, and the ids say 1, 2, 3 and 3 bits.
    const logits = Float32Array.from([0.5, 0.25, 0.125, 0.125], Math.log);
    expect(kept(keepTypical(logits, 0.2))).toEqual([1]);
    expect(kept(keepTypical(logits, 0.7))).toEqual([0, 1]);
    expect(kept(keepTypical(logits, 0.8))).toEqual([0, 1, 2]);
    expect(kept(keepTypical(logits, 1))).toEqual([0, 1, 2, 3]);
  });

  it("bans no id where all that may come would be banned", () => {
    const logits = Float32Array.of(Number.NEGATIVE_INFINITY, 3, Number.NEGATIVE_INFINITY);
    expect(kept(banRepeats(logits, [2, 1, 2], 2))).toEqual([1]);
    expect(kept(banRepeats(Float32Array.of(0, 3, 0), [2, 1, 2], 2))).toEqual([0, 2]);
  });

  it("refuses logits of which none can be drawn, and logits that are no numbers", () => {
    const context = { ids: [], mask: Uint8Array.of(0, 0) };
    expect(() => transformLogits(Float32Array.of(1, 2), {}, context)).toThrow(/no id that may come next/);
    expect(() => transformLogits(Float32Array.of(1, Number.NaN), {}, { ids: [] })).toThrow(/invalid logits/);
    expect(() => transformLogits(Float32Array.of(Number.POSITIVE_INFINITY), {}, { ids: [] })).toThrow(
      /invalid logits/,
    );
  });

  it("leaves its input as it is and keeps at least one id, whatever the options", () => {
    fc.assert(
      fc.property(finiteLogits, samplingOptions, (logits, options) => {
        const before = Float32Array.from(logits);
        const result = transformLogits(logits, options, { ids: [0, logits.length - 1] });
        expect(logits).toEqual(before);
        expect(kept(result).length).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    [{ temperature: 0 }, /temperature: 0; expected a number above 0/],
    [{ temperature: Number.NaN }, /temperature/],
    [{ topK: 0.5 }, /topK/],
    [{ topP: 0 }, /topP/],
    [{ topP: 1.1 }, /topP/],
    [{ minP: -0.1 }, /minP/],
    [{ typicalP: 0 }, /typicalP/],
    [{ banRepeats: 1 }, /banRepeats: 1; expected a whole number from 2/],
    [{ repetitionPenalty: Number.POSITIVE_INFINITY }, /repetitionPenalty/],
  ])("refuses %o", (options, message) => {
    expect(() => checkSampling(options)).toThrow(message);
  });
});

describe("choosing an id", () => {
  it("takes the lowest of equals when greedy", () => {
    expect(highestId(Float32Array.of(0, 5, 5, 1))).toBe(1);
    const draw = { seed: 1, sample: 0, position: 0 };
    expect(chooseId(Float32Array.of(0, 5, 5, 1), { greedy: true, temperature: 2 }, { ids: [] }, draw)).toBe(
      1,
    );
  });

  it("never leaves the mask, however extreme the options", () => {
    const above0 = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
    const share = fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true });
    const extreme: fc.Arbitrary<SamplingOptions> = fc.record(
      { repetitionPenalty: above0, temperature: above0, topP: share, minP: share, greedy: fc.boolean() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(finiteLogits, extreme, fc.nat(), (logits, options, position) => {
        const ids = [...logits.keys()];
        // The last id is what a search through NaN ends at.
        const mask = Uint8Array.from(ids, (id) => (ids.length === 1 || id < ids.length - 1 ? 1 : 0));
        const id = chooseId(logits, options, { ids, mask }, { seed: 1, sample: 0, position });
        expect(mask[id]).toBe(1);
      }),
    );
  });

  it("takes the most probable id as the temperature goes to 0", () => {
    const logits = Float32Array.of(-3, -1, -2, -1.5);
    for (const temperature of [1e-4, 1e-40, Number.MIN_VALUE]) {
      const after = transformLogits(logits, { temperature }, { ids: [] });
      expect(Array.from(softmax(after))).toEqual([0, 1, 0, 0]);
    }
  });

  it("inverts the cumulative distribution", () => {
    const probabilities = Float64Array.of(0, 0.25, 0, 0.5, 0.25, 0);
    expect([0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2 ** -32].map((u) => idAt(probabilities, u))).toEqual([
      1, 1, 3, 3, 4, 4,
    ]);
    expect(idAt(Float64Array.of(0.3, 0.3, 0), 0.99)).toBe(1);
  });

  it("draws each id as often as its probability says", () => {
    const logits = Float32Array.of(0, 1, 2, Number.NEGATIVE_INFINITY, 0.5);
    const probabilities = softmax(logits);
    const counts = new Float64Array(5);
    const draws = 20_000;
    for (let position = 0; position < draws; position++) {
      counts[chooseId(logits, {}, { ids: [] }, { seed: 3, sample: 0, position })]++;
    }
    expect(counts[3]).toBe(0);
    // Four standard deviations of a share of 20,000 draws are at most 0.0142.
    for (const id of [0, 1, 2, 4])
      expect(Math.abs(counts[id] / draws - probabilities[id])).toBeLessThan(0.0142);
  });

  it("draws other numbers for another seed, sample and position", () => {
    const logits = new Float32Array(4096);
    const base = { seed: 5, sample: 1, position: 9 };
    const id = (draw: typeof base): number => chooseId(logits, {}, { ids: [] }, draw);
    expect(id(base)).toBe(id({ ...base }));
    const others = [
      { ...base, seed: 6 },
      { ...base, sample: 2 },
      { ...base, position: 10 },
    ].map(id);
    expect(new Set([id(base), ...others]).size).toBe(4);
  });
});
