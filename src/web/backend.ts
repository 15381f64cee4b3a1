import { type BackendChoice, chooseBackend as chooseOffered } from "../backend/index.js";
import { type StartSimdOptions, startSimd } from "./simd.js";
import { startWebGpu } from "./webgpu.js";

/**
 * `chooseBackend` of the backend room, with what a page brings: the simd engine's module is fetched and its threads are
 * workers, and WebGPU is the browser's.
 *
 * @param name an engine's name, or "auto" for a GPU if there is one, else for the fastest that runs here
 * @param options how the simd engine is started
 */
export function chooseBackend(name = "auto", options: StartSimdOptions = {}): Promise<BackendChoice> {
  return chooseOffered(name, {
    async simd() {
      await startSimd(options);
      return undefined;
    },
    async webgpu(asked) {
      const { name: device, software } = await startWebGpu({ software: asked });
      return software ? `${device} (in software)` : device;
    },
  });
}
