import { invalid } from "../../errors.js";

/** The module's functions, and how many arguments each takes; see `assembly/` for what they want. */
export const simdFunctions = {
  adamW: 8,
  appendPositions: 10,
  attention: 23,
  attentionGradient: 21,
  attentionGradientScratch: 2,
  attentionScratch: 2,
  cachedLookahead: 15,
  cachedLookaheadScratch: 1,
  crossEntropy: 8,
  decode: 18,
  decodeScratch: 6,
  dropout: 8,
  elementwise: 6,
  embedding: 9,
  embeddingGradient: 10,
  geluGradient: 7,
  initialize: 3,
  int8Scratch: 2,
  layerNorm: 8,
  layerNormGradient: 10,
  lookaheadAttention: 12,
  lookaheadGradient: 14,
  lookaheadGradientScratch: 2,
  lookaheadScratch: 2,
  matmul: 17,
  matmulScratch: 0,
  multiplyInt8: 10,
  multiplyRows: 8,
  multiplyTurnedRows: 6,
  packedSize: 2,
  partialLines: 1,
  rotary: 8,
  serve: 0,
  stop: 1,
  stopped: 0,
  sumRows: 5,
  sumSquares: 3,
} as const;

/** The module's functions by name. */
export type SimdExports = Readonly<Record<keyof typeof simdFunctions, (...values: number[]) => number>>;

/**
 * Refuses a module that was compiled from older or newer sources than its caller's: it would be called with the wrong arguments, and compute
 * wrongly or trap somewhere else.
 *
 * @throws AttaccaError `invalid`, with the first function that differs
 */
export function checkFunctions(exports: Readonly<Record<string, unknown>>): asserts exports is SimdExports {
  for (const [name, count] of Object.entries(simdFunctions)) {
    const found = exports[name];
    if (typeof found === "function" && found.length === count) continue;
    throw invalid(
      "module of the simd engine",
      typeof found === "function" ? `${name} with ${found.length} arguments` : `no function ${name}`,
      typeof found === "function" ? String(count) : "one",
      "It belongs to another version: build both together (npm run build), or install the package anew",
    );
  }
}
