import {
  buildHere,
  createSimdEngine,
  hasSharedMemory,
  registerSimd,
  type SimdBuild,
  type SimdEngine,
  startOnce,
  type WorkerStart,
} from "../backend/simd/index.js";
import { AttaccaError, unsupported } from "../errors.js";

/** How the simd engine is started in a page's worker. */
export interface StartSimdOptions {
  /**
   * How many threads compute, 1 to 64; as many as the browser names (16 at most) unless given. Without cross-origin
   * isolation it is 1 whatever is given.
   */
  readonly threads?: number;
  /** Bytes that its memory may grow to; 4 GiB unless given, 1 GiB without cross-origin isolation. */
  readonly memoryLimit?: number;
  /** A build other than the fastest that runs here. */
  readonly build?: SimdBuild;
  /** The address of the folder with the modules (`shared-relaxed.wasm` …); where the package has them unless given. */
  readonly wasmBase?: string | URL;
  /** Makes the worker of one thread, from the script `web/simd-worker.js`; the package's own unless given. */
  readonly createWorker?: () => Worker;
}

/** Whole expressions, not made of parts: bundlers find the files by them. */
const MODULES: Readonly<Record<SimdBuild, () => URL>> = {
  "shared-relaxed": () => new URL("../backend/simd/shared-relaxed.wasm", import.meta.url),
  "shared-plain": () => new URL("../backend/simd/shared-plain.wasm", import.meta.url),
  "single-relaxed": () => new URL("../backend/simd/single-relaxed.wasm", import.meta.url),
  "single-plain": () => new URL("../backend/simd/single-plain.wasm", import.meta.url),
};

const newWorker = (): Worker => new Worker(new URL("./simd-worker.js", import.meta.url), { type: "module" });

const startOrGive = startOnce(start);

/**
 * Starts the engine in a dedicated worker and registers it with tfjs as the backend "simd". On a page that is
 * cross-origin isolated it computes on several threads, which are workers of this worker; elsewhere on one. A second
 * start gives the running engine; where that was closed or has failed, a new one takes its place, without the old one's
 * tensors.
 *
 * @example
 * // page.js: the page's own thread stays free
 * const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
 * // worker.js
 * await startSimd();
 * await tf.setBackend("simd");
 *
 * @throws AttaccaError `unsupported` outside of a dedicated worker, for a shared build without cross-origin isolation,
 *   and where WebAssembly has no SIMD; `missing` if the module or the threads' script can't be fetched
 */
export function startSimd(options: StartSimdOptions = {}): Promise<SimdEngine> {
  return startOrGive(options);
}

async function start(options: StartSimdOptions): Promise<SimdEngine> {
  if (!isDedicatedWorker()) {
    throw unsupported(
      "simd engine",
      "a thread that may not wait for others",
      "a dedicated worker of a page",
      "Start it in a script that the page runs with new Worker(url, { type: 'module' })",
    );
  }
  const isolated = crossOriginIsolated && hasSharedMemory();
  const build = options.build ?? buildHere(isolated);
  const shared = build.startsWith("shared");
  if (shared && !isolated) {
    throw unsupported(
      `build ${build} of the simd engine`,
      "a page without cross-origin isolation",
      "a page that may share memory",
      "Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  const bytes = await fetchModule(build, options.wasmBase);
  const workers: Promise<void>[] = [];
  const engine = createSimdEngine({
    build,
    bytes,
    threads: shared ? (options.threads ?? Math.min(16, navigator.hardwareConcurrency)) : 1,
    memoryLimit: options.memoryLimit,
    spawn: (start, failed) => workers.push(spawn(options.createWorker ?? newWorker, start, failed)),
  });
  try {
    // A worker begins only while this thread attends to its messages, so the engine isn't given away before.
    await Promise.all(workers);
  } catch (error) {
    engine.close();
    throw error;
  }
  await registerSimd(engine);
  return engine;
}

/** Whether this is a page's dedicated worker: the only place that may both wait and have workers of its own. */
function isDedicatedWorker(): boolean {
  return typeof DedicatedWorkerGlobalScope === "function" && self instanceof DedicatedWorkerGlobalScope;
}

async function fetchModule(build: SimdBuild, base?: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = base === undefined ? MODULES[build]() : new URL(`${build}.wasm`, withSlash(base));
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new AttaccaError(
      "missing",
      {
        subject: "module of the simd engine",
        found,
        expected: `${build}.wasm at ${url.href}`,
        hint: "Put the modules of dist/backend/simd there, or say with wasmBase where they are",
      },
      error,
    );
  }
  if (!WebAssembly.validate(bytes)) {
    throw unsupported(
      "simd engine",
      `a file at ${url.href} that WebAssembly refuses here`,
      "a module, and a browser with WebAssembly SIMD",
    );
  }
  return bytes;
}

/** As a folder: without a slash at the end, the last name of an address would be replaced. */
function withSlash(base: string | URL): URL {
  const url = new URL(base, self.location.href);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Starts one thread; the promise is kept once it takes tasks. */
function spawn(
  createWorker: () => Worker,
  start: WorkerStart,
  failed: (cause: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: string): void => {
      failed(cause);
      reject(
        new AttaccaError("missing", {
          subject: "thread of the simd engine",
          found: cause,
          expected: `${start.threads} threads`,
          hint: "See that the page may load web/simd-worker.js as a worker",
        }),
      );
    };
    try {
      const worker = createWorker();
      worker.addEventListener("message", () => resolve(), { once: true });
      worker.addEventListener("error", ({ message }) => refuse(message || "its script couldn't be loaded"));
      worker.postMessage(start);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
    }
  });
}
