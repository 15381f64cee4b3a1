import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createDecoder,
  draftIds,
  type GenerateOptions,
  LOGIT_TOLERANCE,
  type SamplingOptions,
} from "../../src/generate/index.js";
import { disposeParameters, type Parameters } from "../../src/model/index.js";
import type { GrammarState } from "../../src/tokens/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";
import { tinyConfig as config, type Generated, runGenerate, tinyParameters } from "./tiny-model.js";

describe("a draft", () => {
  it.each([
    ["goes on as the longest match did", [1, 2, 3, 9, 8, 2, 3, 7, 1, 2, 3], 2, [9, 8]],
    ["takes the latest of equal matches", [5, 1, 6, 1, 7, 1], 1, [7]],
    ["repeats what repeats, past its own end", [4, 1, 2, 3, 1, 2, 3], 7, [1, 2, 3, 1, 2, 3, 1]],
    ["repeats a single id", [9, 9], 3, [9, 9, 9]],
    ["is empty where the newest id is new", [1, 2, 3], 4, []],
    ["is empty where none is wanted", [1, 1], 0, []],
    ["is empty for one id", [1], 4, []],
  ])("%s", (_, ids, count, expected) => {
    expect(draftIds(ids, 0, count)).toEqual(expected);
  });

  it("looks no further back than it may", () => {
    expect(draftIds([3, 8, 1, 2, 3], 1, 2)).toEqual([]);
    expect(draftIds([3, 8, 1, 2, 3], 0, 2)).toEqual([8, 1]);
  });

  it("is what a plain search finds", () => {
    const ids = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 6 }), (sequence, count) => {
        let expected: number[] = [];
        for (let length = 1; length < sequence.length; length++) {
          const newest = sequence.slice(-length).join();
          for (let at = 0; at + length < sequence.length; at++) {
            if (sequence.slice(at, at + length).join() !== newest) continue;
            const all = [...sequence];
            for (let i = 0; i < count; i++) all.push(all[at + length + i]);
            expected = all.slice(sequence.length);
          }
        }
        expect(draftIds(sequence, 0, count)).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});

/** After an even id comes one below 12, after an odd one any; a bar is ten ids. */
function evenGrammar(last = 0, length = 0): GrammarState {
  return {
    allowed: (mask) => {
      if (last % 2 === 0) mask.fill(0, 12);
    },
    push: (id) => {
      last = id;
      length++;
    },
    fork: () => evenGrammar(last, length),
    bars: () => length / 10,
    noteOf: () => undefined,
    grid: () => ({ stepsPerBar: 10, stepsPerBeat: 10 }),
    room: () => 10 - (length % 10),
  };
}

const prompt = [1, 5, 0, 7, 3, 1, 5, 0];
const boundaryAt = (ids: ArrayLike<number>, index: number): boolean => ids[index] === 0 || ids[index] === 4;

const samplers: readonly (readonly [name: string, options: SamplingOptions])[] = [
  ["greedy", { greedy: true }],
  ["plain sampling", {}],
  ["a low temperature", { temperature: 0.4 }],
  ["top-k", { topK: 3 }],
  ["top-p", { topP: 0.6 }],
  ["min-p", { minP: 0.2 }],
  ["a repetition penalty", { repetitionPenalty: 1.2, temperature: 0.5 }],
  ["all of them", { repetitionPenalty: 1.1, temperature: 0.7, topK: 8, topP: 0.95, minP: 0.02 }],
];

describe.each(testedBackends)("guessing ahead on %s", (backend) => {
  let parameters: Parameters;
  let base: GenerateOptions;

  beforeAll(async () => {
    await useBackend(backend);
    parameters = tinyParameters();
    base = { parameters, config, prompt, maxTokens: 40, boundaryAt };
  });
  afterAll(() => disposeParameters(parameters));

  const test = (name: string, body: () => Promise<void>): void => it(name, () => expectNoLeak(body));
  const counts = ({ steps }: Generated) => steps.at(-1)?.speculation ?? { drafted: 0, accepted: 0 };

  for (const [name, options] of samplers)
    test(`gives the ids of decoding one by one with ${name}, for many seeds, through cuts`, async () => {
      let [drafted, accepted] = [0, 0];
      for (let seed = 0; seed < 6; seed++) {
        const one = { ...base, ...options, seed, count: 2 };
        const plain = await runGenerate(one);
        const guessed = await runGenerate({ ...one, speculate: 1 + (seed % 5) });
        expect(guessed.ids).toEqual(plain.ids);
        expect(guessed.reasons).toEqual(plain.reasons);
        for (const [at, { drawn }] of guessed.steps.entries()) {
          for (const [row, { logits, windowStart }] of drawn.entries()) {
            const other = plain.steps[at].drawn[row];
            expect(windowStart).toBe(other.windowStart);
            for (let i = 0; i < logits.length; i++) {
              expect(Math.abs(logits[i] - other.logits[i])).toBeLessThanOrEqual(LOGIT_TOLERANCE);
            }
          }
        }
        expect(plain.steps.at(-1)?.drawn.every(({ windowStart }) => windowStart > 0)).toBe(true);
        drafted += counts(guessed).drafted;
        accepted += counts(guessed).accepted;
      }
      // Guesses were right and wrong, or nothing was tested.
      expect(accepted).toBeGreaterThan(0);
      expect(accepted).toBeLessThan(drafted);
    });

  test("keeps to a grammar and its bars, ends, and ids to avoid", async () => {
    for (let seed = 0; seed < 5; seed++) {
      const one = { ...base, seed, count: 3, grammar: evenGrammar(), untilBar: 2.5, end: 2, avoid: [3] };
      const plain = await runGenerate({ ...one, temperature: 0.6 });
      const guessed = await runGenerate({ ...one, temperature: 0.6, speculate: 4 });
      expect(guessed.ids).toEqual(plain.ids);
      expect(guessed.reasons).toEqual(plain.reasons);
    }
  });

  test("gives sample k whatever the count", async () => {
    const four = await runGenerate({ ...base, temperature: 0.5, count: 4, speculate: 3 });
    const one = await runGenerate({ ...base, temperature: 0.5, speculate: 3 });
    expect(four.ids[0]).toEqual(one.ids[0]);
    expect(new Set(four.ids.map(String)).size).toBe(4);
  });

  test("frees everything when a pass fails or all is left early", async () => {
    const wrong = { ...base, speculate: 3, count: 2, signal: { aborted: true } };
    expect((await runGenerate(wrong)).reasons).toEqual(["aborted", "aborted"]);
    const decoder = createDecoder({ parameters, config }, "cached", { speculate: 3 });
    const ids = [1, 2, 1, 2];
    await decoder.next([{ sample: 0, ids, start: 0 }]);
    await expect(decoder.next([{ sample: 0, ids: [...ids, 99], start: 0 }])).rejects.toThrow("token id: 99");
    decoder.dispose();
  });

  test("computes nothing anew while guesses are right", async () => {
    const decoder = createDecoder({ parameters, config }, "cached", { speculate: 4 });
    const ids = [1, 2, 1];
    for (const id of [2, 1, 2, 1, 2, 9, 9]) {
      await decoder.next([{ sample: 0, ids: [...ids], start: 0 }]);
      ids.push(id);
    }
    // [1 2 1] is fed whole, then 2 with the guesses 1 2 1 2, of which all are right; 9 is new, and has no guess.
    expect(decoder.speculation).toEqual({ drafted: 4, accepted: 4 });
    decoder.dispose();
  });
});

describe("guessing", () => {
  const parameters: Parameters = new Map();
  it.each([
    [
      { speculate: 2, decode: "recompute" as const },
      /invalid speculate: 2 with recompute decoding; expected cached/,
    ],
    [{ speculate: -1 }, /invalid speculate: -1/],
    [{ speculate: 1.5 }, /invalid speculate: 1.5/],
  ])("is refused with %o", async (wrong, message) => {
    const options = { parameters, config, prompt, maxTokens: 1, ...wrong };
    await expect(runGenerate(options)).rejects.toThrow(message);
  });
});
