import { describe, expect, it } from "vitest";
import { readSafetensors, tensorValues, writeSafetensors } from "../../src/checkpoint/index.js";
import { readGolden } from "../tensors.js";

describe("half precision", () => {
  const file = readGolden("checkpoint/halves.safetensors").tensors;

  it("is read as PyTorch's numbers", () => {
    // The golden reader widens with the code under test; PyTorch's own float32 numbers that are exact halves tell.
    const wide = file.get("float32")!.values as Float32Array;
    const half = file.get("float16")!.values as Float32Array;
    const brain = file.get("bfloat16")!.values as Float32Array;
    let exact = 0;
    wide.forEach((value, i) => {
      if (value === 0 || !Number.isFinite(value)) {
        expect([half[i], brain[i]]).toEqual([value, value]);
        return;
      }
      const magnitude = Math.abs(value);
      // Distance of neighbours: 2⁻¹⁰ of the power of two below, at least 2⁻²⁴; 2⁻⁷ for bfloat16.
      const power = 2 ** Math.floor(Math.log2(magnitude));
      if (magnitude < 65520)
        expect(Math.abs(half[i] - value)).toBeLessThanOrEqual(Math.max(power * 2 ** -11, 2 ** -25));
      expect(Math.abs(brain[i] - value)).toBeLessThanOrEqual(power * 2 ** -8);
      if (half[i] === value) exact++;
    });
    expect(exact).toBeGreaterThan(20);
  });

  it("is written as PyTorch rounds", () => {
    const values = file.get("float32")!.values as Float32Array;
    const written = writeSafetensors(new Map([["x", { shape: [values.length], values }]]), {}, "F16");
    const back = tensorValues("x", readSafetensors(written).tensors.get("x")!);
    expect(back).toEqual(file.get("float16")!.values);
  });

  it("keeps every one of its 65,536 numbers", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const wide = tensorValues("x", { dtype: "F16", shape: [65_536], bytes: new Uint8Array(all.buffer) });
    const written = writeSafetensors(new Map([["x", { shape: [65_536], values: wide }]]), {}, "F16");
    const back = tensorValues("x", readSafetensors(written).tensors.get("x")!);
    expect(back).toEqual(wide);
  });
});
