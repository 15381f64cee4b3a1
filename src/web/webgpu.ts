import { type GpuDescription, type RegisterOptions, registerWebGpu } from "../backend/webgpu/index.js";
import { unsupported } from "../errors.js";

/** How WebGPU is started in a page or its worker. */
export type StartWebGpuOptions = RegisterOptions;

/**
 * Makes the browser's WebGPU tfjs's backend "webgpu". It runs in a page's own thread as well as in a worker.
 *
 * @returns what the device says of itself
 * @throws AttaccaError `unsupported` where the browser has no WebGPU, or no device for it
 */
export async function startWebGpu(options: StartWebGpuOptions = {}): Promise<GpuDescription> {
  const { gpu } = navigator as Navigator & { readonly gpu?: GPU };
  if (gpu === undefined) {
    throw unsupported(
      "webgpu",
      "no WebGPU in this browser",
      "a browser with it, and a page served over https",
    );
  }
  return registerWebGpu(gpu, options);
}
