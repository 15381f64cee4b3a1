import type * as tf from "@tensorflow/tfjs-core";
import { type AttentionMode, attention, type Dropout, prefixAttention } from "../ops/index.js";

/** Attention by the prefixes, where they are given; full and causal attention have kernels on more engines. */
export function attend(
  qkv: tf.Tensor,
  heads: number,
  { mode, prefixes, dropout }: { mode: AttentionMode; prefixes?: readonly number[]; dropout?: Dropout },
): tf.Tensor {
  if (prefixes === undefined) return attention(qkv, heads, { mode, dropout });
  const time = qkv.shape[1]!;
  if (prefixes.length === qkv.shape[0]) {
    if (prefixes.every((prefix) => prefix === time)) return attention(qkv, heads, { mode: "full", dropout });
    if (prefixes.every((prefix) => prefix === 0)) return attention(qkv, heads, { dropout });
  }
  return prefixAttention(qkv, heads, prefixes, { dropout });
}
