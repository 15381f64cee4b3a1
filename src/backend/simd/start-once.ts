import type { SimdEngine } from "./engine.js";

/**
 * Makes of an environment's own `start` one that gives the running engine. Where that was closed or has failed, a new
 * one takes its place, without the old one's tensors.
 *
 * @param start makes an engine and registers it
 */
export function startOnce<Options>(
  start: (options: Options) => Promise<SimdEngine>,
): (options: Options) => Promise<SimdEngine> {
  let running: Promise<SimdEngine> | undefined;
  return async (options) => {
    if (running !== undefined) {
      const engine = await running.catch(() => undefined);
      if (engine?.exports.stopped() === 0) return engine;
    }
    running = start(options);
    return running;
  };
}
