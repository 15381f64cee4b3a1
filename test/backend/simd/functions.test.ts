import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkFunctions, simdFunctions } from "../../../src/backend/simd/functions.js";
import { createSimdEngine } from "../../../src/backend/simd/index.js";

/** A module with nothing in it. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

describe("the functions of the simd engine's module", () => {
  it("are those that its caller knows", async () => {
    const module = new WebAssembly.Module(await readFile("dist/backend/simd/single-plain.wasm"));
    const memory = new WebAssembly.Memory({ initial: 64 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => {} } });
    const names = Object.keys(exports).filter((name) => typeof exports[name] === "function");
    expect(names.sort()).toEqual(Object.keys(simdFunctions).sort());
  });

  it("are missed in a module of another version, before anything is computed", () => {
    const engine = () => createSimdEngine({ build: "single-plain", bytes: EMPTY, threads: 1 });
    expect(engine).toThrow(
      "invalid module of the simd engine: no function adamW; expected one. It belongs to another version",
    );
    const functions = Object.fromEntries(
      Object.entries(simdFunctions).map(([name, length]) => [
        name,
        Object.defineProperty(() => 0, "length", { value: length }),
      ]),
    );
    expect(() => checkFunctions(functions)).not.toThrow();
    expect(() => checkFunctions({ ...functions, matmul: () => 0 })).toThrow(
      "invalid module of the simd engine: matmul with 0 arguments; expected 17",
    );
  });
});
