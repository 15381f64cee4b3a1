import type { SimdEngine } from "./engine.js";

export type { MemoryUse } from "./allocator.js";
export type { KernelTimes, SimdBackend } from "./backend.js";
export { buildHere, hasRelaxedSimd, hasSharedMemory, type SimdBuild } from "./build.js";
export {
  createSimdEngine,
  type SimdEngine,
  type SimdOptions,
  serveSimd,
  type WorkerStart,
} from "./engine.js";
export { startOnce } from "./start-once.js";

/**
 * Makes the engine tfjs's backend "simd", with its kernels; `tf.setBackend("simd")` then takes it. tfjs is loaded
 * here and not before, as the engine's other threads have no use for it.
 */
export async function registerSimd(engine: SimdEngine): Promise<void> {
  const { registerBackend } = await import("./register.js");
  registerBackend(engine);
}
