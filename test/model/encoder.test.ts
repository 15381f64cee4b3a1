import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  Cache,
  disposeMemory,
  disposeParameters,
  encoderStart,
  encodeSource,
  forward,
  initialParameters,
  loss,
  lossAndGradients,
  modelConfig,
  type Parameters,
  parameterCount,
  parametersFrom,
} from "../../src/model/index.js";
import { initialValues } from "../../src/model/parameters.js";
import { expectNoLeak, relativeError, rowsOf, testedBackends, useBackend } from "../tensors.js";
import { referenceModel } from "./reference-model.js";

// Made by scripts/goldens-encoder.py.
const references = (["encoder", "rotary-encoder"] as const).map((name) => {
  const { config, values, golden } = referenceModel(name);
  const ids = rowsOf(golden("ids"));
  const targets = rowsOf(golden("targets"));
  const source = { ids: rowsOf(golden("source")), lengths: Array.from(golden("lengths").values) };
  return { name, config, values, golden, ids, targets, source };
});

describe.each(
  testedBackends.flatMap((backend) => references.map((reference) => ({ backend, ...reference }))),
)("the model $name on $backend", ({ backend, config, values, golden, ids, targets, source }) => {
  const check = async (call: (parameters: Parameters) => void): Promise<void> => {
    await useBackend(backend);
    expectNoLeak(() => {
      const parameters = parametersFrom(config, values);
      call(parameters);
      disposeParameters(parameters);
    });
  };

  it("gives PyTorch's logits and loss", () =>
    check((parameters) => {
      const logits = forward(parameters, config, ids, { source });
      expect(logits.shape).toEqual(golden("logits").shape);
      expect(relativeError(logits.dataSync(), golden("logits").values)).toBeLessThan(1e-5);
      const whole = loss(parameters, config, ids, targets, { source });
      expect(relativeError(whole.dataSync(), golden("loss").values)).toBeLessThan(1e-5);
      tf.dispose([logits, whole]);
    }));

  it("gives PyTorch's gradient of every parameter", () =>
    check((parameters) => {
      const { loss: value, gradients } = lossAndGradients(parameters, config, ids, targets, { source });
      expect([...gradients.keys()]).toEqual([...parameters.keys()]);
      for (const [name, gradient] of gradients) {
        const expected = golden(`gradient/${name}`);
        expect(gradient.shape, name).toEqual(expected.shape);
        // A bias of keys moves all scores of a query alike: its gradient is 0 but for rounding.
        const size = Math.max(...expected.values.map(Math.abs));
        if (size < 1e-6) expect(Math.max(...gradient.dataSync().map(Math.abs)), name).toBeLessThan(1e-6);
        else expect(relativeError(gradient.dataSync(), expected.values), name).toBeLessThan(1e-4);
      }
      tf.dispose([value, ...gradients.values()]);
    }));

  it("with a memory and a cache, an id at a time or several, gives what one pass gives", () =>
    check((parameters) => {
      const memory = encodeSource(parameters, config, source);
      const cache = new Cache();
      const found: tf.Tensor[] = [];
      for (let at = 0; at < config.n_positions; at += at < 6 ? 1 : 4) {
        const part = ids.map((row) => row.slice(at, at + (at < 6 ? 1 : 4)));
        found.push(forward(parameters, config, part, { cache, memory }));
      }
      const logits = tf.concat(found, 1);
      expect(relativeError(logits.dataSync(), golden("logits").values)).toBeLessThan(1e-5);
      tf.dispose([logits, ...found]);
      cache.dispose();
      disposeMemory(memory);
    }));

  it("sees nothing of a source behind its length, and all of what is before", () =>
    check((parameters) => {
      const logitsOf = (change: (row: number, at: number, id: number) => number): Float32Array => {
        const changed = source.ids.map((row, r) => row.map((id, at) => change(r, at, id)));
        const logits = forward(parameters, config, ids, { source: { ...source, ids: changed } });
        const found = logits.dataSync() as Float32Array;
        logits.dispose();
        return found;
      };
      const known = logitsOf((_, __, id) => id);
      expect(logitsOf((row, at, id) => (at >= source.lengths[row] ? 0 : id))).toEqual(known);
      const moved = logitsOf((row, at, id) => (row === 1 && at === 4 ? (id + 1) % config.vocab_size : id));
      const size = config.n_positions * config.vocab_size;
      expect(relativeError(moved.slice(size, size + 5), known.slice(size, size + 5))).toBeGreaterThan(1e-4);
      expect(moved.slice(0, size)).toEqual(known.slice(0, size));
    }));
});

