import { workerData } from "node:worker_threads";
import { serveSimd, type WorkerStart } from "../backend/simd/index.js";

// A thread of the simd engine: it takes tasks until the engine is closed.
serveSimd(workerData as WorkerStart);
