/** How the engine's module was compiled; each build is a file of this name. */
export type SimdBuild = "shared-relaxed" | "shared-plain" | "single-relaxed" | "single-plain";

// () → v128: f32x4.relaxed_madd of three zeros.
const RELAXED = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01,
  0x00, 0x0a, 0x13, 0x01, 0x11, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f,
  0xfd, 0x85, 0x02, 0x0b,
];

/** Whether this environment compiles relaxed SIMD: fused multiply-add, twice the speed where the machine has it. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(new Uint8Array(RELAXED));
}

/** Whether memory can be shared with other threads here (a page needs cross-origin isolation for it). */
export function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer === "function";
}

/**
 * The fastest build that runs here. Memory that can be shared is the better choice even for one thread: it grows
 * without detaching the views of it, so it needn't be taken whole at once.
 *
 * @param shared whether memory can be shared with other threads
 */
export function buildHere(shared = hasSharedMemory()): SimdBuild {
  const speed = hasRelaxedSimd() ? "relaxed" : "plain";
  return shared ? `shared-${speed}` : `single-${speed}`;
}
