import * as tf from "@tensorflow/tfjs-core";
import { AttaccaError, unknown, unsupported } from "../errors.js";
import { type BackendName, backendNames } from "./choices.js";

/** The engine that computes from now on, and why it was taken. */
export interface BackendChoice {
  readonly name: BackendName;
  /** One sentence for people, e.g. "the fastest that runs here". */
  readonly why: string;
}

/**
 * Starts an engine and registers it with tfjs, which only its environment can where it needs files, threads or a device.
 *
 * @param asked whether the user named this engine; "auto" takes no device in software, for example
 * @returns what more there is to say of it, e.g. the device's name
 */
export type EngineStarter = (asked: boolean) => Promise<string | undefined>;

/** Starters by engine; `attacca/node` and `attacca/web` have a `chooseBackend` that gives them. */
export type EngineStarters = Readonly<Partial<Record<BackendName, EngineStarter>>>;

const WHAT: Record<BackendName, string> = {
  webgpu: "attacca's kernels on WebGPU",
  tensorflow: "TensorFlow's native library",
  simd: "attacca's own engine on WebAssembly SIMD",
  wasm: "TensorFlow.js on WebAssembly SIMD",
  cpu: "TensorFlow.js in plain JavaScript, the reference",
};

/**
 * Sets the engine that computes all tensors from now on. Tensors made before stay with the engine that made them.
 *
 * @param name an engine, or "auto" for the first of the list that runs here: a GPU, then the fastest on the processor
 * @param starters start and register the engines that need their environment for it
 * @throws AttaccaError `unknown` for another name, `unsupported` if the named engine doesn't run here
 */
export async function chooseBackend(
  name: string = "auto",
  starters: EngineStarters = {},
): Promise<BackendChoice> {
  if (name !== "auto") {
    const known = backendNames.find((candidate) => candidate === name);
    if (known === undefined) throw unknown("backend", name, ["auto", ...backendNames]);
    const what = await start(known, starters[known], true);
    return { name: known, why: `${what}; asked for` };
  }
  const refused: string[] = [];
  for (const candidate of backendNames) {
    let what: string;
    try {
      what = await start(candidate, starters[candidate], false);
    } catch (error) {
      if (!(error instanceof AttaccaError)) throw error;
      refused.push(error.message);
      continue;
    }
    const reason = candidate === "webgpu" ? "a GPU is taken first" : "the fastest that runs here";
    return { name: candidate, why: [`${what}; ${reason}`, ...refused].join("; ") };
  }
  throw unsupported("backend", refused.join("; "), "an engine that runs here");
}

/** Starts an engine and makes tfjs compute on it; gives what to call it. */
async function start(name: BackendName, starter: EngineStarter | undefined, asked: boolean): Promise<string> {
  const detail = await starter?.(asked);
  let started = false;
  let cause = "it can't be started";
  try {
    if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
    else if (name === "cpu") await import("@tensorflow/tfjs-backend-cpu");
    // Only its environment can start another engine, as module, threads and device come from there.
    else if (starter === undefined && tf.findBackendFactory(name) == null) {
      throw new Error("it hasn't been started");
    }
    started = await tf.setBackend(name);
    await tf.ready();
  } catch (error) {
    started = false;
    cause = error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
  if (!started) throw unsupported(`backend ${name}`, cause, "an engine that runs here");
  // In Node tfjs's own engine greets with an advertisement on its first computation.
  if (name === "cpu") (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return detail === undefined ? WHAT[name] : `${WHAT[name]}, ${detail}`;
}
