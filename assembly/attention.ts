/*
 * Attention (Vaswani et al. 2017) without a matrix of time × time in memory: a task takes one head of one sequence
 * and goes over its queries 8 at a time (as FlashAttention does, Dao et al. 2022, but with all keys at once).
 *
 * Everything is kept turned: scores are [keys][8 queries]. So a maximum, a sum or a power over the keys is plain
 * vertical arithmetic, and the scores lie as a right panel does: the product with the values needs no repacking.
 * Of the probabilities only the logarithm of each query's sum is kept, for the gradient.
 */
import { multiplyPanels } from "./micro";
import { COLUMNS, packLeft, packRight, ROWS } from "./panel";
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat, threadNumber } from "./pool";
import {
  dropScores,
  hideLaterKeys,
  highFactor,
  highHighest,
  highSum,
  lowFactor,
  lowHighest,
  lowSum,
  softmax,
  storeLanes,
  storeTurned,
} from "./scores";

const Q: usize = 0;
const Q_BATCH: usize = 4;
const Q_HEAD: usize = 8;
const Q_ROW: usize = 12;
const K: usize = 16;
const V: usize = 20;
const KV_BATCH: usize = 24;
const KV_HEAD: usize = 28;
const KV_ROW: usize = 32;
const Y: usize = 36;
const Y_ROW: usize = 40;
const LOG_SUMS: usize = 44;
const HEADS: usize = 48;
const QUERIES: usize = 52;
const KEYS: usize = 56;
const DEPTH: usize = 60;
const PREFIX: usize = 64;
const LIMIT: usize = 68;
const KEY0: usize = 72;
const KEY1: usize = 76;
const KEEP: usize = 80;
const WORK: usize = 84;
const PREFIXES: usize = 88;

function padded(count: i32, step: i32): i32 {
  return ((count + step - 1) / step) * step;
}

/** Bytes of working memory that each thread needs. */
export function attentionScratch(keys: i32, depth: i32): i32 {
  const rows = padded(keys, ROWS);
  const dims = padded(depth, ROWS);
  return (rows * depth + dims * keys + depth * COLUMNS + rows * COLUMNS + dims * COLUMNS) * 4;
}

/**
 * y [batch, queries, heads · depth] = softmax(q · kᵀ / √depth) · v for each head. The queries are the last ones of
 * the keys: query i sees keys 0 … keys − queries + i, and those of the prefix wherever they stand.
 *
 * @param q,k,v values (batch, head, row, 0) at batch · …Batch + head · …Head + row · …Row bytes, depth contiguous
 * @param logSums [batch, heads, queries]: log Σ exp(score) of each query; 0 to leave them out
 * @param prefix how many of the first keys every query sees: 0 is causal attention, `keys` (or more) full attention; −1: the queries
 *   aren't of the keys' sequence, and see those of `prefixes` only
 * @param prefixes [batch] int32: that number for each sequence; 0 to take `prefix` for all
 * @param limit,key0,key1,keep dropout of probabilities (threefry.ts) over [batch, heads, queries, keys]; limit 0: none
 * @param work attentionScratch(keys, depth) bytes for each thread
 */
export function attention(
  q: usize,
  qBatch: usize,
  qHead: usize,
  qRow: usize,
  k: usize,
  v: usize,
  kvBatch: usize,
  kvHead: usize,
  kvRow: usize,
  y: usize,
  logSums: usize,
  batch: i32,
  heads: i32,
  queries: i32,
  keys: i32,
  depth: i32,
  prefix: i32,
  prefixes: usize,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
  work: usize,
): void {
  setArgument(Q, q);
  setArgument(Q_BATCH, qBatch);
  setArgument(Q_HEAD, qHead);
  setArgument(Q_ROW, qRow);
  setArgument(K, k);
  setArgument(V, v);
  setArgument(KV_BATCH, kvBatch);
  setArgument(KV_HEAD, kvHead);
  setArgument(KV_ROW, kvRow);
  setArgument(Y, y);
  setArgument(Y_ROW, <usize>(heads * depth) * 4);
  setArgument(LOG_SUMS, logSums);
  setArgument(HEADS, heads);
  setArgument(QUERIES, queries);
  setArgument(KEYS, keys);
  setArgument(DEPTH, depth);
  setArgument(PREFIX, prefix);
  setArgument(PREFIXES, prefixes);
  setArgument(LIMIT, limit);
  setArgument(KEY0, key0);
  setArgument(KEY1, key1);
  setArgumentFloat(KEEP, keep);
  setArgument(WORK, work);
  parallel(task.index, batch * heads);
}

