import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { int8Linear, int8Weight, quantise } from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

/** To the nearest whole number, ties to the even one, as IEEE 754 and numpy's `rint` have it. */
function nearest(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * x [rows, depth] · weight [depth, columns] + bias, one number after the other, rounded where the operation says so: whole
 * numbers are added exactly, and what is left are three products and a sum in 32-bit floats.
 */
function byHand(x: Float32Array, weight: Float32Array, bias: Float32Array, depth: number): number[] {
  const f32 = Math.fround;
  const columns = bias.length;
  const largests = Array.from({ length: columns }, (_, c) => {
    let largest = 0;
    for (let k = 0; k < depth; k++) largest = Math.max(largest, Math.abs(weight[k * columns + c]));
    return largest;
  });
  const y: number[] = [];
  for (let row = 0; row < x.length / depth; row++) {
    const values = x.subarray(row * depth, (row + 1) * depth);
    const largest = Math.max(...values.map(Math.abs));
    const factor = largest === 0 ? 0 : f32(127 / largest);
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) {
        sum += Math.round((weight[k * columns + c] * 127) / largests[c]) * nearest(f32(values[k] * factor));
      }
      const scale = f32(f32(largest / 127) * f32(largests[c] / 127));
      y.push(f32(f32(sum * scale) + bias[c]));
    }
  }
  return y;
}

const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

describe("quantising a matrix", () => {
  it("makes each column's largest value 127, and rounds the others", () => {
    // Columns: 2.54 is 127, so a scale is 0.02; 1 is 127; a column of zeros.
    const values = Float32Array.of(2.54, -1, 0, -1.27, 0.5, 0, 0.011, 0.02, 0, -0.009, 0.9, 0);
    const { numbers, scales } = quantise(values, 4, 3);
    expect([...numbers]).toEqual([127, -63, 1, 0, -127, 64, 3, 114, 0, 0, 0, 0]);
    expect(scales[0]).toBeCloseTo(0.02, 8);
    expect(scales[1]).toBeCloseTo(1 / 127, 8);
    expect(scales[2]).toBe(0);
  });

  it("is the same for a matrix that lies turned, and off by half a scale at most", () => {
    const { values } = randomValues("quantise", [50, 7]);
    const turned = new Float32Array(350);
    for (let k = 0; k < 50; k++) for (let c = 0; c < 7; c++) turned[c * 50 + k] = values[k * 7 + c];
    const { numbers, scales } = quantise(values as Float32Array, 50, 7);
    expect(quantise(turned, 50, 7, true)).toEqual({ numbers, scales });
    for (let i = 0; i < 350; i++) {
      const scale = scales[Math.floor(i / 50)];
      expect(Math.abs(numbers[i] * scale - turned[i])).toBeLessThanOrEqual(0.5001 * scale);
    }
    expect(Math.max(...numbers)).toBeLessThanOrEqual(127);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-127);
  });
});

describe.each(testedBackends)("a product with an int8 matrix on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  const shapes = [
    [1, 16, 16],
    [1, 192, 576],
    [3, 7, 9],
    [2, 1, 1],
    [5, 31, 62],
    [9, 130, 33],
    [70, 22, 100],
  ];
  it.each(shapes)("equals the sum by hand, %i × %i × %i", (rows, depth, columns) => {
    const [x, weight, bias] = [[rows, depth], [depth, columns], [columns]].map((shape) =>
      randomValues(`int8 ${shape}`, shape),
    );
    // An outlier, and (where there are more rows) a row of zeros.
    x.values[0] = 40;
    x.values.fill(0, Math.max(1, rows - 1) * depth);
    const [expected, without] = [bias.values, new Float32Array(columns)].map((offset) =>
      byHand(x.values as Float32Array, weight.values as Float32Array, offset as Float32Array, depth),
    );
    expectNoLeak(() => {
      const [plain, activated, unbiased] = tf.tidy(() => {
        const matrix = quantise(weight.values as Float32Array, depth, columns);
        const int8 = { weight: int8Weight(matrix), scales: tf.tensor1d(matrix.scales) };
        const input = tf.reshape(upload(x), [1, rows, depth]);
        return [
          int8Linear(input, int8, upload(bias)),
          int8Linear(input, int8, upload(bias), "gelu_new"),
          int8Linear(input, int8),
        ].map((y) => {
          expect(y.shape).toEqual([1, rows, columns]);
          return y.dataSync();
        });
      });
      expect([...plain]).toEqual(expected);
      expect([...unbiased]).toEqual(without);
      expect(relativeError(activated, expected.map(gelu))).toBeLessThan(1e-6);
    });
  });

  it("shows what isn't a number in its row, or its column, and nowhere else", () => {
    expectNoLeak(() => {
      const found = tf.tidy(() => {
        const matrix = quantise(Float32Array.of(1, 2, 3, Number.NaN, 5, 6), 2, 3);
        const int8 = { weight: int8Weight(matrix), scales: tf.tensor1d(matrix.scales) };
        const x = tf.tensor2d([1, 1, Number.POSITIVE_INFINITY, 1, 1, Number.NaN], [3, 2]);
        return [...int8Linear(x, int8).dataSync()].map(Number.isFinite);
      });
      expect(found).toEqual([false, true, true, ...Array(6).fill(false)]);
    });
  });

  it("refuses a matrix that doesn't fit", () => {
    expectNoLeak(() =>
      tf.tidy(() => {
        const matrix = quantise(new Float32Array(40), 8, 5);
        const int8 = { weight: int8Weight(matrix), scales: tf.tensor1d(matrix.scales) };
        expect(() => int8Linear(tf.zeros([2, 13]), int8)).toThrow("weight of int8Linear");
        expect(() => int8Linear(tf.zeros([2, 8]), int8, tf.zeros([4]))).toThrow("weight of int8Linear");
      }),
    );
  });
});
