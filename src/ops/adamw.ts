import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { hasKernel, runKernel } from "./define.js";

/** How AdamW steps. Rates and decays are per step. */
export interface AdamWOptions {
  readonly learningRate: number;
  /** Decay of the first moment; 0.9 unless given. */
  readonly beta1?: number;
  /** Decay of the second moment; 0.999 unless given. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8 unless given. */
  readonly epsilon?: number;
  /** Decoupled decay of matrices (rank 2 and above); biases and layer norms have none. 0 unless given. */
  readonly weightDecay?: number;
  /** Number of this step, from 1: what bias correction counts. */
  readonly step: number;
  /** Gradients are scaled down so that their global norm is at most this; no limit unless given. */
  readonly maxNorm?: number;
  /** The gradients' `globalNorm`, if it is known already. */
  readonly norm?: tf.Tensor;
}

/** What AdamW changes: each list has the same length and shapes. */
export interface AdamWState {
  readonly parameters: readonly tf.Variable[];
  /** Running means of the gradients; zeros before the first step. */
  readonly first: readonly tf.Variable[];
  /** Running means of the gradients' squares; zeros before the first step. */
  readonly second: readonly tf.Variable[];
}

/**
 * The norm of all gradients as one vector.
 *
 * Kernel `AttaccaGlobalNorm`: `gradient0`, `gradient1`, … → a scalar.
 */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Scalar {
  const kernel = "AttaccaGlobalNorm";
  if (hasKernel(kernel)) return runKernel(kernel, numbered({ gradient: gradients }), {})[0] as tf.Scalar;
  return tf.tidy(() => {
    const sums = gradients.map((gradient) => tf.sum(tf.square(gradient)) as tf.Scalar);
    return tf.sqrt(tf.sum(tf.stack(sums))) as tf.Scalar;
  });
}

/**
 * One step of AdamW over all parameters, in place.
 *
 * Loshchilov & Hutter 2019, algorithm 2 (decay outside of the moments), with the moments and bias correction of
 * Kingma & Ba 2015, algorithm 1; clipping by the global norm as `torch.nn.utils.clip_grad_norm_` does it:
 * gradients times min(1, maxNorm / (norm + 1e-6)).
 *
 * Kernel `AttaccaAdamW`: `norm` (scalar; only with a limit), `parameter0`, …, `gradient0`, …, `first0`, …,
 * `second0`, …; attributes `learningRate`, `beta1`, `beta2`, `epsilon`, `step`, `maxNorm` (0: no limit), `decays`
 * (one number for each parameter) → the new parameters, then first, then second moments.
 *
 * @returns nothing: the variables have new values
 */
export function adamW(state: AdamWState, gradients: readonly tf.Tensor[], options: AdamWOptions): void {
  const { parameters, first, second } = state;
  if (gradients.length !== parameters.length) {
    throw invalid(
      "gradients of AdamW",
      `${gradients.length}`,
      `one for each of ${parameters.length} parameters`,
    );
  }
  if (!(options.step >= 1)) throw invalid("step of AdamW", String(options.step), "1 or more");
  const maxNorm = options.maxNorm ?? 0;
  const attributes = {
    learningRate: options.learningRate,
    beta1: options.beta1 ?? 0.9,
    beta2: options.beta2 ?? 0.999,
    epsilon: options.epsilon ?? 1e-8,
    step: options.step,
    maxNorm,
    decays: parameters.map((parameter) => (parameter.rank >= 2 ? (options.weightDecay ?? 0) : 0)),
  };
  tf.tidy(() => {
    const norm = maxNorm > 0 ? (options.norm ?? globalNorm(gradients)) : undefined;
    if (hasKernel("AttaccaAdamW")) {
      const lists = numbered({ parameter: parameters, gradient: gradients, first, second });
      const next = runKernel("AttaccaAdamW", norm === undefined ? lists : { ...lists, norm }, attributes);
      [...parameters, ...first, ...second].forEach((variable, i) => {
        variable.assign(next[i]);
      });
      return;
    }
    const scale = norm && tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
    parameters.forEach((parameter, i) => {
      tf.tidy(() => {
        const gradient = scale === undefined ? gradients[i] : tf.mul(gradients[i], scale);
        stepOne(parameter, first[i], second[i], gradient, attributes, attributes.decays[i]);
      });
    });
  });
}

function stepOne(
  parameter: tf.Variable,
  first: tf.Variable,
  second: tf.Variable,
  gradient: tf.Tensor,
  rates: { learningRate: number; beta1: number; beta2: number; epsilon: number; step: number },
  decay: number,
): void {
  const { learningRate, beta1, beta2, epsilon, step } = rates;
  const mean = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1));
  const square = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const root = tf.add(tf.mul(tf.sqrt(square), 1 / Math.sqrt(1 - beta2 ** step)), epsilon);
  const move = tf.mul(tf.div(mean, root), learningRate / (1 - beta1 ** step));
  const shrunk = decay === 0 ? parameter : tf.mul(parameter, 1 - learningRate * decay);
  parameter.assign(tf.sub(shrunk, move));
  first.assign(mean);
  second.assign(square);
}

/** `{gradient: [a, b]}` → `{gradient0: a, gradient1: b}`: how kernels get lists. */
function numbered(lists: Record<string, readonly tf.Tensor[]>): Record<string, tf.Tensor> {
  const named: Record<string, tf.Tensor> = {};
  for (const [name, tensors] of Object.entries(lists)) {
    tensors.forEach((tensor, i) => {
      named[`${name}${i}`] = tensor;
    });
  }
  return named;
}