function task(index: i32): void {
  const heads = <i32>argument(HEADS);
  const batch = <usize>(index / heads);
  const head = <usize>(index % heads);
  const queries = <i32>argument(QUERIES);
  const keys = <i32>argument(KEYS);
  const depth = <i32>argument(DEPTH);
  const kv = batch * argument(KV_BATCH) + head * argument(KV_HEAD);
  const q = argument(Q) + batch * argument(Q_BATCH) + head * argument(Q_HEAD);
  const y = argument(Y) + batch * queries * argument(Y_ROW) + head * depth * 4;
  const kPanels = argument(WORK) + <usize>threadNumber() * attentionScratch(keys, depth);
  const vPanels = kPanels + <usize>padded(keys, ROWS) * depth * 4;
  const queryPanel = vPanels + <usize>padded(depth, ROWS) * keys * 4;
  const scores = queryPanel + <usize>depth * COLUMNS * 4;
  const output = scores + <usize>padded(keys, ROWS) * COLUMNS * 4;
  packKeys(argument(K) + kv, argument(KV_ROW), keys, depth, kPanels);
  packDimensions(argument(V) + kv, argument(KV_ROW), keys, depth, vPanels);
  const prefix = prefixOf(argument(PREFIXES), <i32>argument(PREFIX), batch);
  const crosses = <i32>argument(PREFIX) < 0;
  const logSums = argument(LOG_SUMS);
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  for (let i = 0; i < queries; i += COLUMNS) {
    const count = min(COLUMNS, queries - i);
    const first = crosses ? -COLUMNS : keys - queries + i;
    const seen = min(keys, max(prefix, first + COLUMNS));
    packRight(q + <usize>i * argument(Q_ROW), argument(Q_ROW), 4, count, depth, queryPanel);
    scalePanel(queryPanel, depth, scale);
    for (let j = 0; j < seen; j += ROWS) {
      multiplyPanels(kPanels + <usize>j * depth * 4, queryPanel, scores + <usize>j * 32, 32, depth, false);
    }
    hideLaterKeys(scores, first, max(first + 1, prefix), seen);
    softmax(scores, seen);
    if (logSums != 0) keepLogSums(logSums + <usize>(index * queries + i) * 4, count);
    if (argument(LIMIT) != 0) drop(scores, <i32>index * queries + i, seen, keys);
    for (let d = 0; d < depth; d += ROWS) {
      multiplyPanels(vPanels + <usize>d * keys * 4, scores, output + <usize>d * 32, 32, seen, false);
    }
    storeTurned(output, y + <usize>i * argument(Y_ROW), argument(Y_ROW), count, depth, lowFactor, highFactor);
  }
}

/** Rows of [keys, depth] as left panels of 6 keys. */
export function packKeys(from: usize, row: usize, keys: i32, depth: i32, to: usize): void {
  for (let j = 0; j < keys; j += ROWS) {
    packLeft(from + <usize>j * row, row, 4, min(ROWS, keys - j), depth, to + <usize>j * depth * 4);
  }
}

/** Columns of [keys, depth] as left panels of 6 dimensions. */
export function packDimensions(from: usize, row: usize, keys: i32, depth: i32, to: usize): void {
  for (let d = 0; d < depth; d += ROWS) {
    packLeft(from + <usize>d * 4, 4, row, min(ROWS, depth - d), keys, to + <usize>d * keys * 4);
  }
}

/** Multiplies a right panel. */
export function scalePanel(panel: usize, depth: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let j: usize = 0; j < <usize>depth * 32; j += 16) {
    v128.store(panel + j, f32x4.mul(v128.load(panel + j), factor));
  }
}

/** How many of the first keys every query of a sequence sees. */
export function prefixOf(prefixes: usize, prefix: i32, batch: usize): i32 {
  return prefixes == 0 ? prefix : load<i32>(prefixes + (batch << 2));
}

function keepLogSums(to: usize, count: i32): void {
  const at =
    argument(WORK) + <usize>threadNumber() * attentionScratch(<i32>argument(KEYS), <i32>argument(DEPTH));
  // The query panel is spent by now and serves to take the lanes apart.
  const keys = <i32>argument(KEYS);
  const depth = <i32>argument(DEPTH);
  const aside = at + <usize>(padded(keys, ROWS) * depth + padded(depth, ROWS) * keys) * 4;
  storeLanes(aside, lowHighest, highHighest);
  for (let i = 0; i < count; i++) store<f32>(to + <usize>i * 4, load<f32>(aside + <usize>i * 4));
  storeLanes(aside, lowSum, highSum);
  for (let i = 0; i < count; i++) {
    const place = to + <usize>i * 4;
    store<f32>(place, load<f32>(place) + NativeMathf.log(load<f32>(aside + <usize>i * 4)));
  }
}

function drop(scores: usize, firstRow: i32, seen: i32, keys: i32): void {
  const limit = <i32>argument(LIMIT);
  dropScores(
    scores,
    firstRow,
    seen,
    keys,
    limit,
    <i32>argument(KEY0),
    <i32>argument(KEY1),
    argumentFloat(KEEP),
  );
}
