import { AttaccaError } from "../../errors.js";

/** WebAssembly's page. */
const PAGE = 65536;
/** Blocks begin at multiples of a cache line, so that two threads never write to one. */
const LINE = 64;
/** The memory grows by at least this much at a time. */
const STEP = 16 * 2 ** 20;

/** How much memory is in use, all in bytes. */
export interface MemoryUse {
  /** In blocks that are handed out. */
  readonly used: number;
  /** The most that was handed out at a time. */
  readonly peak: number;
  /** What the memory has grown to; it never shrinks. */
  readonly reserved: number;
  /** What it may grow to. */
  readonly limit: number;
}

/** Hands out blocks of one WebAssembly memory. */
export interface Allocator {
  /** The address of a block of at least `bytes` bytes, which hold anything; 0 for no bytes. */
  allocate(bytes: number): number;
  /** Takes a block back; `bytes` as when it was handed out. */
  free(address: number, bytes: number): void;
  use(): MemoryUse;
}

/**
 * An allocator with free lists by size: sizes are rounded up to a multiple of 64, above 512 to one of eight steps
 * of an octave, and a block is used again for its size only. So a training step, which asks for the same sizes
 * over and over, takes no new memory after the first one. If the limit is reached, a larger block is taken.
 *
 * @param base the first free address
 * @param limit bytes that the memory may grow to, a multiple of 64 KiB
 */
export function createAllocator(memory: WebAssembly.Memory, base: number, limit: number): Allocator {
  const lists = new Map<number, number[]>();
  const sizeOfLarger = new Map<number, number>();
  let top = base;
  let used = 0;
  let peak = 0;

  const fresh = (size: number, bytes: number): number => {
    if (top + size > limit) return larger(size, bytes);
    const reserved = memory.buffer.byteLength;
    if (top + size > reserved) {
      const wanted = Math.min(limit, Math.max(top + size, reserved + STEP));
      grow(Math.ceil((wanted - reserved) / PAGE), bytes);
    }
    top += size;
    return top - size;
  };

  const grow = (pages: number, bytes: number): void => {
    try {
      memory.grow(pages);
    } catch (error) {
      throw outOfMemory(bytes, error);
    }
  };

  const larger = (size: number, bytes: number): number => {
    const sizes = [...lists.keys()].filter((other) => other > size && lists.get(other)!.length > 0);
    if (sizes.length === 0) throw outOfMemory(bytes);
    const found = Math.min(...sizes);
    const address = lists.get(found)!.pop()!;
    sizeOfLarger.set(address, found);
    return address;
  };

  const outOfMemory = (bytes: number, cause?: unknown): AttaccaError =>
    new AttaccaError(
      "unsupported",
      {
        subject: "memory of the simd engine",
        found: `${bytes} bytes are needed, ${used} are in use`,
        expected: `at most ${limit} bytes in all`,
        hint: "Use a smaller batch, context or model",
      },
      cause,
    );

  return {
    allocate(bytes) {
      if (bytes === 0) return 0;
      const size = sizeClass(bytes);
      const address = lists.get(size)?.pop() ?? fresh(size, bytes);
      used += size;
      peak = Math.max(peak, used);
      return address;
    },
    free(address, bytes) {
      if (address === 0) return;
      const size = sizeClass(bytes);
      used -= size;
      const place = sizeOfLarger.get(address) ?? size;
      sizeOfLarger.delete(address);
      const list = lists.get(place);
      if (list === undefined) lists.set(place, [address]);
      else list.push(address);
    },
    use: () => ({ used, peak, reserved: memory.buffer.byteLength, limit }),
  };
}

/** The size that a request is rounded up to. */
export function sizeClass(bytes: number): number {
  const step = Math.max(LINE, 2 ** (Math.floor(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / step) * step;
}
