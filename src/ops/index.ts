export { type AdamWOptions, type AdamWState, adamW, globalNorm } from "./adamw.js";
export {
  type AttentionMode,
  attention,
  type CachedPositions,
  cachedAttention,
  type KeysAndValues,
  prefixAttention,
} from "./attention.js";
export { crossAttention } from "./cross-attention.js";
export { crossEntropy, head, headLoss, headNll, IGNORED, tokenNll } from "./cross-entropy.js";
export { type DecodeStep, decodeStep, hasDecode, type KeysAndValuesWithRoom } from "./decode.js";
export { type Attributes, type Fused, type FusedOperation, hasKernel, type Named } from "./define.js";
export { type Dropout, dropout, dropoutMask, dropoutOf, residual } from "./dropout.js";
export { embedding } from "./embedding.js";
export { fromHalf, toHalf } from "./half.js";
export { type Int8Matrix, int8Linear, int8Weight, type Quantised, quantise } from "./int8.js";
export { layerNorm } from "./layer-norm.js";
export { type Activation, linear } from "./linear.js";
export { cachedLookaheadAttention, lookaheadAttention } from "./lookahead.js";
export { rotary } from "./rotary.js";
export { fusedOperations, plainKernels } from "./table.js";
