import { spawnSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { buildHere, hasRelaxedSimd } from "../../../src/backend/simd/index.js";
import { chooseBackend } from "../../../src/node/backend.js";
import { expectNoLeak } from "../../tensors.js";

/** Runs a module in a process of its own: an engine is started once in each. */
function inProcess(code: string): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { stdout, stderr, status };
}

const IMPORTS = `
  import * as tf from "@tensorflow/tfjs-core";
  import { startSimd } from "./dist/node/simd.js";
  import { initialParameters, lossAndGradients, modelConfig } from "./dist/model/index.js";
  import { createHash } from "node:crypto";
`;

/** Training passes with dropout, causal and with lookahead keys, as a hash over the bits of the losses and of every gradient. */
const hashWith = (options: string) => `${IMPORTS}
  await startSimd(${options});
  await tf.setBackend("simd");
  const ids = Array.from({ length: 5 }, (_, r) => Array.from({ length: 40 }, (_, t) => (r * 31 + t * t) % 67));
  const hash = createHash("sha256");
  const losses = [];
  for (const attention of ["causal", "lookahead"]) {
    const config = modelConfig({ vocab_size: 67, n_positions: 40, n_embd: 48, n_layer: 2, n_head: 3,
      attention, attn_pdrop: 0.1, resid_pdrop: 0.1, embd_pdrop: 0.1 });
    const parameters = initialParameters(config, 1);
    const { loss, gradients } = lossAndGradients(parameters, config, ids, ids, { training: { seed: 1, step: 1 } });
    for (const tensor of [loss, ...gradients.values()]) hash.update(new Uint8Array(tensor.dataSync().buffer));
    losses.push(loss.dataSync()[0]);
  }
  console.log(hash.digest("hex"), ...losses);
`;

describe("the simd engine", () => {
  beforeAll(async () => {
    await chooseBackend("simd");
  });

  it("gives the same bits with any number of threads, and without threads", () => {
    const speed = hasRelaxedSimd() ? "relaxed" : "plain";
    const outputs = [
      "{ threads: 1, build: 'single-SPEED' }",
      "{ threads: 1, build: 'shared-SPEED' }",
      "{ threads: 2 }",
      "{ threads: 5 }",
    ].map((options) => inProcess(hashWith(options.replace("SPEED", speed))));
    for (const output of outputs) expect(output).toEqual({ ...outputs[0], stderr: "", status: 0 });
    expect(outputs[0].stdout).toMatch(/^[0-9a-f]{64} \d\S* \d/);
  });

  it("takes relaxed SIMD where it compiles, and shared memory where there is some", () => {
    expect(buildHere()).toBe(`shared-${hasRelaxedSimd() ? "relaxed" : "plain"}`);
  });

  it("says so when a thread dies and computes no more, until it is started again", () => {
    const code = `${IMPORTS}
      import { Worker } from "node:worker_threads";
      const workers = [];
      const post = Worker.prototype.unref;
      Worker.prototype.unref = function () { workers.push(this); post.call(this); };
      await startSimd({ threads: 2 });
      await tf.setBackend("simd");
      await workers[0].terminate();
      await new Promise((resolve) => setImmediate(resolve));
      try {
        tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync();
        console.log("went on");
      } catch (error) {
        console.log(error.name, error.kind, error.message);
      }
      const engine = await startSimd({ threads: 2 });
      await tf.setBackend("simd");
      console.log("again:", engine.threads, tf.sum(tf.ones([7])).dataSync()[0]);`;
    const { stdout, status } = inProcess(code);
    expect(status).toBe(0);
    expect(stdout).toContain("AttaccaError missing missing thread of the simd engine: a thread ended");
    expect(stdout).toContain("again: 2 7");
  });

  it("doesn't keep the process alive", () => {
    const code = `${IMPORTS} await startSimd({ threads: 3 }); await tf.setBackend("simd");
      tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])).dataSync();`;
    expect(inProcess(code)).toEqual({ stdout: "", stderr: "", status: 0 });
  });

  it("names need and limit when its memory is spent, and goes on after that", () => {
    const code = `${IMPORTS}
      await startSimd({ threads: 1, memoryLimit: 32 * 2 ** 20 });
      await tf.setBackend("simd");
      try {
        tf.zeros([1024, 1024, 16]);
      } catch (error) {
        console.log(error.name, error.message);
      }
      console.log(tf.ones([3]).dataSync().join());`;
    const { stdout, status } = inProcess(code);
    expect(status).toBe(0);
    expect(stdout).toContain("67108864 bytes are needed");
    expect(stdout).toContain("at most 33554432 bytes");
    expect(stdout).toContain("1,1,1");
  });

  it("takes no new memory after the first step of training", async () => {
    const step = () => {
      const x = tf.randomNormal([37, 41], 0, 1, "float32", 1);
      tf.dispose(tf.tidy(() => tf.matMul(tf.softmax(x), x, false, true)));
      x.dispose();
    };
    step();
    const reserved = () => tf.memory() as unknown as { bytesReserved: number; bytesUsed: number };
    const before = reserved();
    for (let i = 0; i < 1000; i++) step();
    expect(reserved().bytesReserved).toBe(before.bytesReserved);
    expect(reserved().bytesUsed).toBe(before.bytesUsed);
  });
});

