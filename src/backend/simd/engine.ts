import { AttaccaError, invalid, unsupported } from "../../errors.js";
import { type Allocator, createAllocator } from "./allocator.js";
import type { SimdBuild } from "./build.js";
import { checkFunctions, type SimdExports } from "./functions.js";

/** Where blocks begin: below lie the pool's control words and the module's constants. */
const BASE = 65536;
/** Pages of the largest memory: 4 GiB less one page, so that an end is still a 32-bit number. */
const LARGEST = 65535;
/** An unshared memory detaches all views when it grows, so it is made as large as it may get; 1 GiB unless told. */
const UNSHARED = 16384;

/** What another thread needs to take part: it makes an instance of it and calls `serve`. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
  readonly threads: number;
  readonly number: number;
}

/** How an engine is made. */
export interface SimdOptions {
  readonly build: SimdBuild;
  /** The module of that build. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many threads compute, the calling one among them; 1 for a single build. */
  readonly threads: number;
  /** Bytes that the memory may grow to; 4 GiB unless given, 1 GiB for a single build. */
  readonly memoryLimit?: number;
  /** Starts a thread that calls `serveSimd(start)`, and says so to `failed` if it ends before it is told to. */
  readonly spawn?: (start: WorkerStart, failed: (cause: string) => void) => void;
}

/** The module at work on its memory. */
export interface SimdEngine {
  readonly build: SimdBuild;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly exports: SimdExports;
  /** What stopped the engine, if a thread of it died. */
  failure(): AttaccaError | undefined;
  /** Ends the other threads. */
  close(): void;
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): SimdExports {
  const abort = (): never => {
    throw new Error("the simd engine stopped");
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  checkFunctions(exports);
  return exports;
}

/** Makes an engine and starts its threads. */
export function createSimdEngine(options: SimdOptions): SimdEngine {
  const { build, threads } = options;
  const shared = build.startsWith("shared");
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw invalid("threads of the simd engine", String(threads), "1 to 64");
  }
  if (threads > 1 && !shared)
    throw invalid("threads of the simd engine", String(threads), "1 without shared memory");
  const pages = Math.min(LARGEST, Math.floor((options.memoryLimit ?? Number.POSITIVE_INFINITY) / 65536));
  const most = shared ? pages : Math.min(pages, options.memoryLimit === undefined ? UNSHARED : LARGEST);
  const memory = makeMemory(shared, most);
  const module = new WebAssembly.Module(options.bytes);
  const exports = instantiate(module, memory);
  const allocator = createAllocator(memory, BASE, most * 65536);
  let failure: AttaccaError | undefined;
  const failed = (cause: string): void => {
    if (exports.stopped() === 2) return;
    failure ??= new AttaccaError("missing", {
      subject: "thread of the simd engine",
      found: cause,
      expected: `${threads} threads`,
      hint: "Start again",
    });
    exports.stop(1);
  };
  const scratch = exports.matmulScratch();
  exports.initialize(allocator.allocate(scratch), threads, 0);
  for (let number = 1; number < threads; number++) {
    options.spawn!({ module, memory, scratch: allocator.allocate(scratch), threads, number }, failed);
  }
  check(exports, allocator, memory);
  return {
    build,
    threads,
    memory,
    allocator,
    exports,
    failure() {
      if (failure === undefined && exports.stopped() === 1) failed("a thread died, or took too long");
      return failure;
    },
    close: () => {
      exports.stop(2);
    },
  };
}

/** Multiplies two matrices of small whole numbers, which must come out exactly. */
function check(exports: SimdExports, allocator: Allocator, memory: WebAssembly.Memory): void {
  const [rows, depth, columns] = [7, 5, 9];
  const sizes = [rows * depth, depth * columns, rows * columns, exports.packedSize(depth, columns)];
  const [a, b, c, packed] = sizes.map((size) => allocator.allocate(4 * size));
  const view = (address: number, size: number) =>
    new Float32Array(memory.buffer as ArrayBuffer, address, size);
  view(a, sizes[0]).forEach((_, i, values) => {
    values[i] = (i % 11) - 5;
  });
  view(b, sizes[1]).forEach((_, i, values) => {
    values[i] = (i % 7) - 3;
  });
  exports.matmul(1, rows, columns, depth, a, 0, depth * 4, 4, b, 0, columns * 4, 4, c, packed, 0, 0, 0);
  const product = view(c, sizes[2]);
  for (let i = 0; i < product.length; i++) {
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      const [at, from] = [Math.floor(i / columns) * depth + k, k * columns + (i % columns)];
      sum += ((at % 11) - 5) * ((from % 7) - 3);
    }
    if (product[i] !== sum) {
      throw unsupported("simd engine", `a product of ${product[i]} that should be ${sum}`, "right products");
    }
  }
  [a, b, c, packed].forEach((address, i) => {
    allocator.free(address, 4 * sizes[i]);
  });
}

function makeMemory(shared: boolean, pages: number): WebAssembly.Memory {
  if (pages < 64)
    throw invalid("memory limit of the simd engine", `${pages * 65536} bytes`, "at least 4194304");
  try {
    return shared
      ? new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true })
      : new WebAssembly.Memory({ initial: pages });
  } catch (error) {
    throw new AttaccaError(
      "unsupported",
      { subject: "memory of the simd engine", found: `${pages * 65536} bytes aren't to be had here` },
      error,
    );
  }
}

/** What another thread does: takes tasks until the engine is closed. */
export function serveSimd(start: WorkerStart): void {
  const exports = instantiate(start.module, start.memory);
  exports.initialize(start.scratch, start.threads, start.number);
  try {
    exports.serve();
  } catch (error) {
    exports.stop(1);
    throw error;
  }
}
