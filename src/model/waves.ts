import * as tf from "@tensorflow/tfjs-core";
import type { ModelConfig } from "./config.js";

/** Periods of the waves by which positions are told, in positions: from 2 up to four times the context, in equal ratios. */
function periodOf(pair: number, pairs: number, context: number): number {
  return 2 * (2 * context) ** (pair / pairs);
}

/**
 * Sines and cosines in pairs, as Vaswani et al. 2017 (section 3.5). A distance is then the same turn of each pair wherever it lies,
 * so that "this voice a step ago" is learned once and not for every position. The amplitude is twice `initializer_range`.
 *
 * @param data [n_positions, n_embd]
 */
export function fillWithWaves(
  data: Float32Array,
  { n_embd, n_positions, initializer_range }: ModelConfig,
  placeOf = (position: number): number => position,
): void {
  const pairs = Math.ceil(n_embd / 2);
  for (let position = 0; position < n_positions; position++) {
    for (let i = 0; i < n_embd; i++) {
      const angle = (2 * Math.PI * placeOf(position)) / periodOf(Math.floor(i / 2), pairs, n_positions);
      data[position * n_embd + i] = 2 * initializer_range * (i % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
}

/** All turns of a model, worked out once: a step of generating needs one row, many times a second. */
const tables = new WeakMap<ModelConfig, Float32Array>();

function tableOf(config: ModelConfig): Float32Array {
  const known = tables.get(config);
  if (known !== undefined) return known;
  const depth = config.n_embd / config.n_head;
  const pairs = depth / 2;
  const table = new Float32Array(config.n_positions * depth);
  for (let position = 0; position < config.n_positions; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = (2 * Math.PI * position) / periodOf(pair, pairs, config.n_positions);
      table[position * depth + pair] = Math.cos(angle);
      table[position * depth + pairs + pair] = Math.sin(angle);
    }
  }
  tables.set(config, table);
  return table;
}

/**
 * By what rotary positions turn the queries and keys of a head.
 *
 * @param first position of the first row
 * @returns [count, depth]: of each position depth / 2 cosines, then as many sines; undefined where the model has none
 */
export function turnsOf(config: ModelConfig, first: number, count: number): tf.Tensor2D | undefined {
  if (config.position_embedding_type !== "rotary") return undefined;
  const depth = config.n_embd / config.n_head;
  return tf.tensor2d(tableOf(config).slice(first * depth, (first + count) * depth), [count, depth]);
}
