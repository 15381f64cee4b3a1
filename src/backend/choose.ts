import * as tf from "@tensorflow/tfjs-core";
import { AttaccaError, unknown, unsupported } from "../errors.js";
import { type BackendName, backendNames } from "./choices.js";

/** The engine that computes from now on, and why it was taken. */
export interface BackendChoice {
  readonly name: BackendName;
  /** One sentence for people, e.g. "the fastest that runs here". */
  readonly why: string;
}

const WHAT: Record<BackendName, string> = {
  simd: "attacca's own engine on WebAssembly SIMD",
  wasm: "TensorFlow.js on WebAssembly SIMD",
  cpu: "TensorFlow.js in plain JavaScript, the reference",
};

/**
 * Sets the engine that computes all tensors from now on. Tensors made before stay with the engine that made them.
 *
 * @param name an engine, or "auto" for the fastest that runs here
 * @param startSimd starts the engine "simd" and registers it, which only its environment can: `attacca/node` and
 *   `attacca/web` have a `chooseBackend` that does
 * @throws AttaccaError `unknown` for another name, `unsupported` if the named engine doesn't run here
 */
export async function chooseBackend(
  name: string = "auto",
  startSimd?: () => Promise<unknown>,
): Promise<BackendChoice> {
  if (name !== "auto") {
    const known = backendNames.find((candidate) => candidate === name);
    if (known === undefined) throw unknown("backend", name, ["auto", ...backendNames]);
    await start(known, startSimd);
    return { name: known, why: `${WHAT[known]}; asked for` };
  }
  const refused: string[] = [];
  for (const candidate of backendNames) {
    try {
      await start(candidate, startSimd);
    } catch (error) {
      if (!(error instanceof AttaccaError)) throw error;
      refused.push(error.message);
      continue;
    }
    const others = refused.length === 0 ? "" : `; ${refused.join("; ")}`;
    return { name: candidate, why: `${WHAT[candidate]}; the fastest that runs here${others}` };
  }
  throw unsupported("backend", refused.join("; "), "an engine that runs here");
}

/** Only its environment can start the engine, as its module and threads come from there: see `registerSimd`. */
function requireSimd(): void {
  if (tf.findBackendFactory("simd") == null) throw new Error("it hasn't been started");
}

async function start(name: BackendName, startSimd?: () => Promise<unknown>): Promise<void> {
  if (name === "simd") await startSimd?.();
  let started = false;
  let cause = "it can't be started";
  try {
    if (name === "simd") requireSimd();
    else if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
    else await import("@tensorflow/tfjs-backend-cpu");
    started = await tf.setBackend(name);
    await tf.ready();
  } catch (error) {
    started = false;
    cause = error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
  if (!started) throw unsupported(`backend ${name}`, cause, "an engine that runs here");
  // In Node tfjs's own engine greets with an advertisement on its first computation.
  if (name === "cpu") (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
}
