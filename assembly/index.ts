/** The engine's door: what the module exports. */
export { adamW, sumSquares } from "./adamw";
export { attention, attentionScratch } from "./attention";
export { attentionGradient, attentionGradientScratch } from "./attention-gradient";
export { crossEntropy } from "./cross-entropy";
export { dropout } from "./dropout";
export { elementwise } from "./elementwise";
export { embedding, embeddingGradient } from "./embedding";
export { layerNorm, layerNormGradient } from "./layer-norm";
export { matmul, matmulScratch, packedSize } from "./matmul";
export { initialize, serve, stop, stopped } from "./pool";
export { geluGradient, partialLines, sumRows } from "./rows";
