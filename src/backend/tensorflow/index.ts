import * as tf from "@tensorflow/tfjs-core";
import { type AttentionAttributes, attentionBackward, attentionForward } from "./attention.js";

const BACKEND = "tensorflow";

/**
 * Registers what TensorFlow computes better in another way than the composed forms say: attention, over all heads at once.
 * The engine itself comes from `@tensorflow/tfjs-node` or `-node-gpu`. Calling it again does nothing.
 */
export function registerTensorFlowKernels(): void {
  if (tf.getKernel("AttaccaAttention", BACKEND) != null) return;
  tf.registerKernel({
    kernelName: "AttaccaAttention",
    backendName: BACKEND,
    kernelFunc({ inputs, attrs }) {
      const attributes = attrs as unknown as AttentionAttributes & { save: boolean };
      const [y, ...saved] = attentionForward(inputs.qkv as tf.Tensor, attributes);
      if (attributes.save) return [y, ...saved];
      tf.dispose(saved);
      return [y];
    },
  });
  tf.registerKernel({
    kernelName: "AttaccaAttentionGrad",
    backendName: BACKEND,
    kernelFunc({ inputs, attrs }) {
      const { dy, qkv, saved0, saved1 } = inputs as Record<string, tf.Tensor>;
      const attributes = attrs as unknown as AttentionAttributes;
      return [attentionBackward(dy, qkv, saved0, saved1, attributes)];
    },
  });
}
