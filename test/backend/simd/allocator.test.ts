/// <reference path="../../../src/backend/simd/webassembly.d.ts" />
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAllocator, sizeClass } from "../../../src/backend/simd/allocator.js";
import { AttaccaError } from "../../../src/errors.js";

const PAGE = 65536;
const memoryOf = (pages: number) => new WebAssembly.Memory({ initial: pages });

describe("the allocator", () => {
  it("hands out blocks that lie in the memory, on lines of their own, whatever is taken and given back", () => {
    const request = fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), frees: fc.nat() });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const memory = memoryOf(2);
        const allocator = createAllocator(memory, PAGE, 400 * PAGE);
        const live: { address: number; bytes: number }[] = [];
        for (const { bytes, frees } of requests) {
          const address = allocator.allocate(bytes);
          expect(address % 64).toBe(0);
          expect(address).toBeGreaterThanOrEqual(PAGE);
          expect(address + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
          for (const other of live) {
            const apart = address + bytes <= other.address || other.address + other.bytes <= address;
            expect(apart).toBe(true);
          }
          live.push({ address, bytes });
          if (frees % 3 === 0) {
            const [gone] = live.splice(frees % live.length, 1);
            allocator.free(gone.address, gone.bytes);
          }
        }
        for (const { address, bytes } of live) allocator.free(address, bytes);
        expect(allocator.use().used).toBe(0);
      }),
    );
  });

  it("doesn't grow when the same sizes come again and again", () => {
    const allocator = createAllocator(memoryOf(2), PAGE, 400 * PAGE);
    const round = () => {
      const sizes = [10, 5000, 70_000, 5000, 333];
      const blocks = sizes.map((bytes) => ({ bytes, address: allocator.allocate(bytes) }));
      for (const { address, bytes } of blocks) allocator.free(address, bytes);
    };
    round();
    const { reserved, peak } = allocator.use();
    for (let i = 0; i < 1000; i++) round();
    expect(allocator.use()).toMatchObject({ reserved, peak, used: 0 });
  });

  it("rounds sizes up by an eighth at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 512, max: 2 ** 31 }), (bytes) => {
        expect(sizeClass(bytes)).toBeGreaterThanOrEqual(bytes);
        expect(sizeClass(bytes)).toBeLessThanOrEqual(bytes * 1.125 + 64);
        expect(sizeClass(sizeClass(bytes))).toBe(sizeClass(bytes));
      }),
    );
  });

  it("says what is needed and what the limit is when there is no more", () => {
    const allocator = createAllocator(memoryOf(2), PAGE, 4 * PAGE);
    allocator.allocate(2 * PAGE);
    const call = () => allocator.allocate(2 * PAGE);
    expect(call).toThrow(AttaccaError);
    expect(call).toThrow(/131072 bytes are needed, 131072 are in use; expected at most 262144 bytes/);
  });

  it("gives a larger block that is free rather than fail at the limit", () => {
    const allocator = createAllocator(memoryOf(2), PAGE, 4 * PAGE);
    const large = allocator.allocate(3 * PAGE);
    allocator.free(large, 3 * PAGE);
    const small = allocator.allocate(PAGE);
    expect(small).toBe(large);
    allocator.free(small, PAGE);
    expect(allocator.allocate(3 * PAGE)).toBe(large);
  });
});
