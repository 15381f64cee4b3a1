import type * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./define.js";

const KERNEL = "AttaccaDecode";
const INT8_KERNEL = "AttaccaInt8Decode";

/** Keys and values of all layers, with room for more positions: [layers, batch, heads, capacity, depth] each. */
export interface KeysAndValuesWithRoom {
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
}

/** What a whole step of generating needs to know of the model. */
export interface DecodeStep {
  /** The newest tokens of each sequence, [batch, time] int32. */
  readonly ids: tf.Tensor;
  /**
   * All parameters of the model, in its own order (`parameterShapes`). With `scales` the weights of the products are quantised
   * (`int8Weight`), and the token embedding comes once more at the end, quantised: the tied head's matrix.
   */
  readonly parameters: readonly tf.Tensor[];
  /** The scales of quantised weights, in their order. */
  readonly scales?: readonly tf.Tensor[];
  /** Of a model with rotary positions: the turns of the new ones, [time, depth]; see `rotary`. */
  readonly turns?: tf.Tensor;
  readonly past: KeysAndValuesWithRoom;
  /** How many positions of the past are taken: where the new ones go, for which it has room. */
  readonly position: number;
  readonly heads: number;
  readonly epsilon: number;
  /** The matrices hold nothing that a 16-bit float can't, and stay as they are: a kernel may keep them in half of the bytes. */
  readonly halves?: boolean;
}

/** Whether the backend in use computes a whole step of generating in one call, of quantised weights if `int8`. */
export function hasDecode(int8 = false): boolean {
  return hasKernel(int8 ? INT8_KERNEL : KERNEL);
}

/**
 * The decoder and its head for one or a few new positions of each sequence, in one call: for so little arithmetic, calling
 * operation after operation costs more than computing. There is no composed form; where `hasDecode` says no, the
 * model's own forward pass does the same.
 *
 * Kernel `AttaccaDecode`: ids [batch, time] int32, keys and values [layers, batch, heads, capacity, depth],
 * `parameter0`, `parameter1`, …; attributes `heads`, `position`, `epsilon`, `halves` → logits [batch, time, vocab], and keys and
 * values with the new positions: the same tensors, written in place, if nothing else refers to their data, else copies.
 * Kernel `AttaccaInt8Decode`: the same with quantised weights, and `scales0`, `scales1`, … beside them.
 * Either also gets `turns` [time, depth] where positions are rotary, as `AttaccaRotary` does.
 */
export function decodeStep(step: DecodeStep): KeysAndValuesWithRoom & { readonly logits: tf.Tensor3D } {
  const { ids, past, parameters, scales, turns, position, heads, epsilon, halves = false } = step;
  const tensors: Record<string, tf.Tensor> = { ids, keys: past.keys, values: past.values };
  for (let i = 0; i < parameters.length; i++) tensors[`parameter${i}`] = parameters[i];
  for (const [i, tensor] of (scales ?? []).entries()) tensors[`scales${i}`] = tensor;
  if (turns !== undefined) tensors.turns = turns;
  const kernel = scales === undefined ? KERNEL : INT8_KERNEL;
  const [logits, keys, values] = runKernel(kernel, tensors, { position, heads, epsilon, halves });
  return { logits: logits as tf.Tensor3D, keys, values };
}
