import * as tf from "@tensorflow/tfjs-core";
import { startSimd } from "../../web/index.js";
import type { EngineInfo, StartRequest } from "../protocol.js";
import type { JobContext } from "../worker.js";

/** Starts the simd engine and makes it the one that computes. */
export async function startJob(
  { base, threads, build, version }: StartRequest,
  { studio }: JobContext<never>,
): Promise<EngineInfo> {
  studio.version = version;
  const engine = await startSimd({
    threads,
    build,
    ...(base === undefined
      ? {}
      : {
          wasmBase: base,
          createWorker: () => new Worker(new URL("simd-worker.js", base), { type: "module" }),
        }),
  });
  await tf.setBackend("simd");
  await tf.ready();
  return {
    name: "simd",
    build: engine.build,
    threads: engine.threads,
    isolated: crossOriginIsolated,
  };
}
