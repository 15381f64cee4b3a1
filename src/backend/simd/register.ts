import * as tf from "@tensorflow/tfjs-core";
import { SIMD, SimdBackend } from "./backend.js";
import type { SimdEngine } from "./engine.js";
import { registerSimdKernels } from "./kernels/index.js";

/** Registers the engine's kernels, and the backend under its name. */
export function registerBackend(engine: SimdEngine): void {
  registerSimdKernels();
  // An engine that was closed or has failed gives way.
  if (tf.findBackendFactory(SIMD) != null) tf.removeBackend(SIMD);
  tf.registerBackend(SIMD, () => new SimdBackend(engine));
}
