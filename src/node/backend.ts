import { type BackendChoice, chooseBackend as chooseOffered } from "../backend/index.js";
import { type StartSimdOptions, startSimd } from "./simd.js";
import { startTensorFlow } from "./tensorflow.js";
import { startWebGpu } from "./webgpu.js";

/**
 * `chooseBackend` of the backend room, with what Node brings: the simd engine's module is a file and its threads are
 * worker threads, WebGPU comes from the package `webgpu` and TensorFlow's library from `@tensorflow/tfjs-node-gpu` or
 * `-node`, where they are installed.
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
    tensorflow: startTensorFlow,
  });
}
