import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hasRelaxedSimd } from "../../../src/backend/simd/index.js";

/** Products of several shapes, as a hash over the bits; extreme values among them. */
const hashWith = (options: string): string => `
  import * as tf from "@tensorflow/tfjs-core";
  import { createHash } from "node:crypto";
  import { startSimd } from "./dist/node/simd.js";
  import { int8Linear, int8Weight, quantise } from "./dist/ops/index.js";
  await startSimd(${options});
  await tf.setBackend("simd");
  const hash = createHash("sha256");
  let sum = 0;
  for (const [rows, depth, columns] of [[1, 192, 576], [3, 77, 45], [40, 300, 17], [1, 3072, 768]]) {
    const values = (size, from) => Float32Array.from({ length: size }, (_, i) => Math.sin(from + i * i) ** 3);
    const weight = values(depth * columns, 1);
    // The largest products that there are, all of one sign.
    for (let k = 0; k < depth; k++) weight[k * columns] = k % 2 === 0 ? 1 : -1;
    const x = values(rows * depth, 2);
    for (let k = 0; k < depth; k++) x[k] = k % 2 === 0 ? 1 : -1;
    const matrix = quantise(weight, depth, columns);
    const int8 = { weight: int8Weight(matrix), scales: tf.tensor1d(matrix.scales) };
    const y = int8Linear(tf.tensor2d(x, [rows, depth]), int8, tf.tensor1d(values(columns, 3))).dataSync();
    hash.update(new Uint8Array(y.buffer));
    if (Math.abs(y[0] - depth - Math.sin(3) ** 3) > 1e-3) throw new Error("largest products: " + y[0]);
    sum += y[1];
  }
  console.log(hash.digest("hex"), sum);
`;

describe("the int8 product on simd", () => {
  it("gives the same bits with any number of threads, and in every build that runs here", () => {
    const builds = hasRelaxedSimd() ? ["relaxed", "plain"] : ["plain"];
    const outputs = builds.flatMap((speed) =>
      [
        `{ threads: 1, build: "single-${speed}" }`,
        `{ threads: 1, build: "shared-${speed}" }`,
        `{ threads: 2, build: "shared-${speed}" }`,
      ].map((options) => {
        const flags = ["--input-type=module", "--eval", hashWith(options)];
        const run = spawnSync(process.execPath, flags, { encoding: "utf8", timeout: 60_000 });
        expect(run.stderr).toBe("");
        return run.stdout;
      }),
    );
    expect(outputs[0]).toMatch(/^[0-9a-f]{64} -?\d/);
    for (const output of outputs) expect(output).toBe(outputs[0]);
  });
});
