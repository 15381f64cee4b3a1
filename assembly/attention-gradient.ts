/*
 * The gradient of attention, without a matrix of time × time (FlashAttention-2, Dao 2023): scores are computed
 * again from the kept logarithms of sums. As in attention.ts all is turned, [keys][8 queries], so that
 *
 *   dPᵀ = V · dOᵀ, dSᵀ = Pᵀ ∘ (dPᵀ − Σ dO∘O), dQᵀ = Kᵀ · dSᵀ   for 8 queries at a time, and
 *   dK += dSᵀ · Q, dV += Pᵀ · dO                                for a block of 64,
 *
 * the last two by the micro-kernel that reads its left side turned. A task takes one head of one sequence, so no
 * two threads add to one value.
 */
import { packDimensions, packKeys, prefixOf, scalePanel } from "./attention";
import { multiplyPanels, multiplyTurned } from "./micro";
import { COLUMNS, packRight, ROWS } from "./panel";
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat, threadNumber } from "./pool";
import { storeTurned } from "./scores";
import { firstWords, keepAt, keepWords, secondWords } from "./threefry";
import { exp, madd } from "./vector";

/** Queries whose probabilities are kept at a time, for the products that sum over queries. */
const BLOCK = 64;

const Q: usize = 0;
const Y: usize = 4;
const DY: usize = 8;
const LOG_SUMS: usize = 12;
const D_Q: usize = 16;
const HEADS: usize = 20;
const QUERIES: usize = 24;
const DEPTH: usize = 28;
const PREFIX: usize = 32;
const LIMIT: usize = 36;
const KEY0: usize = 40;
const KEY1: usize = 44;
const KEEP: usize = 48;
const WORK: usize = 52;
const PREFIXES: usize = 56;
const KV: usize = 60;
const D_KV: usize = 64;
const Q_ROW: usize = 68;
const KV_ROW: usize = 72;
const KEYS: usize = 76;

function padded(count: i32, step: i32): i32 {
  return ((count + step - 1) / step) * step;
}

/** How many of the first keys every query of the task sees. */
let prefix: i32 = 0;
/** Whether the queries are of another sequence than the keys, and see the prefix only. */
let crosses: bool = false;
/** Where the parts of a thread's working memory begin. */
let kPanels: usize = 0;
let vPanels: usize = 0;
let kColumns: usize = 0;
let dKeys: usize = 0;
let dValues: usize = 0;
let kept: usize = 0;
let slopes: usize = 0;
let queries: usize = 0;
let outputs: usize = 0;
let queryPanel: usize = 0;
let outputPanel: usize = 0;
let dQuery: usize = 0;
let aside: usize = 0;

/** Bytes of working memory that each thread needs. */
export function attentionGradientScratch(keys: i32, depth: i32): i32 {
  return <i32>layOut(0, keys, depth);
}

/** Lays the parts out from `start`, and gives the end. */
function layOut(start: usize, keys: i32, depth: i32): usize {
  const rows = <usize>padded(keys, ROWS) * 4;
  const dims = <usize>padded(depth, ROWS) * 4;
  const columns = <usize>padded(depth, COLUMNS) * 4;
  kPanels = start;
  vPanels = kPanels + rows * depth;
  kColumns = vPanels + rows * depth;
  dKeys = kColumns + dims * keys;
  dValues = dKeys + rows * (columns / 4);
  kept = dValues + rows * (columns / 4);
  slopes = kept + rows * BLOCK;
  queries = slopes + rows * BLOCK;
  outputs = queries + columns * BLOCK;
  queryPanel = outputs + columns * BLOCK;
  outputPanel = queryPanel + <usize>depth * 32;
  dQuery = outputPanel + <usize>depth * 32;
  aside = dQuery + dims * COLUMNS;
  return aside + 64;
}

/**
 * @param q,dQ [batch, queries, heads · depth], rows `qRow` bytes apart
 * @param kv,dKv [batch, keys, 2 · heads · depth]: keys, values; rows `kvRow` bytes apart
 * @param y,dy [batch, queries, heads · depth]
 * @param logSums as `attention` left them
 * @param prefixOfAll,prefixes as `prefix` and `prefixes` in `attention`
 * @param work attentionGradientScratch(keys, depth) bytes for each thread
 */
