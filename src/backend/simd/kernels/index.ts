import * as tf from "@tensorflow/tfjs-core";
import { SIMD } from "../backend.js";
import { registerAdamW } from "./adamw.js";
import { registerAttention } from "./attention.js";
import { register } from "./call.js";
import { registerCrossAttention } from "./cross-attention.js";
import { registerCrossEntropy } from "./cross-entropy.js";
import { registerDecode } from "./decode.js";
import { registerDropout } from "./dropout.js";
import { registerElementwise, stock } from "./elementwise.js";
import { registerEmbedding } from "./embedding.js";
import { registerInt8 } from "./int8.js";
import { registerLayerNorm } from "./layer-norm.js";
import { registerLinear } from "./linear.js";
import { registerLookahead } from "./lookahead.js";
import { registerMatMul } from "./matmul.js";
import { registerRotary } from "./rotary.js";

/** Registers the engine's kernels, and for every other one that tfjs's CPU backend has, that one. Once is enough. */
export function registerSimdKernels(): void {
  if (tf.getKernel("AttaccaLinear", SIMD) != null) return;
  registerLinear();
  registerInt8();
  registerLayerNorm();
  registerEmbedding();
  registerRotary();
  registerAttention();
  registerCrossAttention();
  registerLookahead();
  registerCrossEntropy();
  registerDecode();
  registerDropout();
  registerAdamW();
  registerElementwise();
  registerMatMul();
  for (const kernel of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernel.kernelName, SIMD) == null) {
      register(kernel.kernelName, (call) => stock(kernel, call));
      if (kernel.setupFunc !== undefined || kernel.disposeFunc !== undefined) {
        throw new Error(`kernel ${kernel.kernelName} of the CPU backend keeps state`);
      }
    }
  }
}
