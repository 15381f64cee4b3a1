import type { GpuDescription } from "./adapter.js";

export { describeAdapter, type GpuDescription } from "./adapter.js";
export type { WebGpuBackend } from "./backend.js";

/** How WebGPU is made a backend. */
export interface RegisterWebGpuOptions {
  readonly software?: boolean;
  readonly subgroups?: boolean;
}

/**
 * Makes WebGPU tfjs's backend "webgpu", with kernels for the fused operations; `tf.setBackend("webgpu")` then takes it.
 * tfjs's backend is loaded here and not before, as who computes without a GPU has no use for it. WebGPU's constants
 * (`GPUBufferUsage` …) and `navigator.gpu` must be globals by now.
 *
 * @param gpu what gives devices: `navigator.gpu`
 * @param options.software whether a device that computes on the processor will do, for tests; no unless given
 * @param options.subgroups whether sums are computed in subgroups where the device has them; unless given
 *   yes, or as before. A device that was started with another answer is given up for a new one, and its tensors are lost
 * @returns what the device says of itself
 * @throws AttaccaError `unsupported` where there is no device
 */
export async function registerWebGpu(
  gpu: GPU,
  { software = false, subgroups }: RegisterWebGpuOptions = {},
): Promise<GpuDescription> {
  const { registerBackend } = await import("./register.js");
  return registerBackend(gpu, { software, subgroups });
}