export function attentionGradient(
  q: usize,
  qRow: usize,
  kv: usize,
  kvRow: usize,
  y: usize,
  dy: usize,
  logSums: usize,
  dQ: usize,
  dKv: usize,
  batch: i32,
  heads: i32,
  queries: i32,
  keys: i32,
  depth: i32,
  prefixOfAll: i32,
  prefixes: usize,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
  work: usize,
): void {
  setArgument(Q, q);
  setArgument(Q_ROW, qRow);
  setArgument(KV, kv);
  setArgument(KV_ROW, kvRow);
  setArgument(Y, y);
  setArgument(DY, dy);
  setArgument(LOG_SUMS, logSums);
  setArgument(D_Q, dQ);
  setArgument(D_KV, dKv);
  setArgument(HEADS, heads);
  setArgument(QUERIES, queries);
  setArgument(KEYS, keys);
  setArgument(DEPTH, depth);
  setArgument(PREFIX, prefixOfAll);
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
  const queries = <i32>argument(QUERIES);
  const keys = <i32>argument(KEYS);
  const depth = <i32>argument(DEPTH);
  const qRow = argument(Q_ROW);
  const kvRow = argument(KV_ROW);
  const width = <usize>(heads * depth) * 4;
  const batch = <usize>(index / heads);
  const head = <usize>(index % heads) * depth * 4;
  const q = argument(Q) + batch * queries * qRow + head;
  const dq = argument(D_Q) + batch * queries * qRow + head;
  const k = argument(KV) + batch * keys * kvRow + head;
  const dk = argument(D_KV) + batch * keys * kvRow + head;
  const y = argument(Y) + batch * queries * width + head;
  const dy = argument(DY) + batch * queries * width + head;
  const bytes = layOut(0, keys, depth);
  layOut(argument(WORK) + <usize>threadNumber() * bytes, keys, depth);
  packKeys(k, kvRow, keys, depth, kPanels);
  packKeys(k + width, kvRow, keys, depth, vPanels);
  packDimensions(k, kvRow, keys, depth, kColumns);
  memory.fill(dKeys, 0, kept - dKeys);
  crosses = <i32>argument(PREFIX) < 0;
  prefix = prefixOf(argument(PREFIXES), <i32>argument(PREFIX), batch);
  for (let i = 0; i < queries; i += BLOCK) block(index, i, q, y, dy, dq, width);
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  storeRows(dKeys, dk, kvRow, keys, depth, scale);
  storeRows(dValues, dk + width, kvRow, keys, depth, 1);
}

/** How many keys the queries before `end` see at most. */
function seenBefore(end: i32): i32 {
  return min(<i32>argument(KEYS), crosses ? prefix : max(prefix, end));
}

/** The queries from `first` on, at most BLOCK. */
function block(index: i32, first: i32, q: usize, y: usize, dy: usize, dq: usize, width: usize): void {
  const depth = <i32>argument(DEPTH);
  const qRow = argument(Q_ROW);
  const seen = seenBefore(first + BLOCK);
  const count = min(BLOCK, <i32>argument(QUERIES) - first);
  const panels = (count + COLUMNS - 1) / COLUMNS;
  const panelBytes = <usize>padded(<i32>argument(KEYS), ROWS) * 32;
  for (let p = 0; p < panels; p++) {
    const i = first + p * COLUMNS;
    const keys = seenBefore(i + COLUMNS);
    const at = <usize>p * panelBytes;
    panelOf(index, i, keys, at, q, y, dy, dq, width);
    // What this panel doesn't see, others of the block do: there it adds nothing.
    const end = <usize>padded(seen, ROWS) * 32;
    memory.fill(kept + at + <usize>keys * 32, 0, end - <usize>keys * 32);
    memory.fill(slopes + at + <usize>keys * 32, 0, end - <usize>keys * 32);
  }
  for (let d = 0; d < depth; d += COLUMNS) {
    const columns = min(COLUMNS, depth - d);
    const to = <usize>d * BLOCK * 4;
    const from = <usize>first * qRow + <usize>d * 4;
    packRight(q + from, 4, qRow, columns, count, queries + to);
    packRight(dy + <usize>first * width + <usize>d * 4, 4, width, columns, count, outputs + to);
    const rest = <usize>(panels * COLUMNS - count) * 32;
    memory.fill(queries + to + <usize>count * 32, 0, rest);
    memory.fill(outputs + to + <usize>count * 32, 0, rest);
  }
  const row = <usize>padded(depth, COLUMNS) * 4;
  for (let d = 0; d < depth; d += COLUMNS) {
    const right = <usize>d * BLOCK * 4;
    for (let j = 0; j < seen; j += ROWS) {
      const to = <usize>j * row + <usize>d * 4;
      multiplyTurned(slopes + <usize>j * 32, panelBytes, queries + right, dKeys + to, row, panels, true);
      multiplyTurned(kept + <usize>j * 32, panelBytes, outputs + right, dValues + to, row, panels, true);
    }
  }
}

