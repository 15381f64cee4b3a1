import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createDecoder,
  type GenerateOptions,
  generate,
  LOGIT_TOLERANCE,
  type SamplingOptions,
  verify,
} from "../../src/generate/index.js";
import { Cache, disposeParameters, forward, type Parameters } from "../../src/model/index.js";
import { expectNoLeak, testedBackends, useBackend } from "../tensors.js";
import { tinyConfig as config, type Generated, runGenerate, tinyParameters } from "./tiny-model.js";

const prompt = [1, 5, 0, 7, 3];
/** 0 begins a bar: with a context of 16 the windows of different samples are cut at different places. */
const boundaryAt = (ids: ArrayLike<number>, index: number): boolean => ids[index] === 0 || ids[index] === 4;

const samplers: readonly (readonly [name: string, options: SamplingOptions])[] = [
  ["greedy", { greedy: true }],
  ["plain sampling", {}],
  ["temperature", { temperature: 1.3 }],
  ["top-k", { topK: 5 }],
  ["top-p", { topP: 0.8 }],
  ["min-p", { minP: 0.1 }],
  ["typical sampling", { typicalP: 0.6 }],
  ["no repeats", { banRepeats: 2, temperature: 0.3 }],
  ["a repetition penalty", { repetitionPenalty: 1.2 }],
  ["all of them", { repetitionPenalty: 1.1, temperature: 0.9, topK: 12, topP: 0.95, minP: 0.02 }],
];

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

/** Same ids, and logits within the tolerance at every position. */
function expectEqual(a: Generated, b: Generated): void {
  expect(a.ids).toEqual(b.ids);
  expect(a.reasons).toEqual(b.reasons);
  for (const [at, step] of a.steps.entries()) {
    for (const [row, { logits, windowStart }] of step.drawn.entries()) {
      expect(windowStart).toBe(b.steps[at].drawn[row].windowStart);
      expect(largestDifference(logits, b.steps[at].drawn[row].logits)).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    }
  }
}

