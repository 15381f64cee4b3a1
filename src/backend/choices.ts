/** Engines that can compute the operations, fastest first: the order in which `auto` tries them. */
export const backendNames = ["simd", "wasm", "cpu"] as const;

/** An engine's name. */
export type BackendName = (typeof backendNames)[number];
