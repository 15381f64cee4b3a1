import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  attention,
  crossAttention,
  crossEntropy,
  dropout,
  dropoutOf,
  embedding,
  head,
  headLoss,
  headNll,
  layerNorm,
  linear,
  lookaheadAttention,
  residual,
} from "../../../src/ops/index.js";
import {
  expectNoLeak,
  randomIds,
  randomValues,
  relativeError,
  upload,
  useBackend,
  type Values,
} from "../../tensors.js";

/** An operation on inputs that gradients flow to, and on others. */
interface Case {
  readonly name: string;
  readonly inputs: readonly Values[];
  readonly others?: readonly Values[];
  run(inputs: tf.Tensor[], others: tf.Tensor[]): tf.Tensor;
}

const normal = (shape: number[], deviation = 1): Values => randomValues(`kernels ${shape}`, shape, deviation);
const ids = (shape: number[], limit: number): Values => randomIds(`kernels ${shape}`, shape, limit);

/** Sizes on both sides of every block, panel and stripe of the kernels, and not multiples of them. */
const cases: Case[] = [];
for (const activation of ["none", "gelu_new"] as const) {
  for (const [rows, depth, columns] of [
    [1, 16, 24],
    [3, 7, 9],
    [4, 530, 70],
    [5, 1, 1],
    [111, 33, 130],
    [128, 600, 520],
    [97, 513, 1031],
  ]) {
    cases.push({
      name: `linear with ${activation}, ${rows} × ${depth} × ${columns}`,
      inputs: [normal([rows, depth]), normal([depth, columns], 0.2), normal([columns])],
      run: ([x, weight, bias]) => linear(x, weight, bias, activation),
    });
  }
}
for (const mode of ["causal", "full"] as const) {
  for (const [batch, time, heads, depth] of [
    [1, 1, 1, 4],
    [2, 5, 2, 3],
    [1, 13, 1, 8],
    [2, 70, 2, 16],
    [1, 131, 3, 20],
  ]) {
    for (const rate of [0, 0.3]) {
      cases.push({
        name: `${mode} attention, ${batch} × ${time}, ${heads} heads of ${depth}, dropout ${rate}`,
        inputs: [normal([batch, time, 3 * heads * depth])],
        run: ([qkv]) =>
          attention(qkv, heads, { mode, dropout: rate === 0 ? undefined : dropoutOf(rate, 3, "place", 1) }),
      });
    }
  }
}
for (const [batch, time, heads, depth] of [
  [1, 1, 1, 4],
  [2, 5, 2, 3],
  [1, 8, 1, 8],
  [1, 13, 1, 8],
  [2, 70, 2, 16],
  [1, 131, 3, 20],
]) {
  for (const rate of [0, 0.3]) {
    cases.push({
      name: `lookahead attention, ${batch} × ${time}, ${heads} heads of ${depth}, dropout ${rate}`,
      inputs: [0, 1].map((which) =>
        randomValues(`kernels lookahead ${which}`, [batch, time, 3 * heads * depth]),
      ),
      run: ([qkv, look]) =>
        lookaheadAttention(qkv, look, heads, {
          dropout: rate === 0 ? undefined : dropoutOf(rate, 3, "place", 1),
        }),
    });
  }
}
for (const [time, source, heads, depth, lengths] of [
  [1, 70, 2, 16, [70, 33]],
  [131, 67, 3, 20, [67, 1]],
  [70, 150, 2, 7, [149, 150]],
] as const) {
  for (const rate of [0, 0.3]) {
    cases.push({
      name: `cross-attention, 2 × ${time} over ${lengths} of ${source}, ${heads} heads of ${depth}, dropout ${rate}`,
      inputs: [normal([2, time, heads * depth]), normal([2, source, 2 * heads * depth])],
      run: ([q, kv]) =>
        crossAttention(q, kv, heads, {
          lengths,
          dropout: rate === 0 ? undefined : dropoutOf(rate, 3, "place", 1),
        }),
    });
  }
}
for (const shape of [
  [3, 5, 7],
  [130, 64],
  [4, 1],
]) {
  cases.push({
    name: `layer norm of ${shape}`,
    inputs: [normal(shape, 3), normal(shape.slice(-1)), normal([1, ...shape.slice(-1)])],
    run: ([x, weight, bias]) => layerNorm(x, weight, tf.reshape(bias, weight.shape)),
  });
}
for (const size of [1, 7, 8, 9, 20_001]) {
  cases.push({
    name: `dropout of ${size} values`,
    inputs: [normal([size]), normal([1, size])],
    run: ([x, y]) =>
      residual(dropout(x, dropoutOf(0.25, 3, "a", 2)), tf.reshape(y, x.shape), dropoutOf(0.5, 3, "b", 2)),
  });
}
for (const [rows, vocabulary] of [
  [5, 7],
  [80, 130],
  [600, 64],
]) {
  const targets = ids([rows], vocabulary);
  targets.values[0] = -100;
  const hidden = normal([rows, 12], 2);
  const tokens = normal([vocabulary, 12]);
  cases.push(
    {
      name: `cross-entropy of ${rows} × ${vocabulary}`,
      inputs: [normal([rows, vocabulary], 5)],
      others: [targets],
      run: ([logits], [wanted]) => crossEntropy(logits, wanted),
    },
    {
      name: `the head's loss of ${rows} × ${vocabulary}`,
      inputs: [hidden, tokens],
      others: [targets],
      run: ([x, table], [wanted]) => headLoss(x, table, wanted),
    },
    {
      name: `the head and its nll of ${rows} × ${vocabulary}`,
      inputs: [],
      others: [hidden, tokens, targets],
      run: (_, [x, table, wanted]) =>
        tf.concat([tf.reshape(head(x, table), [-1]), headNll(x, table, wanted)]),
    },
  );
}
cases.push({
  name: "embedding",
  inputs: [normal([50, 67]), normal([32, 67])],
  others: [ids([4, 29], 50)],
  run: ([tokens, positions], [which]) => embedding(which, tokens, positions, 2),
});
for (const [a, b] of [
  [
    [3, 9, 13],
    [1, 19, 9],
  ],
  [
    [1, 9, 13],
    [3, 19, 9],
  ],
]) {
  cases.push({
    name: `a product of batches ${a} and ${b}, both turned`,
    inputs: [],
    others: [normal(a), normal(b)],
    run: (_, [x, y]) => tf.matMul(x, y, true, true),
  });
}

