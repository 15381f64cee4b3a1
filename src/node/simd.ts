import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  buildHere,
  createSimdEngine,
  registerSimd,
  type SimdBuild,
  type SimdEngine,
  startOnce,
  type WorkerStart,
} from "../backend/simd/index.js";
import { missing } from "../errors.js";

/** How the simd engine is started in Node. */
export interface StartSimdOptions {
  /** How many threads compute, 1 to 64; as many as there are cores (16 at most) unless given. */
  readonly threads?: number;
  /** Bytes that its memory may grow to; 4 GiB unless given. */
  readonly memoryLimit?: number;
  /** A build other than the fastest that runs here. */
  readonly build?: SimdBuild;
}

/** Where the compiled package is, seen from its own folder as well as from the sources'. */
const DIST = new URL("../../dist/", import.meta.url);

const startOrGive = startOnce(start);

/**
 * Starts the engine and registers it with tfjs as the backend "simd". A second start gives the running
 * engine; where that was closed or has failed, a new one takes its place, without the old one's tensors.
 *
 * @throws AttaccaError `missing` if the package was built without its modules
 */
export function startSimd(options: StartSimdOptions = {}): Promise<SimdEngine> {
  return startOrGive(options);
}

async function start(options: StartSimdOptions): Promise<SimdEngine> {
  const threads = options.threads ?? Math.min(16, availableParallelism());
  const build = options.build ?? buildHere();
  const engine = createSimdEngine({
    build,
    bytes: await readModule(build),
    threads: build.startsWith("single") ? 1 : threads,
    memoryLimit: options.memoryLimit,
    spawn,
  });
  await registerSimd(engine);
  return engine;
}

async function readModule(build: SimdBuild): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`backend/simd/${build}.wasm`, DIST);
  try {
    return new Uint8Array(await readFile(url));
  } catch {
    throw missing(
      "module of the simd engine",
      `${build}.wasm in the package's dist folder`,
      "Run npm run build:wasm",
    );
  }
}

function spawn(start: WorkerStart, failed: (cause: string) => void): void {
  // No options of the process: some, such as --input-type, are refused for a file.
  const worker = new Worker(new URL("node/simd-worker.js", DIST), { workerData: start, execArgv: [] });
  worker.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => failed(`a thread ended with code ${code}`));
  // The threads wait for work for ever; they mustn't keep the process alive.
  worker.unref();
}