describe("any tfjs program", () => {
  it("gives the same on simd as on the CPU backend", async () => {
    const program = () =>
      tf.tidy(() => {
        const x = tf.randomNormal([4, 6], 0, 1, "float32", 3);
        const ids = tf.tensor1d([3, 0, 1], "int32");
        const results: tf.Tensor[] = [
          tf.softmax(x),
          tf.gather(x, ids),
          tf.oneHot(ids, 4),
          tf.cast(tf.greater(x, 0), "float32"),
          tf.cast(ids, "float32"),
          tf.sum(tf.greater(x, 0)),
          tf.add(ids, tf.reshape(tf.slice(x, [0, 0], [1, 3]), [3])),
          tf.concat([x, x], 1),
          tf.transpose(tf.reshape(x, [2, 3, 4]), [2, 0, 1]),
          tf.argMax(x, 1),
          tf.cumsum(x, 1),
          tf.topk(x, 2).values,
          tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
          tf.real(tf.fft(tf.complex(x, x))),
          tf.conv2d(tf.reshape(x, [1, 4, 6, 1]) as tf.Tensor4D, tf.ones([2, 2, 1, 3]), 1, "same"),
          tf.mean(x, 0),
          tf.div(x, 3),
          tf.sub(2, x),
          tf.mul(x, tf.tensor1d([1, 2, 3, 4, 5, 6])),
          tf.matMul(tf.ones([3, 2, 4]), tf.reshape(x, [1, 4, 6])),
        ];
        return results.map((tensor) => ({
          shape: tensor.shape,
          dtype: tensor.dtype,
          values: [...tensor.dataSync()],
        }));
      });
    await chooseBackend("cpu");
    const expected = program();
    await chooseBackend("simd");
    const found = expectNoLeak(program);
    found.forEach(({ shape, dtype, values }, i) => {
      expect([shape, dtype]).toEqual([expected[i].shape, expected[i].dtype]);
      values.forEach((value, j) => {
        expect(value, `value ${j} of result ${i}`).toBeCloseTo(expected[i].values[j], 5);
      });
    });
  });

  it("keeps strings and what is moved from another backend", async () => {
    await chooseBackend("cpu");
    const moved = tf.tensor1d([1, 2, 3]);
    await chooseBackend("simd");
    expect([...tf.tidy(() => tf.add(moved, 1).dataSync())]).toEqual([2, 3, 4]);
    moved.dispose();
    const words = tf.tensor1d(["da capo", "al fine"]);
    expect(words.dataSync()).toEqual(["da capo", "al fine"]);
    words.dispose();
  });
});
