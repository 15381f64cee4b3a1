/** The engine in a page's worker, over the rooms of `attacca`: what users can rely on. */

export { chooseBackend } from "./backend.js";
export { type StartSimdOptions, startSimd } from "./simd.js";
export { type StartWebGpuOptions, startWebGpu } from "./webgpu.js";
