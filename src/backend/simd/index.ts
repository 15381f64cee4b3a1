import * as tf from "@tensorflow/tfjs-core";
import { SIMD, SimdBackend } from "./backend.js";
import type { SimdEngine } from "./engine.js";
import { registerSimdKernels } from "./kernels/index.js";

export type { MemoryUse } from "./allocator.js";
export { SimdBackend } from "./backend.js";
export { buildFor, hasRelaxedSimd, hasSharedMemory, type SimdBuild } from "./build.js";
export {
  createSimdEngine,
  type SimdEngine,
  type SimdOptions,
  serveSimd,
  type WorkerStart,
} from "./engine.js";

/** Makes the engine tfjs's backend "simd"; `tf.setBackend("simd")` then takes it. */
export function registerSimd(engine: SimdEngine): void {
  registerSimdKernels();
  tf.registerBackend(SIMD, () => new SimdBackend(engine));
}