describe("a source and its model", () => {
  const [{ config, values, ids, targets, source }] = references;
  const plain = modelConfig({ vocab_size: 9, n_positions: 8, n_embd: 4, n_layer: 1, n_head: 2 });

  it("belong together", async () => {
    await useBackend("cpu");
    expectNoLeak(() => {
      const parameters = parametersFrom(config, values);
      const other = initialParameters(plain, 1);
      expect(() => forward(parameters, config, ids)).toThrow("missing source");
      expect(() => forward(other, plain, [[1]], { source: { ids: [[1]], lengths: [1] } })).toThrow(
        "unsupported a source: a model without an encoder",
      );
      for (const lengths of [
        [9, 5],
        [9, 5, 0],
        [9, 10, 1],
        [9, 1.5, 1],
      ]) {
        expect(() => encodeSource(parameters, config, { ...source, lengths })).toThrow("lengths of sources");
      }
      const long = { ids: [new Array(15).fill(1)], lengths: [15] };
      expect(() => encodeSource(parameters, config, long)).toThrow("at most 14");
      const memory = encodeSource(parameters, config, source);
      expect(() => forward(parameters, config, ids, { source, memory })).toThrow("one of both");
      expect(() => forward(other, plain, [[1]], { memory })).toThrow("memory");
      disposeMemory(memory);
      for (const each of [parameters, other]) disposeParameters(each);
    });
  });

  it("have as many parameters as are counted, and no int8", async () => {
    await useBackend("cpu");
    const size = [...values.values()].reduce((sum, { length }) => sum + length, 0);
    expect(parameterCount(config)).toBe(size);
    expect(() => parametersFrom(config, values, { weights: "int8" })).toThrow(
      "int8 for a model with an encoder",
    );
    expect(() => modelConfig({ ...config, attention: "full" })).toThrow("in a model with an encoder");
    for (const encoder_layers of [-1, 1.5, 1025]) {
      expect(() => modelConfig({ ...config, encoder_layers })).toThrow("encoder_layers");
    }
  });

  it("begin as a trained model without an encoder, whatever the source", async () => {
    await useBackend("cpu");
    expectNoLeak(() => {
      const without = modelConfig({ ...config, encoder_layers: 0 });
      const trained = new Map([...values].filter(([name]) => !/^encoder\.|cross/.test(name)));
      const start = encoderStart(config, trained, { seed: 1, sourceStep: 4 });
      const plain = parametersFrom(without, trained);
      const parameters = parametersFrom(config, start);
      const [expected, found] = [forward(plain, without, ids), forward(parameters, config, ids, { source })];
      expect(relativeError(found.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
      // The encoder begins as the decoder, with a position in four, and can learn from the first step.
      expect(start.get("encoder.h.1.mlp.c_fc.weight")).toEqual(trained.get("h.1.mlp.c_fc.weight"));
      const [rows, own] = [start.get("encoder.wpe.weight")!, trained.get("wpe.weight")!];
      for (const step of [0, 1, 3]) {
        expect(rows.slice(12 * step, 12 * step + 12)).toEqual(
          own.slice(12 * (1 + 4 * step), 12 * (2 + 4 * step)),
        );
      }
      const { loss: value, gradients } = lossAndGradients(parameters, config, ids, targets, { source });
      const pull = gradients.get("h.0.crossattention.c_proj.weight")!.dataSync();
      expect(Math.max(...pull.map(Math.abs))).toBeGreaterThan(1e-4);
      tf.dispose([value, ...gradients.values(), expected, found]);
      for (const each of [plain, parameters]) disposeParameters(each);
    });
  });

  it("begin with queries and keys that find the same moment", async () => {
    await useBackend("cpu");
    const wide = modelConfig({ ...config, n_positions: 64, n_embd: 32, n_head: 4, n_inner: 64 });
    const start = initialValues(wide, 3, { sourceStep: 4 });
    const rowOf = (name: string, row: number): Float32Array =>
      start.get(name)!.slice(32 * row, 32 * row + 32);
    // Rows through a matrix of `columns`, of which the first 32 are taken: queries, or keys in front of values.
    const through = (row: Float32Array, name: string, columns: number): number[] =>
      Array.from({ length: 32 }, (_, to) =>
        row.reduce((sum, x, from) => sum + x * start.get(name)![from * columns + to], 0),
      );
    const keys = Array.from({ length: 15 }, (_, step) =>
      through(rowOf("encoder.wpe.weight", step), "h.1.crossattention.c_attn.weight", 64),
    );
    for (const step of [0, 4, 9, 14]) {
      const query = through(rowOf("wpe.weight", 1 + 4 * step), "h.1.crossattention.q_attn.weight", 32);
      const scores = keys.map((key) => key.reduce((sum, x, i) => sum + x * query[i], 0));
      expect(scores.indexOf(Math.max(...scores))).toBe(step);
    }
    const random = initialValues(wide, 3, { positions: "random" }).get("h.1.crossattention.q_attn.weight")!;
    expect(Math.max(...random)).toBeLessThan(0.2);
  });

  it("begin with waves of the same phase at the same moment", async () => {
    await useBackend("cpu");
    expectNoLeak(() => {
      const parameters = initialParameters(config, 3, { sourceStep: 4 });
      const [decoder, encoder] = ["wpe.weight", "encoder.wpe.weight"].map((name) =>
        parameters.get(name)!.arraySync(),
      ) as number[][][];
      for (const step of [0, 1, 3]) {
        for (const [i, value] of encoder[step].entries())
          expect(value).toBeCloseTo(decoder[1 + 4 * step][i], 6);
      }
      disposeParameters(parameters);
    });
  });
});
