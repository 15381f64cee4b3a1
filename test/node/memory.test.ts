import { describe, expect, it } from "vitest";
import { modelConfig } from "../../src/model/index.js";
import { memoryLimit } from "../../src/node/memory.js";
import { trainingBytes } from "../../src/node/train-checks.js";

describe("the memory that tensors may take", () => {
  it("is what is free, and on WebAssembly 4 GiB at most", () => {
    const gibibyte = 2 ** 30;
    for (const backend of ["simd", "wasm", "cpu"] as const) {
      expect(memoryLimit(backend, 3 * gibibyte)).toBe(3 * gibibyte);
      expect(memoryLimit(backend, 9 * gibibyte)).toBe((backend === "cpu" ? 9 : 4) * gibibyte);
    }
  });

  // Peaks of the engine's memory, in MB, as docs/performance.md gives them.
  it.each([
    [128, 256, 8, 145],
    [256, 256, 8, 316],
    [512, 256, 8, 731],
    [768, 256, 8, 1252],
    [256, 128, 16, 315],
    [256, 512, 4, 317],
    [256, 1024, 2, 319],
    [256, 2048, 1, 323],
  ])(
    "is estimated for the simd engine: width %i, context %i, batch %i",
    (width, context, batch, measured) => {
      const config = modelConfig({
        vocab_size: 512,
        n_positions: context,
        n_embd: width,
        n_layer: 4,
        n_head: 4,
      });
      const estimate = trainingBytes(config, batch, "simd");
      expect(estimate).toBeGreaterThan(measured * 1e6);
      expect(estimate).toBeLessThan(3 * measured * 1e6);
    },
  );
});
