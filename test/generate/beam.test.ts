import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type BeamOptions,
  type BeamResult,
  beamSearch,
  checkBeams,
  continueScore,
  createDecoder,
  softmax,
  transformLogits,
} from "../../src/generate/index.js";
import { disposeParameters, initialParameters, modelConfig, type Parameters } from "../../src/model/index.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";
import { disposeModels, pipeline, setup } from "./random-model.js";
import { duo } from "./scores.js";
import { runGenerate, tinyConfig, tinyParameters } from "./tiny-model.js";

type Sequence = BeamResult["sequences"][number];

async function search(options: BeamOptions): Promise<readonly Sequence[]> {
  let found: readonly Sequence[] = [];
  for await (const event of beamSearch(options)) if (event.kind === "found") found = event.sequences;
  return found;
}

/** Few enough ids that every sequence can be written down. */
const few = modelConfig({
  vocab_size: 4,
  n_positions: 8,
  n_embd: 8,
  n_layer: 1,
  n_head: 2,
  initializer_range: 0.9,
});

interface Written {
  readonly ids: number[];
  readonly logProbability: number;
}

/** Every sequence of `length` ids, or fewer where `end` comes before, with its log probability: one full pass for each prefix. */
async function allSequences(base: BeamOptions, length: number): Promise<Written[]> {
  const decoder = createDecoder(base, "recompute");
  let open: Written[] = [{ ids: [], logProbability: 0 }];
  const closed: Written[] = [];
  for (let step = 0; step < length; step++) {
    const next: Written[] = [];
    for (const { ids, logProbability } of open) {
      const whole = [...Array.from(base.prompt), ...ids];
      const [logits] = await decoder.next([{ sample: 0, ids: whole, start: 0 }]);
      const shares = softmax(transformLogits(logits, base, { ids: whole }));
      for (const [id, share] of shares.entries()) {
        const one = { ids: [...ids, id], logProbability: logProbability + Math.log(share) };
        if (id === base.end) closed.push(one);
        else next.push(one);
      }
    }
    open = next;
  }
  return [...closed, ...open];
}

