import type * as tf from "@tensorflow/tfjs-core";
import { missing } from "../errors.js";
import { type Activation, head, type Int8Matrix, int8Linear, linear, rotary } from "../ops/index.js";
import { HEAD, int8Name, type Parameters, scalesName } from "./parameters.js";

/** A parameter by its name. @throws AttaccaError `missing` */
export function parameter(parameters: Parameters, name: string): tf.Variable {
  const variable = parameters.get(name);
  if (variable === undefined) throw missing(`parameter ${name}`);
  return variable;
}

/** A quantised matrix, or undefined where it is there in floats. */
function int8Matrix(parameters: Parameters, name: string): Int8Matrix | undefined {
  const weight = parameters.get(int8Name(name));
  return weight && { weight, scales: parameter(parameters, scalesName(name)) };
}

/** x · weight + bias of the layer `name`, in whichever form its weights are. */
export function product(
  parameters: Parameters,
  x: tf.Tensor,
  name: string,
  activation: Activation = "none",
): tf.Tensor {
  const bias = parameter(parameters, `${name}.bias`);
  const int8 = int8Matrix(parameters, `${name}.weight`);
  if (int8 !== undefined) return int8Linear(x, int8, bias, activation);
  return linear(x, parameter(parameters, `${name}.weight`), bias, activation);
}

/**
 * Queries, keys and values of the own attention of block `block`, [batch, time, 3 · n_embd].
 *
 * @param normal the block's normalised input
 * @param turns of rotary positions; see `turnsOf`
 */
export function queriesKeysValues(
  parameters: Parameters,
  normal: tf.Tensor,
  { block, heads, turns }: { readonly block: string; readonly heads: number; readonly turns?: tf.Tensor },
): tf.Tensor {
  const qkv = product(parameters, normal, `${block}.attn.c_attn`);
  return turns === undefined ? qkv : rotary(qkv, turns, heads);
}

/** Logits of the tied head. */
export function headLogits(parameters: Parameters, hidden: tf.Tensor): tf.Tensor {
  const int8 = int8Matrix(parameters, HEAD);
  return int8 ? int8Linear(hidden, int8) : head(hidden, parameter(parameters, HEAD));
}
