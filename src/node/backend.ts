import { type BackendChoice, chooseBackend as chooseOffered } from "../backend/index.js";
import { type StartSimdOptions, startSimd } from "./simd.js";

/**
 * `chooseBackend` of the backend room, after the simd engine has been started where it is wanted: in Node its module
 * is a file, and its threads are worker threads.
 *
 * @param name an engine's name, or "auto" for the fastest that runs here
 * @param options how the simd engine is started
 */
export function chooseBackend(name = "auto", options: StartSimdOptions = {}): Promise<BackendChoice> {
  return chooseOffered(name, () => startSimd(options));
}
