import * as tf from "@tensorflow/tfjs-core";
import { startSimd, startWebGpu } from "../../web/index.js";
import type { EngineInfo, StartRequest } from "../protocol.js";
import type { JobContext } from "../worker.js";

/** Starts an engine and makes it the one that computes. */
export async function startJob(
  { base, threads, engine: choice = "simd", build, version }: StartRequest,
  { studio }: JobContext<never>,
): Promise<EngineInfo> {
  studio.version = version;
  if (choice === "webgpu") {
    const { name, software } = await startWebGpu({ software: true });
    await tf.setBackend("webgpu");
    await tf.ready();
    const device = software ? `${name} (in software)` : name;
    return { name: "webgpu", build: device, threads: 1, isolated: crossOriginIsolated };
  }
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