/** Value and gradients of a case on the backend in use. */
function outcome({ inputs, others = [], run }: Case): Float32Array[] {
  return expectNoLeak(() =>
    tf.tidy(() => {
      const fixed = others.map(upload);
      const given = inputs.map(upload);
      if (inputs.length === 0) return [run([], fixed).dataSync() as Float32Array];
      const shape = run(given, fixed).shape;
      const dy = shape.length === 0 ? tf.scalar(0.7) : upload(normal(shape));
      const { value, grads } = tf.valueAndGrads((...changing) => run(changing, fixed))(given, dy);
      return [value, ...grads].map((tensor) => tensor.dataSync() as Float32Array);
    }),
  );
}

describe("kernels of the simd engine", () => {
  // The operations' own composed forms take no gradient through a reshape without tfjs's gradients.
  beforeAll(async () => {
    tf.registerGradient({
      kernelName: tf.Reshape,
      inputsToSave: ["x"],
      gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as tf.Tensor, x.shape) }),
    });
    await useBackend("cpu");
  });

  it.each(cases.map((one) => [one.name, one] as const))("%s is as composed", async (_, one) => {
    await useBackend("cpu");
    const expected = outcome(one);
    await useBackend("simd");
    const found = outcome(one);
    expect(relativeError(found[0], expected[0])).toBeLessThan(1e-5);
    found.slice(1).forEach((gradient, i) => {
      expect(relativeError(gradient, expected[i + 1]), `gradient ${i}`).toBeLessThan(1e-4);
    });
  });

  it("read no memory that they didn't write", async () => {
    await useBackend("simd");
    // Some blocks of each size that the allocator knows up to 2 MB, so that whatever is asked for was NaN before.
    const sizes = Array.from({ length: 15 * 8 }, (_, i) => (8 + (i % 8)) * 2 ** (1 + Math.floor(i / 8)));
    sizes.push(...sizes, ...sizes);
    for (const one of cases.filter(({ name }) => name.includes("attention"))) {
      const expected = outcome(one);
      tf.dispose(sizes.map((size) => tf.fill([size], Number.NaN)));
      expect(outcome(one), one.name).toEqual(expected);
    }
  });
});
