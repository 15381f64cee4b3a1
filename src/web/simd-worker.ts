import { serveSimd, type WorkerStart } from "../backend/simd/index.js";

// A thread of the simd engine: it takes tasks until the engine is closed.
addEventListener(
  "message",
  ({ data }: MessageEvent<WorkerStart>) => {
    // Said before it serves, as it won't return to its messages until the end.
    postMessage("ready");
    serveSimd(data);
    close();
  },
  { once: true },
);