/** Eight queries from `i` on: their probabilities and slopes (at `at` of both), and their gradient. */
function panelOf(
  index: i32,
  i: i32,
  keys: i32,
  at: usize,
  q: usize,
  y: usize,
  dy: usize,
  dq: usize,
  width: usize,
): void {
  const queries = <i32>argument(QUERIES);
  const depth = <i32>argument(DEPTH);
  const qRow = argument(Q_ROW);
  const count = min(COLUMNS, queries - i);
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  const fromY = <usize>i * width;
  const fromQ = <usize>i * qRow;
  packRight(q + fromQ, qRow, 4, count, depth, queryPanel);
  scalePanel(queryPanel, depth, scale);
  // Σ dO∘O, with the panel of O where that of dO comes later.
  packRight(y + fromY, width, 4, count, depth, dQuery);
  packRight(dy + fromY, width, 4, count, depth, outputPanel);
  let lowDelta = f32x4.splat(0);
  let highDelta = f32x4.splat(0);
  for (let d: usize = 0; d < <usize>depth * 32; d += 32) {
    lowDelta = madd(v128.load(dQuery + d), v128.load(outputPanel + d), lowDelta);
    highDelta = madd(v128.load(dQuery + d, 16), v128.load(outputPanel + d, 16), highDelta);
  }
  const p = kept + at;
  const s = slopes + at;
  for (let j = 0; j < keys; j += ROWS) {
    multiplyPanels(kPanels + <usize>j * depth * 4, queryPanel, p + <usize>j * 32, 32, depth, false);
    multiplyPanels(vPanels + <usize>j * depth * 4, outputPanel, s + <usize>j * 32, 32, depth, false);
  }
  // Lanes past the last query get a sum of +∞, so that their probabilities are 0.
  v128.store(aside, f32x4.splat(Infinity));
  v128.store(aside, f32x4.splat(Infinity), 16);
  memory.copy(aside, argument(LOG_SUMS) + <usize>(index * queries + i) * 4, <usize>count * 4);
  slopesOf(p, s, 0, v128.load(aside), lowDelta, i32x4(0, 1, 2, 3), i, index * queries + i, keys);
  slopesOf(p, s, 16, v128.load(aside, 16), highDelta, i32x4(4, 5, 6, 7), i, index * queries + i, keys);
  for (let d = 0; d < depth; d += ROWS) {
    multiplyPanels(kColumns + <usize>d * argument(KEYS) * 4, s, dQuery + <usize>d * 32, 32, keys, false);
  }
  const factor = f32x4.splat(scale);
  storeTurned(dQuery, dq + fromQ, qRow, count, depth, factor, factor);
}

/** Four lanes: scores → what is left of the probabilities, and gradients of those → gradients of scores. */
function slopesOf(
  p: usize,
  s: usize,
  lane: usize,
  logSums: v128,
  delta: v128,
  lanes: v128,
  first: i32,
  row: i32,
  keys: i32,
): void {
  const drops = argument(LIMIT) != 0;
  const queriesOfLanes = i32x4.add(i32x4.splat(first), lanes);
  const rows = i32x4.mul(i32x4.add(i32x4.splat(row), lanes), i32x4.splat(<i32>argument(KEYS)));
  const key0 = <i32>argument(KEY0);
  const key1 = <i32>argument(KEY1);
  const limit = <i32>argument(LIMIT);
  const paired = (argument(KEYS) & 1) == 0;
  let next = i32x4.splat(0);
  for (let j = 0; j < keys; j++) {
    const at = <usize>j * 32 + lane;
    let probability = exp(f32x4.sub(v128.load(p + at), logSums));
    if (j > first && j >= prefix) {
      probability = v128.andnot(probability, i32x4.gt_s(i32x4.splat(j), queriesOfLanes));
    }
    let dProbability = v128.load(s + at);
    let left = probability;
    if (drops) {
      let factor: v128;
      if (paired && (j & 1) == 1) {
        factor = keepWords(next, limit, argumentFloat(KEEP));
      } else if (paired) {
        const counters = i32x4.shr_u(i32x4.add(rows, i32x4.splat(j)), 1);
        factor = keepWords(firstWords(key0, key1, counters), limit, argumentFloat(KEEP));
        next = secondWords();
      } else {
        factor = keepAt(key0, key1, i32x4.add(rows, i32x4.splat(j)), limit, argumentFloat(KEEP));
      }
      left = f32x4.mul(probability, factor);
      dProbability = f32x4.mul(dProbability, factor);
    }
    v128.store(p + at, left);
    v128.store(s + at, f32x4.mul(probability, f32x4.sub(dProbability, delta)));
  }
}

/** A padded [time, depth] sum · scale → rows `row` bytes apart. */
export function storeRows(from: usize, to: usize, row: usize, time: i32, depth: i32, scale: f32): void {
  const bytes = <usize>depth * 4;
  const factor = f32x4.splat(scale);
  const step = <usize>padded(depth, COLUMNS) * 4;
  for (let i = 0; i < time; i++) {
    const source = from + <usize>i * step;
    const target = to + <usize>i * row;
    let j: usize = 0;
    for (; j + 16 <= bytes; j += 16) {
      v128.store(target + j, f32x4.mul(v128.load(source + j), factor));
    }
    for (; j < bytes; j += 4) store<f32>(target + j, load<f32>(source + j) * scale);
  }
}
