import type * as tf from "@tensorflow/tfjs-core";
import { Cache, disposeMemory, encodeSource, forward, type Memory } from "../model/index.js";
import type { DecodeMode } from "./choices.js";
import type { LanguageModel } from "./decoder.js";

/** What decodes music to a melody, window by window. */
export interface MelodyDecoder {
  /** The logits of the id behind the window that begins at `start`. */
  next(ids: readonly number[], start: number): Promise<Float32Array>;
  /** How often the encoder was run. */
  windows(): number;
  dispose(): void;
}

/**
 * Encodes the melody of each window once and, with a cache, feeds the decoder only what is new.
 *
 * @param melodyOf the melody's ids that are read in the window that begins at an index
 */
export function melodyDecoder(
  { parameters, config, decode = "cached" }: LanguageModel & { readonly decode?: DecodeMode },
  melodyOf: (start: number) => number[],
): MelodyDecoder {
  const cache = decode === "cached" ? new Cache() : undefined;
  let memory: Memory | undefined;
  let from = -1;
  let windows = 0;
  const free = (): void => {
    cache?.clear();
    if (memory !== undefined) disposeMemory(memory);
    memory = undefined;
  };
  return {
    async next(ids, start) {
      if (start !== from) {
        free();
        const read = melodyOf(start);
        memory = encodeSource(parameters, config, { ids: [read], lengths: [read.length] });
        windows++;
        from = start;
      }
      const given = [ids.slice(start + (cache?.length ?? 0))];
      const logits: tf.Tensor = forward(parameters, config, given, { cache, memory, positions: "last" });
      try {
        return (await logits.data()) as Float32Array;
      } finally {
        logits.dispose();
      }
    },
    windows: () => windows,
    dispose: free,
  };
}
