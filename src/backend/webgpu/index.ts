import type { GpuDescription } from "./adapter.js";
import type { RegisterOptions } from "./register.js";

export { describeAdapter, type GpuDescription } from "./adapter.js";
export type { WebGpuBackend } from "./backend.js";
export type { RegisterOptions } from "./register.js";

/**
 * Makes WebGPU tfjs's backend "webgpu", with kernels for the fused operations; `tf.setBackend("webgpu")` then takes it.
 * tfjs's backend is loaded here and not before, as who computes without a GPU has no use for it. WebGPU's constants
 * (`GPUBufferUsage` …) and `navigator.gpu` must be globals by now.
 *
 * @param gpu what gives devices: `navigator.gpu`
 * @returns what the device says of itself
 * @throws AttaccaError `unsupported` where there is no device
 */
export async function registerWebGpu(gpu: GPU, options: RegisterOptions = {}): Promise<GpuDescription> {
  const { registerBackend } = await import("./register.js");
  return registerBackend(gpu, options);
}
