import * as tf from "@tensorflow/tfjs-core";
import { type Attributes, type Fused, fusedOperations } from "../../src/ops/index.js";
import { takeAll, upload, type Values } from "../values.js";

/** One run of one operation: what goes in. */
export interface OperationCase {
  readonly operation: string;
  readonly attributes: Attributes;
  readonly tensors: Readonly<Record<string, Values>>;
  readonly dy: Values;
}

/** What came out. */
export interface OperationOutcome {
  readonly value: Float32Array;
  /** Off the tape an operation may take another way; it must end in the same numbers. */
  readonly untaped: Float32Array;
  /** The gradient of every input by name. */
  readonly gradients: Record<string, Float32Array>;
}

/** Computes an operation and its gradients on the engine in use. */
export async function runOperation({
  operation,
  attributes,
  tensors,
  dy,
}: OperationCase): Promise<OperationOutcome> {
  const { inputs } = (fusedOperations[operation] as unknown as Fused<Attributes>).operation;
  const results = tf.tidy(() => {
    const run = fusedOperations[operation] as unknown as Fused<Attributes>;
    const { constants = [] } = run.operation;
    const given = Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, upload(values)]));
    const fixed = Object.fromEntries(constants.map((name) => [name, given[name]]));
    const call = (...changing: tf.Tensor[]) =>
      run({ ...fixed, ...Object.fromEntries(inputs.map((name, i) => [name, changing[i]])) }, attributes);
    const { value, grads } = tf.valueAndGrads(call)(
      inputs.map((name) => given[name]),
      upload(dy),
    );
    return [value, call(...inputs.map((name) => given[name])), ...grads];
  });
  const [value, untaped, ...gradients] = await takeAll(results);
  return {
    value,
    untaped,
    gradients: Object.fromEntries(gradients.map((gradient, i) => [inputs[i], gradient])),
  };
}
