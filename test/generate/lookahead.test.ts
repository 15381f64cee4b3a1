import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder, type GenerateOptions } from "../../src/generate/index.js";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
} from "../../src/model/index.js";
import { expectNoLeak, relativeError, takeAll, testedBackends, useBackend } from "../tensors.js";
import { testSameIds } from "./same-ids.js";
import { tinyConfig } from "./tiny-model.js";

const config = modelConfig({ ...tinyConfig, attention: "lookahead" });
const prompt = [1, 5, 0, 7, 3];
const ids = [1, 5, 0, 7, 3, 4, 2, 9, 22, 6, 5, 5];

describe.each(testedBackends)("decoding with lookahead keys on %s", (backend) => {
  let parameters: Parameters;
  let base: GenerateOptions;
  beforeAll(async () => {
    await useBackend(backend);
    parameters = initialParameters(config, 11, { positions: "random" });
    base = { parameters, config, prompt, maxTokens: 24, seed: 3, count: 3 };
  });
  afterAll(() => disposeParameters(parameters));

  /** The logits behind each of `ids`, by one pass over all of them. */
  const whole = async (given = ids): Promise<Float32Array[]> => {
    const [logits] = await takeAll([forward(parameters, config, [given])]);
    return given.map((_, i) => logits.slice(i * config.vocab_size, (i + 1) * config.vocab_size));
  };
  const feed = async (cache: Cache, rows: number[][]): Promise<Float32Array> => {
    const [logits] = await takeAll([forward(parameters, config, rows, { cache, positions: "last" })]);
    return logits;
  };

  it("gives at each position what recomputing gives, however many ids come at once", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const expected = await whole();
      for (const parts of [ids.map(() => 1), [5, 1, 1, 3, 2], [12]]) {
        const cache = new Cache();
        let length = 0;
        for (const part of parts) {
          const found = await feed(cache, [ids.slice(length, length + part)]);
          length += part;
          expect(relativeError(found, expected[length - 1])).toBeLessThan(1e-5);
        }
        cache.dispose();
      }
    });
  });

  it("looks at nothing that comes later, and isn't plain causal attention", async () => {
    await useBackend(backend);
    const expected = await whole();
    const changed = await whole([...ids.slice(0, 8), 1, 2, 3, 4]);
    for (let i = 0; i < 8; i++) expect(relativeError(changed[i], expected[i])).toBeLessThan(1e-6);
    expect(relativeError(changed[8], expected[8])).toBeGreaterThan(1e-3);
    const [causal] = await takeAll([forward(parameters, tinyConfig, [ids], { positions: "last" })]);
    expect(relativeError(causal, expected[11])).toBeGreaterThan(1e-3);
  });

  it("goes on rightly after the cache was rewound, forked and reordered", async () => {
    await useBackend(backend);
    await expectNoLeak(async () => {
      const other = [4, 9, 9, 1, 0, 2, 3, 7, 8, 6, 1, 2];
      const cache = new Cache();
      await feed(cache, [ids.slice(0, 8), other.slice(0, 8)]);
      cache.reorder([1, 0, 0]);
      const fork = cache.fork();
      cache.rewind(5);
      const rewound = await feed(cache, [other.slice(5, 7), ids.slice(5, 7), [2, 2]]);
      const forked = await feed(fork, [[other[8]], [ids[8]], [3]]);
      const size = config.vocab_size;
      const last = async (row: number[]): Promise<Float32Array> => (await whole(row))[row.length - 1];
      const rows = [other.slice(0, 7), ids.slice(0, 7), [...ids.slice(0, 5), 2, 2]];
      const forkedRows = [other.slice(0, 9), ids.slice(0, 9), [...ids.slice(0, 8), 3]];
      for (const [i, row] of rows.entries())
        expect(relativeError(rewound.slice(i * size, (i + 1) * size), await last(row))).toBeLessThan(1e-5);
      for (const [i, row] of forkedRows.entries())
        expect(relativeError(forked.slice(i * size, (i + 1) * size), await last(row))).toBeLessThan(1e-5);
      cache.dispose();
      fork.dispose();
    });
  });

  testSameIds(backend, () => base);
});

describe("what lookahead keys don't do", () => {
  it("is refused with a reason", async () => {
    await useBackend("cpu");
    const parameters = initialParameters(config, 1);
    expect(() => forward(parameters, config, [ids], { attention: "full" })).toThrow(
      "invalid attention: both directions for a model with lookahead keys; expected causal",
    );
    expect(() => forward(parameters, config, [ids], { prefixes: [3] })).toThrow("invalid attention");
    expect(() => createDecoder({ parameters, config }, "cached")).not.toThrow();
    disposeParameters(parameters);
  });
});
