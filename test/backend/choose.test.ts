import { spawnSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { backendNames } from "../../src/backend/index.js";
import { AttaccaError } from "../../src/errors.js";
import { chooseBackend } from "../../src/node/backend.js";

/** Those that run wherever Node does; test/webgpu and test/cli/tensorflow are about the others. */
const here = backendNames.filter((name) => name !== "webgpu" && name !== "tensorflow");

describe("choosing a backend", () => {
  it.each(here)("sets %s when asked for it, and says so", async (name) => {
    const choice = await chooseBackend(name);
    expect(choice.name).toBe(name);
    expect(choice.why).toContain("asked for");
    expect(tf.getBackend()).toBe(name);
    const sum = tf.tidy(() => [...tf.add(tf.tensor1d([1]), 2).dataSync()]);
    expect(sum).toEqual([3]);
  });

  it("takes the fastest when asked for none, and says why", async () => {
    const choice = await chooseBackend();
    expect(choice.name).toBe("simd");
    expect(choice.why).toContain("fastest");
    expect(choice.why).toContain("npm i webgpu");
    expect(tf.getBackend()).toBe("simd");
  });

  it("refuses a name that it doesn't know, and lists those that it does", async () => {
    const error = await chooseBackend("abacus").then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AttaccaError);
    expect((error as AttaccaError).kind).toBe("unknown");
    expect((error as AttaccaError).message).toContain("auto, webgpu, tensorflow, simd, wasm, cpu");
  });

  it.each(here)("prints nothing when %s starts and computes", (name) => {
    // A process of its own: tfjs greets only once in each.
    const code = `
      const { chooseBackend } = await import("./dist/node/backend.js");
      const tf = await import("@tensorflow/tfjs-core");
      await chooseBackend(${JSON.stringify(name)});
      tf.add(tf.tensor1d([1]), 2).dataSync();`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  });
});
