import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type GpuDescription, type RegisterOptions, registerWebGpu } from "../backend/webgpu/index.js";
import { AttaccaError } from "../errors.js";

/** How WebGPU is started in Node. */
export type StartWebGpuOptions = RegisterOptions;

/** The npm package `webgpu`: Dawn, the WebGPU of Chromium, as a module of Node. */
interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

let gpu: Promise<GPU> | undefined;

/**
 * Makes WebGPU tfjs's backend "webgpu". Node has no WebGPU of its own: it comes from the package `webgpu`, which is
 * looked for beside this one, or in the folder that the variable `ATTACCA_WEBGPU` names (the package's own folder).
 *
 * @returns what the device says of itself
 * @throws AttaccaError `missing` without that package, `unsupported` where it finds no device
 */
export async function startWebGpu(options: StartWebGpuOptions = {}): Promise<GpuDescription> {
  gpu ??= findGpu();
  try {
    return await registerWebGpu(await gpu, options);
  } catch (error) {
    // Looked for again next time, as it may be installed by then.
    if (error instanceof AttaccaError && error.kind === "missing") gpu = undefined;
    throw error;
  }
}

/** `navigator.gpu`, of this runtime or of the package; tfjs wants it there, and WebGPU's constants as globals. */
async function findGpu(): Promise<GPU> {
  const scope = globalThis as unknown as { navigator?: { gpu?: GPU } };
  if (scope.navigator?.gpu !== undefined) return scope.navigator.gpu;
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals);
  const made = create([]);
  if (scope.navigator === undefined) {
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
  }
  Object.defineProperty(scope.navigator, "gpu", { value: made, configurable: true });
  return made;
}

async function loadDawn(): Promise<Dawn> {
  const entry = entryOfDawn();
  try {
    return (await import(pathToFileURL(entry).href)) as Dawn;
  } catch (error) {
    const found = error instanceof Error ? error.message.split("\n")[0] : String(error);
    const expected = "Linux, macOS or Windows on x64 or arm64";
    throw new AttaccaError("unsupported", { subject: PACKAGE, found, expected }, error);
  }
}

const PACKAGE = "package webgpu, which brings WebGPU to Node";

/** The file that the package begins with. Its name isn't imported as it is: it is there on request only. */
function entryOfDawn(): string {
  const folder = process.env.ATTACCA_WEBGPU;
  const name = folder === undefined ? "webgpu" : resolve(folder);
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    const expected = folder === undefined ? undefined : `in ${name}, which ATTACCA_WEBGPU names`;
    const hint = "Install it beside attacca with: npm i webgpu";
    throw new AttaccaError("missing", { subject: PACKAGE, expected, hint }, error);
  }
}
