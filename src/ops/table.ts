import { runAttention, runPrefixAttention } from "./attention.js";
import { runCrossAttention } from "./cross-attention.js";
import { runCrossEntropy, runHeadLoss } from "./cross-entropy.js";
import type { Fused } from "./define.js";
import { runDropout, runResidual } from "./dropout.js";
import { runEmbedding } from "./embedding.js";
import { runLayerNorm } from "./layer-norm.js";
import { runLinear } from "./linear.js";
import { runLookaheadAttention } from "./lookahead.js";
import { runRotary } from "./rotary.js";

/**
 * Every operation that is trained through, by name. A test runs each of them, forward and gradient, on every engine:
 * a new operation gets its row here, and its case there.
 */
export const fusedOperations: Readonly<Record<string, Fused<never>>> = {
  embedding: runEmbedding,
  layerNorm: runLayerNorm,
  linear: runLinear,
  rotary: runRotary,
  attention: runAttention,
  prefixAttention: runPrefixAttention,
  crossAttention: runCrossAttention,
  lookaheadAttention: runLookaheadAttention,
  residual: runResidual,
  dropout: runDropout,
  crossEntropy: runCrossEntropy,
  headLoss: runHeadLoss,
};

/** Kernels without a gradient: for generating, for evaluation and for the optimizer. */
export const plainKernels = [
  "AttaccaCachedAttention",
  "AttaccaHead",
  "AttaccaHeadNll",
  "AttaccaGlobalNorm",
  "AttaccaAdamW",
] as const;