describe.each(testedBackends)("beam search on %s", (backend) => {
  let parameters: Parameters;
  let base: BeamOptions;
  let tiny: Parameters;

  beforeAll(async () => {
    await useBackend(backend);
    parameters = initialParameters(few, 4, { positions: "random" });
    tiny = tinyParameters();
    base = { parameters, config: few, prompt: [1, 2], maxTokens: 4, beams: 4 };
  });
  afterAll(() => {
    disposeParameters(parameters);
    disposeParameters(tiny);
  });

  /** A test that fails, too, where tensors are left over. */
  const test = (name: string, body: () => Promise<void>): void => it(name, () => expectNoLeak(body));

  test("with a beam for every sequence ranks all of them as they are", async () => {
    const all = await allSequences(base, 4);
    all.sort((a, b) => b.logProbability - a.logProbability);
    const found = await search({ ...base, beams: 4 ** 4 });
    expect(found).toHaveLength(256);
    expect(found.map(({ ids }) => ids)).toEqual(all.map(({ ids }) => ids));
    for (const [i, { logProbability }] of found.entries()) {
      expect(logProbability).toBeCloseTo(all[i].logProbability, 3);
    }
    expect(found.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 4);
  });

  for (const lengthPenalty of [0, 0.5, 1, 2])
    test(`compares sequences that end early by their length, with penalty ${lengthPenalty}`, async () => {
      const options = { ...base, end: 3, lengthPenalty };
      const all = (await allSequences(options, 4))
        .map((one) => ({ ...one, score: one.logProbability / one.ids.length ** lengthPenalty }))
        .sort((a, b) => b.score - a.score);
      // 1 + 3 + 9 + 27 that end, 81 that don't.
      const found = await search({ ...options, beams: 121 });
      expect(found.map(({ ids }) => ids)).toEqual(all.map(({ ids }) => ids));
      expect(found[0].score).toBeCloseTo(all[0].score, 4);
      expect(found.every(({ ids, reason }) => reason === (ids.at(-1) === 3 ? "end" : "tokens"))).toBe(true);
    });

  test("with one beam takes what greedy decoding takes", async () => {
    const options = { parameters: tiny, config: tinyConfig, prompt: [1, 5, 0], maxTokens: 40 };
    const [one] = await search({ ...options, beams: 1 });
    const { ids } = await runGenerate({ ...options, greedy: true });
    expect(one.ids).toEqual(ids[0]);
  });

  test("finds better with more beams than one, and the same cached and recomputed, through slides", async () => {
    const boundaryAt = (ids: ArrayLike<number>, index: number): boolean => ids[index] % 4 === 0;
    const options = { parameters: tiny, config: tinyConfig, prompt: [3, 5, 0], maxTokens: 30, boundaryAt };
    const best: number[] = [];
    for (const beams of [1, 4]) {
      const cached = await search({ ...options, beams });
      const recomputed = await search({ ...options, beams, decode: "recompute" });
      expect(recomputed.map(({ ids }) => ids)).toEqual(cached.map(({ ids }) => ids));
      expect(recomputed[0].logProbability).toBeCloseTo(cached[0].logProbability, 3);
      best.push(cached[0].logProbability);
    }
    expect(best[1]).toBeGreaterThan(best[0]);
  });

  test("holds groups apart, and ranks them by their own probability", async () => {
    const options = { parameters: tiny, config: tinyConfig, prompt: [1, 5, 0], maxTokens: 10 };
    const shared = (sequences: readonly Sequence[]): number =>
      sequences[0].ids.filter((id, i) => id === sequences[1].ids[i]).length;
    const plain = await search({ ...options, beams: 4 });
    const apart = await search({ ...options, beams: 4, beamGroups: 2, diversity: 50 });
    expect(new Set(apart.slice(0, 2).map(({ group }) => group)).size).toBe(2);
    // At such a price no group takes an id that the one before took at the same step.
    const [first, second] = [0, 1].map((group) => apart.filter((one) => one.group === group));
    expect(second.every(({ ids }) => first.every((other) => ids[0] !== other.ids[0]))).toBe(true);
    expect(shared(apart)).toBeLessThan(shared(plain));
    // The first group knows of no other: it is a search of its own.
    const alone = await search({ ...options, beams: 2 });
    expect(first.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
    // Without a price all groups find the same.
    const free = await search({ ...options, beams: 4, beamGroups: 2, diversity: 0 });
    expect(free.map(({ ids }) => ids)).toEqual(alone.flatMap(({ ids }) => [ids, ids]));
  });

  test("frees everything when it is left early or stopped, and then gives what it has", async () => {
    const options = { parameters: tiny, config: tinyConfig, prompt: [1, 5], maxTokens: 30, beams: 3 };
    for await (const event of beamSearch(options)) if (event.kind === "step" && event.position > 6) break;
    const signal = { aborted: false };
    for await (const event of beamSearch({ ...options, signal })) {
      if (event.kind === "step" && event.position === 6) signal.aborted = true;
      if (event.kind !== "found") continue;
      expect(event.sequences.map(({ ids, reason }) => [ids.length, reason])).toEqual([
        [5, "aborted"],
        [5, "aborted"],
        [5, "aborted"],
      ]);
    }
  });
});

describe("continuing by beam search", () => {
  afterAll(disposeModels);

  it.each(["remi", "tsd", "midilike"] as const)(
    "gives the best first, in whole bars, with %s",
    async (name) => {
      await useBackend("simd");
      const tokenizer = createTokenizer(name, pipeline);
      const options = setup(tokenizer, { prompt: duo, bars: 1, beams: 4, count: 3 });
      const { samples } = await continueScore(options);
      const again = await continueScore({ ...options, decode: "recompute" });
      expect(again.samples.map(({ ids }) => ids)).toEqual(samples.map(({ ids }) => ids));
      expect(samples).toHaveLength(3);
      const scores = samples.map(({ logProbability, ids }) => logProbability! / ids.length);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    },
  );

  it("refuses more samples than beams", async () => {
    const options = setup(createTokenizer("chorale"), { bars: 1, beams: 2, count: 3 });
    await expect(continueScore(options)).rejects.toThrow(/count: 3; expected 2 beams at most/);
  });

  it.each([
    [{ beams: 0 }, /beams: 0; expected a whole number from 1/],
    [{ beams: 4, beamGroups: 3 }, /beamGroups: 3; expected a number that divides the 4 beams/],
    [{ beams: 4, diversity: -1 }, /diversity/],
    [{ beams: 4, lengthPenalty: Number.NaN }, /lengthPenalty/],
  ])("refuses %o", (settings, message) => {
    expect(() => checkBeams(settings)).toThrow(message);
  });
});
