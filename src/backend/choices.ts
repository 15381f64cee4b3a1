/** Engines that can compute the operations, in the order in which `auto` tries them ("tensorflow" only runs when asked for). */
export const backendNames = ["webgpu", "tensorflow", "simd", "wasm", "cpu"] as const;

/** An engine's name. */
export type BackendName = (typeof backendNames)[number];
