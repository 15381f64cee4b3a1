/** The engine's door: what the module exports. */
export { adamW, sumSquares } from "./adamw";
export { attention, attentionScratch } from "./attention";
export { attentionGradient, attentionGradientScratch } from "./attention-gradient";
export { appendPositions } from "./cache";
export { crossEntropy } from "./cross-entropy";
export { decode, decodeScratch } from "./decode";
export { dropout } from "./dropout";
export { elementwise } from "./elementwise";
export { embedding, embeddingGradient } from "./embedding";
export { int8Scratch, multiplyInt8 } from "./int8";
export { layerNorm, layerNormGradient } from "./layer-norm";
export { lookaheadAttention, lookaheadScratch } from "./lookahead";
export { cachedLookahead, cachedLookaheadScratch } from "./lookahead-cache";
export { lookaheadGradient, lookaheadGradientScratch } from "./lookahead-gradient";
export { matmul, matmulScratch, packedSize } from "./matmul";
export { multiplyRows, multiplyTurnedRows } from "./matvec";
export { initialize, serve, stop, stopped } from "./pool";
export { geluGradient, partialLines, sumRows } from "./rows";
