import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import type { ModelConfig } from "./config.js";

/** Token ids: rows of one length, or an int32 tensor [batch, time] (whose values aren't checked). */
export type Ids = readonly (readonly number[])[] | tf.Tensor2D;

/**
 * Ids as a tensor, checked: int32 [batch, time].
 *
 * @param past how many positions a cache holds before them, and `batch` how many rows
 * @throws AttaccaError `invalid` for an id outside the vocabulary, other rows than the cache has, too many positions
 */
export function idsTensor(ids: Ids, config: ModelConfig, past: number, batch: number): tf.Tensor2D {
  const tensor = ids instanceof tf.Tensor ? ids : rowsTensor("id", ids, 0, config.vocab_size);
  const [rows, time] = tensor.shape;
  if (past > 0 && rows !== batch) throw invalid("ids", `${rows} rows`, `${batch} rows, as the cache has`);
  if (past + time > config.n_positions) {
    const found = past === 0 ? `${time} positions` : `${time} positions after ${past} in the cache`;
    throw invalid("ids", found, `at most ${config.n_positions} (n_positions)`);
  }
  return tensor;
}

export function rowsTensor(
  what: "id" | "target",
  rows: readonly (readonly number[])[],
  least: number,
  limit: number,
): tf.Tensor2D {
  const time = rows[0]?.length ?? 0;
  if (time === 0) throw invalid(`${what}s`, "no positions", `at least one row with at least one ${what}`);
  const flat = new Int32Array(rows.length * time);
  rows.forEach((row, r) => {
    if (row.length !== time)
      throw invalid(`${what}s`, `rows of ${time} and ${row.length}`, "rows of one length");
    row.forEach((id, t) => {
      if (!Number.isInteger(id) || id < least || id >= limit) {
        const range =
          least === 0 ? `0 to ${limit - 1}` : `at most ${limit - 1}, negative where it isn't counted`;
        throw invalid(`token ${what}`, String(id), range);
      }
      flat[r * time + t] = id;
    });
  });
  return tf.tensor2d(flat, [rows.length, time], "int32");
}
