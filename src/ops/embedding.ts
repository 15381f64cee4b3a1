import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import { define } from "./define.js";
import { asMatrix, multiply, oneHot, sumRows, transpose } from "./matrix.js";

/**
 * Kernel `AttaccaEmbedding`: ids [batch, time] int32, tokens [vocab, width], positions [limit, width],
 * attribute `offset` → y [batch, time, width] = tokens[ids] + positions[offset + time].
 * `AttaccaEmbeddingGrad`: dy, ids, tokens, positions → dTokens, dPositions.
 */
export const runEmbedding = define<{ offset: number }>({
  kernel: "AttaccaEmbedding",
  inputs: ["tokens", "positions"],
  constants: ["ids"],
  composed({ ids, tokens, positions }, { offset }) {
    const [batch, time] = ids.shape;
    const width = tokens.shape[1]!;
    const looked = tf.gather(tokens, tf.reshape(ids, [batch * time]) as tf.Tensor1D);
    const placed = tf.slice(positions, [offset, 0], [time, width]);
    return { value: tf.add(tf.reshape(looked, [batch, time, width]), placed) };
  },
  gradient(dy, { ids, tokens, positions }, _, { offset }) {
    const [batch, time, width] = dy.shape as [number, number, number];
    // A product with the one-hot matrix adds the rows up: stock WASM has no scatter-add.
    const hot = oneHot(ids, tokens.shape[0]);
    const dTokens = multiply(transpose(hot), asMatrix(dy));
    const perTime = sumRows(tf.reshape(dy, [batch, time * width]));
    const after = positions.shape[0] - offset - time;
    const dPositions = tf.pad(tf.reshape(perTime, [time, width]) as tf.Tensor2D, [
      [offset, after],
      [0, 0],
    ]);
    return [dTokens, dPositions];
  },
});

/**
 * The sum of each token's and each position's vector.
 *
 * @param ids [batch, time] int32, each from 0 to vocab − 1 (not checked: that would wait for the device)
 * @param tokens [vocab, width]
 * @param positions [limit, width]
 * @param offset position of the first id: how many came before it
 * @returns [batch, time, width]
 */
export function embedding(ids: tf.Tensor, tokens: tf.Tensor, positions: tf.Tensor, offset = 0): tf.Tensor {
  if (ids.rank !== 2 || ids.dtype !== "int32") {
    throw invalid("ids of embedding", `${ids.dtype} [${ids.shape}]`, "int32 [batch, time]");
  }
  if (offset + ids.shape[1]! > positions.shape[0]) {
    throw invalid("length of ids", `${offset + ids.shape[1]!} positions`, `at most ${positions.shape[0]}`);
  }
  return runEmbedding({ ids, tokens, positions }, { offset });
}
