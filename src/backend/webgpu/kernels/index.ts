import * as tf from "@tensorflow/tfjs-core";
import { WEBGPU } from "../backend.js";
import { registerAdamW } from "./adamw.js";
import { registerAttention } from "./attention.js";
import { registerCrossEntropy } from "./cross-entropy.js";
import { registerDecode } from "./decode.js";
import { registerDropout } from "./dropout.js";
import { registerEmbedding } from "./embedding.js";
import { registerLayerNorm } from "./layer-norm.js";
import { registerLinear } from "./linear.js";
import { registerRotary } from "./rotary.js";

/** Registers the kernels of the fused operations; all others are tfjs's own. Once is enough. */
export function registerWebGpuKernels(): void {
  if (tf.getKernel("AttaccaLinear", WEBGPU) != null) return;
  registerLinear();
  registerLayerNorm();
  registerEmbedding();
  registerRotary();
  registerAttention();
  registerCrossEntropy();
  registerDecode();
  registerDropout();
  registerAdamW();
}
