import { createDecoder, type DecodeMode, type Decoder, type GenerationStep } from "../../generate/index.js";
import type { Costs, ModeCost } from "../costs.js";
import type { StudioModel } from "./studio.js";

/** Measures the way that isn't used beside the one that is. */
export interface ModeComparison {
  /** One more token was generated, in so many seconds. */
  took(seconds: number): void;
  /** Computes the newest step in the other way too, if that has taken little of the time so far. */
  compare(step: GenerationStep, sequence: readonly number[], stream: number): Promise<void>;
  costs(musicSeconds: number): Costs;
  dispose(): void;
}

/** Recomputing costs many times as much as the cache: it may take this share of the generation's own time. */
const SHARE = 0.15;

/**
 * Compares both ways of decoding while one generates. The cache is fed every token, or it would have to catch up; a
 * recompute stands by itself, and is done now and then.
 */
export function compareModes(model: StudioModel, decode: DecodeMode): ModeComparison {
  const other: DecodeMode = decode === "cached" ? "recompute" : "cached";
  let decoder: Decoder | undefined;
  let streamOf = -1;
  let own: ModeCost = { tokens: 0, seconds: 0 };
  let beside: ModeCost = { tokens: 0, seconds: 0 };
  let maxDifference: number | undefined;
  return {
    took(seconds) {
      own = { tokens: own.tokens + 1, seconds: own.seconds + seconds };
    },
    async compare({ position, drawn: [{ windowStart, logits }] }, sequence, stream) {
      // The first step is the same in both ways: the whole prompt in one pass.
      if (other === "recompute" && own.tokens < 2) return;
      if (other === "recompute" && beside.tokens > 0 && beside.seconds > SHARE * own.seconds) return;
      if (stream !== streamOf) {
        decoder?.dispose();
        decoder = createDecoder(model, other);
        streamOf = stream;
      }
      const started = performance.now();
      const ids = sequence.slice(0, position);
      const [found] = (await decoder?.next([{ sample: 0, ids, start: windowStart }])) ?? [];
      const seconds = (performance.now() - started) / 1000;
      beside = { tokens: beside.tokens + 1, seconds: beside.seconds + seconds };
      for (const [id, logit] of logits.entries()) {
        maxDifference = Math.max(maxDifference ?? 0, Math.abs(logit - found[id]));
      }
    },
    costs: (musicSeconds) => ({
      decode,
      ...own,
      musicSeconds,
      modes: { [decode]: own, ...(beside.tokens > 0 && { [other]: beside }) },
      maxDifference,
    }),
    dispose: () => decoder?.dispose(),
  };
}
