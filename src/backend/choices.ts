/** Engines that can compute the operations, in the order in which `auto` tries them. */
export const backendNames = ["webgpu", "simd", "wasm", "cpu"] as const;

/** An engine's name. */
export type BackendName = (typeof backendNames)[number];