describe.each(testedBackends)("decoding on %s", (backend) => {
  let parameters: Parameters;
  let base: GenerateOptions;

  beforeAll(async () => {
    await useBackend(backend);
    parameters = tinyParameters();
    base = { parameters, config, prompt, maxTokens: 40, seed: 3, boundaryAt };
  });
  afterAll(() => disposeParameters(parameters));

  /** A test that fails, too, where tensors are left over. */
  const test = (name: string, body: () => Promise<void>): void => it(name, () => expectNoLeak(body));

  for (const [name, options] of samplers)
    test(`gives the same cached and recomputed with ${name}, through slides`, async () => {
      const cached = await runGenerate({ ...base, ...options, count: 3, decode: "cached" });
      const recomputed = await runGenerate({ ...base, ...options, count: 3, decode: "recompute" });
      expectEqual(cached, recomputed);
      expect(cached.ids.map((ids) => ids.length)).toEqual([40, 40, 40]);
      expect(cached.steps.at(-1)?.drawn.every(({ windowStart }) => windowStart > 0)).toBe(true);
    });

  test("lets samples' windows be cut at different places", async () => {
    const { steps } = await runGenerate({ ...base, count: 3 });
    const places = steps.map(({ drawn }) => new Set(drawn.map(({ windowStart }) => windowStart)).size);
    expect(Math.max(...places)).toBeGreaterThan(1);
  });

  test("gives sample k whatever the count", async () => {
    const four = await runGenerate({ ...base, count: 4 });
    const two = await runGenerate({ ...base, count: 2 });
    expect(four.ids.slice(0, 2)).toEqual(two.ids);
    expect(new Set(four.ids.map(String)).size).toBe(4);
  });

  test("goes on alike when a prompt is given in two parts", async () => {
    const whole = await runGenerate({ ...base, maxTokens: 30 });
    const first = await runGenerate({ ...base, maxTokens: 12 });
    const second = await runGenerate({ ...base, prompt: [...prompt, ...first.ids[0]], maxTokens: 18 });
    expect([...first.ids[0], ...second.ids[0]]).toEqual(whole.ids[0]);
  });

  test("goes on with the others when a sample ends", async () => {
    const open = await runGenerate({ ...base, count: 3 });
    // An id that one sample draws early and another never or late.
    const end = open.ids[1][6];
    const cut = open.ids.map((ids) => (ids.includes(end) ? ids.slice(0, ids.indexOf(end) + 1) : ids));
    expect(new Set(cut.map((ids) => ids.length)).size).toBeGreaterThan(1);
    for (const decode of ["cached", "recompute"] as const) {
      const { ids, reasons } = await runGenerate({ ...base, count: 3, end, decode });
      expect(ids).toEqual(cut);
      expect(reasons).toEqual(cut.map((one) => (one.at(-1) === end ? "end" : "tokens")));
    }
  });

  test("verifies what it generated, on both sides of the slides", async () => {
    const { ids } = await runGenerate({ ...base, count: 2 });
    const sequences = ids.map((one, k) => [...prompt, ...(k === 0 ? one : one.slice(0, 25))]);
    const result = await verify({ parameters, config, boundaryAt, sequences, promptLength: prompt.length });
    expect(result.positions).toBe(40 + 25);
    expect(result.slides).toBeGreaterThan(2);
    expect(result.maxDifference).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    expect(result.agrees).toBe(true);
  });

  test("keeps cached logits equal to recomputed ones after fork, rewind and reorder", async () => {
    const rows = [
      [1, 5, 0, 7, 3, 9, 2],
      [1, 5, 0, 7, 8, 8, 6],
      [1, 5, 2, 2, 4, 0, 11],
    ];
    const last = async (ids: number[][], cache?: Cache): Promise<Float32Array> => {
      const logits = forward(parameters, config, ids, { cache, positions: "last" });
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      return values;
    };
    const cache = new Cache();
    await last(rows, cache);
    const fork = cache.fork();
    cache.reorder([2, 0, 0]);
    cache.rewind(4);
    const next = [[13], [14], [15]];
    const ours = await last(next, cache);
    const theirs = await last([2, 0, 0].map((row, i) => [...rows[row].slice(0, 4), ...next[i]]));
    expect(largestDifference(ours, theirs)).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    const forked = await last(next, fork);
    const whole = await last(rows.map((row, i) => [...row, ...next[i]]));
    expect(largestDifference(forked, whole)).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    cache.dispose();
    fork.dispose();
  });

  test("frees everything when the loop is left early", async () => {
    for (const decode of ["cached", "recompute"] as const) {
      for await (const event of generate({ ...base, count: 3, decode })) {
        if (event.kind === "step" && event.position > prompt.length + 14) break;
      }
    }
  });

  test("stops all samples at the signal, and frees everything", async () => {
    const signal = { aborted: false };
    const reasons: string[] = [];
    for await (const event of generate({ ...base, count: 2, signal })) {
      if (event.kind === "stop") reasons.push(event.reason);
      else if (event.position === prompt.length + 3) signal.aborted = true;
    }
    expect(reasons).toEqual(["aborted", "aborted"]);
  });

  test("finds in verify that damaged weights don't agree even with themselves", async () => {
    const damaged = tinyParameters();
    tf.tidy(() => damaged.get("ln_f.bias")?.assign(tf.fill([config.n_embd], Number.NaN)));
    const sequences = [[...prompt, 1, 2]];
    const result = await verify({ parameters: damaged, config, sequences, promptLength: prompt.length });
    expect(result).toMatchObject({ positions: 2, maxDifference: Number.POSITIVE_INFINITY, agrees: false });
    disposeParameters(damaged);
  });

  test("refuses damaged weights, and frees everything", async () => {
    const damaged = tinyParameters();
    tf.tidy(() => damaged.get("ln_f.bias")?.assign(tf.fill([config.n_embd], Number.NaN)));
    await expect(runGenerate({ ...base, parameters: damaged })).rejects.toThrow(/invalid logits: NaN/);
    disposeParameters(damaged);
  });
});

describe("a decoder", () => {
  it("gives logits past the tolerance where its window begins elsewhere, as a wrong slide would make it", async () => {
    await useBackend("cpu");
    const parameters = tinyParameters();
    const wrong = createDecoder({ parameters, config }, "cached");
    const right = createDecoder({ parameters, config }, "recompute");
    const ids = [1, 2, 3, 4, 5, 6];
    const [a] = await wrong.next([{ sample: 0, ids, start: 1 }]);
    const [b] = await right.next([{ sample: 0, ids, start: 0 }]);
    expect(largestDifference(a, b)).toBeGreaterThan(LOGIT_TOLERANCE);
    wrong.dispose();
    disposeParameters(parameters);
  });

  it("can't be asked for by another name", async () => {
    const parameters = tinyParameters();
    const options = { parameters, config, prompt, maxTokens: 1, decode: "beam" as "cached" };
    await expect(runGenerate(options)).rejects.toThrow(
      /unknown decode mode: "beam"; expected one of cached, recompute/,
    );
    disposeParameters(parameters);
  });
});

describe("options of generate", () => {
  const parameters: Parameters = new Map();
  it.each([
    [{ prompt: [] }, /invalid prompt: no ids/],
    [{ prompt: [1, 23] }, /invalid prompt, id 1: 23; expected 0 to 22/],
    [{ count: 0 }, /invalid count/],
    [{ maxTokens: -1 }, /invalid maxTokens/],
    [{ seed: 0.5 }, /invalid seed/],
    [{ topP: 2 }, /invalid topP/],
  ])("%o are refused", async (wrong, message) => {
    await expect(runGenerate({ parameters, config, prompt, maxTokens: 1, ...wrong })).rejects.toThrow(
      message,
    );
  });
});
