import type { DecodeMode } from "../generate/index.js";

/** What one way of decoding took: of its own tokens, or of those at which it was measured beside the other. */
export interface ModeCost {
  readonly tokens: number;
  readonly seconds: number;
}

/** What a continuation took so far. Plain data. */
export interface Costs {
  /** The way that the ids were decoded. */
  readonly decode: DecodeMode;
  /** Generated ids. */
  readonly tokens: number;
  /** Seconds that they took, from the prompt's first pass on; neither showing them nor measuring the other way is in it. */
  readonly seconds: number;
  /** Seconds that the new part plays. */
  readonly musicSeconds: number;
  /** Both ways, as far as they were measured at this piece. */
  readonly modes: Readonly<Partial<Record<DecodeMode, ModeCost>>>;
  /** The largest difference of two logits between the ways, where both were computed. */
  readonly maxDifference?: number;
}

/** Milliseconds a token; undefined where there is none. */
export function millisecondsPerToken(cost: ModeCost | undefined): number | undefined {
  return cost === undefined || cost.tokens === 0 ? undefined : (1000 * cost.seconds) / cost.tokens;
}

/** Tokens a second; undefined where there is none. */
export function tokensPerSecond(cost: ModeCost | undefined): number | undefined {
  return cost === undefined || cost.tokens === 0 || cost.seconds <= 0
    ? undefined
    : cost.tokens / cost.seconds;
}

/** Seconds of music generated in a second: above 1 the music comes faster than it plays. */
export function realTimeFactor({ musicSeconds, seconds }: Costs): number | undefined {
  return musicSeconds > 0 && seconds > 0 ? musicSeconds / seconds : undefined;
}
