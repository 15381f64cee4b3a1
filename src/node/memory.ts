import { freemem } from "node:os";
import type { BackendName } from "../backend/index.js";
import { invalid } from "../errors.js";

/** What a 32-bit WebAssembly memory can address. */
const WASM_LIMIT = 2 ** 32;

/**
 * Refuses work that the memory won't do for.
 *
 * @param needed bytes
 * @param purpose what needs them, e.g. "this model and batch"
 * @param hint what takes less
 * @throws AttaccaError `invalid`
 */
export function checkMemory(needed: number, backend: BackendName, purpose: string, hint: string): void {
  const free = process.availableMemory?.() ?? freemem();
  const limit = memoryLimit(backend, free);
  if (needed <= limit) return;
  const there =
    limit === free ? `the ${byteSize(free)} that are free` : `the ${byteSize(limit)} of WebAssembly`;
  throw invalid("memory", `about ${byteSize(needed)} for ${purpose}`, `at most ${there}`, hint);
}

/** Bytes that an engine's tensors may take where `free` are free: WebAssembly's engines have one memory for all of them. */
export function memoryLimit(backend: BackendName, free: number): number {
  return backend === "cpu" ? free : Math.min(WASM_LIMIT, free);
}

/** Bytes for people: `12 MiB`, `3.4 GiB`. */
export function byteSize(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
