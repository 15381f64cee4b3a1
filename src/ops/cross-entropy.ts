import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { define, hasKernel, runKernel } from "./define.js";
import { asMatrix, multiply, oneHot, transpose, withWidth } from "./matrix.js";

/** A target that isn't counted, as in PyTorch and Hugging Face. */
export const IGNORED = -100;

/** Negative log-likelihoods [rows, 1], with what the gradient needs. */
function likelihoods(logits: tf.Tensor2D, targets: tf.Tensor) {
  // A target that isn't counted has some hot column too; its weight of 0 takes it out.
  const hot = oneHot(targets, logits.shape[1]);
  const lowered = tf.sub(logits, tf.max(logits, -1, true));
  const powers = tf.exp(lowered);
  const sums = tf.sum(powers, -1, true);
  const nll = tf.sub(tf.log(sums), tf.sum(tf.mul(lowered, hot), -1, true));
  return { nll, hot, powers, sums };
}

/** The mean over counted rows, and d mean / d logits. */
function meanLoss(logits: tf.Tensor2D, targets: tf.Tensor, weights: tf.Tensor, save: boolean) {
  const { nll, hot, powers, sums } = likelihoods(logits, targets);
  const column = tf.reshape(weights, [weights.size, 1]);
  // Where nothing is counted the loss is 0, not NaN.
  const shares = tf.div(column, tf.maximum(tf.sum(column), 1e-20));
  const value = tf.sum(tf.mul(nll, shares));
  if (!save) return { value };
  return { value, slope: tf.mul(tf.sub(tf.div(powers, sums), hot), shares) };
}

/**
 * Kernel `AttaccaCrossEntropy`: logits [..., vocab], targets [...] int32, weights [...] → the weighted mean of
 * −log softmax(logits)[target], a scalar. `AttaccaCrossEntropyGrad`: dy, logits, targets, weights, saved →
 * dLogits. Where a target is outside the vocabulary, its weight is 0 and the target may not be read through.
 */
export const runCrossEntropy = define<Record<string, never>>({
  kernel: "AttaccaCrossEntropy",
  inputs: ["logits"],
  constants: ["targets", "weights"],
  composed({ logits, targets, weights }, _, save) {
    const { value, slope } = meanLoss(asMatrix(logits), targets, weights, save);
    return { value, saved: slope && [slope] };
  },
  gradient: (dy, { logits }, [slope]) => [tf.reshape(tf.mul(slope, dy), logits.shape)],
});

/**
 * Kernel `AttaccaHeadLoss`: hidden [..., width], tokens [vocab, width], targets [...] int32, weights [...] →
 * the loss of logits = hidden · tokensᵀ as in `AttaccaCrossEntropy`, a scalar; the logits needn't ever exist whole.
 * `AttaccaHeadLossGrad`: dy, hidden, tokens, targets, weights, saved → dHidden, dTokens.
 */
export const runHeadLoss = define<Record<string, never>>({
  kernel: "AttaccaHeadLoss",
  inputs: ["hidden", "tokens"],
  constants: ["targets", "weights"],
  composed({ hidden, tokens, targets, weights }, _, save) {
    const logits = multiply(asMatrix(hidden), transpose(tokens));
    const { value, slope } = meanLoss(logits, targets, weights, save);
    return { value, saved: slope && [slope] };
  },
  gradient(dy, { hidden, tokens }, [slope]) {
    const dLogits = tf.mul(slope, dy);
    return [
      tf.reshape(multiply(dLogits, tokens), hidden.shape),
      multiply(transpose(dLogits), asMatrix(hidden)),
    ];
  },
});

/** Targets and weights for the operations: targets that aren't counted get weight 0. */
function counted(
  shape: readonly number[],
  vocabulary: number,
  targets: tf.Tensor,
  weights: tf.Tensor | undefined,
): tf.Tensor {
  const rows = shape.slice(0, -1);
  for (const [name, tensor] of Object.entries({ targets, weights })) {
    if (tensor !== undefined && !tf.util.arraysEqual(tensor.shape, rows)) {
      throw invalid(`shape of ${name}`, `[${tensor.shape}]`, `[${rows}]`);
    }
  }
  const real = tf.cast(tf.logicalAnd(tf.greaterEqual(targets, 0), tf.less(targets, vocabulary)), "float32");
  return weights === undefined ? real : tf.mul(real, weights);
}

/**
 * The mean negative log-likelihood of the targets, in nats.
 *
 * @param logits [..., vocab]
 * @param targets [...] int32; `IGNORED` (or any negative) isn't counted
 * @param weights [...] how much each target counts; 1 each unless given
 * @returns a scalar: Σ weight·nll / Σ weight, or 0 where nothing is counted
 */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const shares = counted(logits.shape, logits.shape[logits.rank - 1], targets, weights);
    return runCrossEntropy({ logits, targets, weights: shares }, {}) as tf.Scalar;
  });
}

/** `crossEntropy` of the logits hidden · tokensᵀ, hidden [..., width], tokens [vocab, width]. */
export function headLoss(
  hidden: tf.Tensor,
  tokens: tf.Tensor,
  targets: tf.Tensor,
  weights?: tf.Tensor,
): tf.Scalar {
  return tf.tidy(() => {
    const shares = counted(hidden.shape, tokens.shape[0], targets, weights);
    return runHeadLoss({ hidden, tokens, targets, weights: shares }, {}) as tf.Scalar;
  });
}

/**
 * Logits of a tied head: hidden · tokensᵀ, for generating (no gradient).
 *
 * Kernel `AttaccaHead`: hidden [..., width], tokens [vocab, width] → logits [..., vocab].
 */
export function head(hidden: tf.Tensor, tokens: tf.Tensor): tf.Tensor {
  if (hasKernel("AttaccaHead")) return runKernel("AttaccaHead", { hidden, tokens }, {})[0];
  return tf.tidy(() => {
    const logits = multiply(asMatrix(hidden), transpose(tokens));
    return tf.reshape(logits, withWidth(hidden.shape, tokens.shape[0]));
  });
}

/**
 * The negative log-likelihood of each target, in nats, for evaluation (no gradient).
 *
 * Kernel `AttaccaHeadNll`: hidden [..., width], tokens [vocab, width], targets [...] int32 → nll [...].
 *
 * @param targets [...] int32; one that isn't counted gives 0
 * @returns [...]
 */
export function headNll(hidden: tf.Tensor, tokens: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  if (hasKernel("AttaccaHeadNll")) return runKernel("AttaccaHeadNll", { hidden, tokens, targets }, {})[0];
  return tf.tidy(() => tokenNll(head(hidden, tokens), targets));
}

/** `headNll` of logits that are there: [..., vocab] and targets [...] → [...]. */
export function tokenNll(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const real = counted(logits.shape, logits.shape[logits.rank - 1], targets, undefined);
    const { nll } = likelihoods(asMatrix(logits), targets);
    return tf.mul(tf.reshape(nll, targets.shape), real);
  });
}
