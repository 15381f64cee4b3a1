/*
 * The gradient of attention with lookahead keys. Scores and gates are computed again (lookahead.ts), so the forward pass
 * keeps nothing. With all turned, [keys][8 queries],
 *
 *   dPᵀ = V · dOᵀ,   dSᵀ = Pᵀ ∘ (dPᵀ − Σ Pᵀ∘dPᵀ),   dUᵀ = −dSᵀ ∘ the slope of U∘sigmoid(U),
 *   dAᵀ = Bᵀ · dUᵀ where j ≤ t,   dQᵀ = Kᵀ · dSᵀ + V′ᵀ · dAᵀ   for 8 queries at a time; of the whole head
 *   dK = dSᵀ · Q,   dV = Pᵀ · dO,   dV′ = dAᵀ · Q,   dB = dUᵀ · A,   dZ = dB ∘ B ∘ (1 − B),   dQ′ = dZ · K′,   dK′ᵀ = Q′ᵀ · dZ.
 *
 * Each thread has five matrices of time × time: B (and dZ in its place), P, dS, dU and dA, which are 0 where a key comes after its query
 * as far as tiles of 6 reach. A task takes one head of one sequence, so no two threads add to one value.
 */
import { packDimensions, packKeys, scalePanel } from "./attention";
import { storeRows } from "./attention-gradient";
import {
  block,
  clearBefore,
  depth,
  dropKeys,
  drops,
  gates,
  layOutLookahead,
  look,
  outputPlace,
  padded,
  place,
  prepare,
  q,
  row,
  rows,
  setLookahead,
  time,
  weigh,
} from "./lookahead";
import { multiplyAcross, multiplyPanels, multiplyTurned } from "./micro";
import { COLUMNS, packRight, ROWS } from "./panel";
import { argument, parallel, setArgument, threadNumber } from "./pool";
import { highFactor, lowFactor, storeTurned } from "./scores";
import { madd, sigmoid } from "./vector";

const DY: usize = 36;
const D_QKV: usize = 40;
const D_LOOK: usize = 44;
const WORK: usize = 48;
const BYTES: usize = 52;

/** Pᵀ (what dropout left of it), dSᵀ, dUᵀ and dAᵀ in panels of 8 queries: [t ÷ 8][rows][8]. */
let kept: usize = 0;
let slopes: usize = 0;
let turns: usize = 0;
let reaches: usize = 0;
/** Left panels of values, and of queries. */
let valuePanels: usize = 0;
let queryPanels: usize = 0;
/** Left panels of the columns of keys, lookahead values and lookahead queries. */
let keyColumns: usize = 0;
let lookValueColumns: usize = 0;
let lookQueryColumns: usize = 0;
/** Right panels of the columns of queries, of dO and of lookahead keys. */
let queries: usize = 0;
let outputs: usize = 0;
let lookKeys: usize = 0;
/** A sum before it is scaled. */
let sums: usize = 0;
let output: usize = 0;
let panel: usize = 0;
let otherPanel: usize = 0;

/** Bytes of working memory that each thread needs. */
export function lookaheadGradientScratch(time: i32, depth: i32): i32 {
  return <i32>layOut(layOutLookahead(0, time, depth));
}

/** Lays the parts of its own out from `start`, and gives the end. */
function layOut(start: usize): usize {
  const square = <usize>rows * <usize>rows * 4;
  const panels = <usize>padded(time, ROWS) * depth * 4;
  const columns = <usize>padded(depth, ROWS) * time * 4;
  const wide = <usize>padded(depth, COLUMNS) * rows * 4;
  kept = start;
  slopes = kept + square;
  turns = slopes + square;
  reaches = turns + square;
  valuePanels = reaches + square;
  queryPanels = valuePanels + panels;
  keyColumns = queryPanels + panels;
  lookValueColumns = keyColumns + columns;
  lookQueryColumns = lookValueColumns + columns;
  queries = lookQueryColumns + columns;
  outputs = queries + wide;
  lookKeys = outputs + wide;
  sums = lookKeys + wide;
  output = sums + wide;
  panel = output + <usize>padded(depth, ROWS) * 32;
  otherPanel = panel + block;
  return otherPanel + max(block, <usize>depth * 32);
}

/**
 * @param qkv,look,dQkv,dLook [batch, time, 3 · heads · depth]
 * @param dy [batch, time, heads · depth]
 * @param limit,key0,key1,keep as `lookaheadAttention` takes them
 * @param work lookaheadGradientScratch(time, depth) bytes for each thread
 */
export function lookaheadGradient(
  qkv: usize,
  look: usize,
  dy: usize,
  dQkv: usize,
  dLook: usize,
  batch: i32,
  heads: i32,
  time: i32,
  depth: i32,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
  work: usize,
): void {
  setLookahead(qkv, look, heads, time, depth, limit, key0, key1, keep);
  setArgument(DY, dy);
  setArgument(D_QKV, dQkv);
  setArgument(D_LOOK, dLook);
  setArgument(WORK, work);
  setArgument(BYTES, lookaheadGradientScratch(time, depth));
  parallel(task.index, batch * heads);
}

function task(index: i32): void {
  layOut(prepare(index, argument(WORK) + <usize>threadNumber() * argument(BYTES)));
  const width = row / 3;
  const dq = argument(D_QKV) + place;
  const dLook = argument(D_LOOK) + place;
  const dy = argument(DY) + outputPlace;
  packKeys(q + 2 * width, row, time, depth, valuePanels);
  packKeys(q, row, time, depth, queryPanels);
  packDimensions(q + width, row, time, depth, keyColumns);
  packDimensions(look + 2 * width, row, time, depth, lookValueColumns);
  packDimensions(look, row, time, depth, lookQueryColumns);
  packColumns(q, row, queries);
  packColumns(dy, width, outputs);
  packColumns(look + width, row, lookKeys);
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  for (let i = 0; i < time; i += COLUMNS) queriesFrom(i, index, dy, dq, scale);
  addPairs(slopes, queries, dq + width, scale);
  addPairs(kept, outputs, dq + 2 * width, 1);
  addPairs(reaches, queries, dLook + 2 * width, scale);
  for (let j = 0; j < time; j += COLUMNS) gatesFrom(j, dLook + width, scale);
  addPairs(gates, lookKeys, dLook, scale);
}

/** The head's columns of what begins at `from` as right panels of 8 dimensions, with zeros up to `rows`. */
function packColumns(from: usize, step: usize, to: usize): void {
  for (let d = 0; d < depth; d += COLUMNS) {
    const at = to + <usize>d * rows * 4;
    packRight(from + <usize>d * 4, 4, step, min(COLUMNS, depth - d), time, at);
    memory.fill(at + <usize>time * 32, 0, <usize>(rows - time) * 32);
  }
}

/** The queries i … i + 7: their parts of P, dS, dU and dA, and their gradient. */
function queriesFrom(i: i32, index: i32, dy: usize, dq: usize, scale: f32): void {
  const seen = min(time, i + COLUMNS);
  const at = <usize>(i / COLUMNS) * block;
  const s = slopes + at;
  const u = turns + at;
  const a = reaches + at;
  weigh(i, u, kept + at);
  packRight(dy + <usize>i * (row / 3), row / 3, 4, seen - i, depth, otherPanel);
  for (let j = 0; j < seen; j += ROWS) {
    multiplyPanels(valuePanels + <usize>j * depth * 4, otherPanel, s + <usize>j * 32, 32, depth, false);
  }
  if (drops()) {
    const one = f32x4.splat(1);
    for (let j: usize = 0; j < <usize>seen * 32; j += 16) v128.store(panel + j, one);
    dropKeys(panel, index, i);
  }
  slopesOf(kept + at, s, u, panel, seen, lowFactor);
  slopesOf(kept + at + 16, s + 16, u + 16, panel + 16, seen, highFactor);
  const rest = <usize>(padded(i + COLUMNS, ROWS) - seen) * 32;
  memory.fill(kept + at + <usize>seen * 32, 0, rest);
  memory.fill(s + <usize>seen * 32, 0, rest);
  memory.fill(u + <usize>seen * 32, 0, rest);
  for (let j = 0; j < i + COLUMNS; j += 4) {
    const left = gates + <usize>(j / COLUMNS) * block + <usize>(j % COLUMNS) * 4;
    multiplyAcross(left, u, a + <usize>j * 32, min(seen, j + 3));
  }
  clearBefore(a, i);
  const end = i + COLUMNS;
  memory.fill(a + <usize>end * 32, 0, <usize>(padded(end, ROWS) - end) * 32);
  for (let d = 0; d < depth; d += ROWS) {
    const to = output + <usize>d * 32;
    multiplyPanels(keyColumns + <usize>d * time * 4, s, to, 32, seen, false);
    multiplyPanels(lookValueColumns + <usize>d * time * 4, a, to, 32, seen, true);
  }
  const factor = f32x4.splat(scale);
  storeTurned(output, dq + <usize>i * row, row, seen - i, depth, factor, factor);
}

/**
 * Four queries: exp(score − maximum) at `p` → what is left of the probabilities, gradients of those at `s` → gradients of scores, and
 * U at `u` → its gradient.
 *
 * @param drop the factors of dropout, if there is any
 */
function slopesOf(p: usize, s: usize, u: usize, drop: usize, seen: i32, factor: v128): void {
  const end = <usize>seen * 32;
  const one = f32x4.splat(1);
  const dropping = drops();
  let delta = f32x4.splat(0);
  for (let at: usize = 0; at < end; at += 32) {
    const probability = f32x4.mul(v128.load(p + at), factor);
    let slope = v128.load(s + at);
    v128.store(p + at, probability);
    if (dropping) slope = f32x4.mul(slope, v128.load(drop + at));
    v128.store(s + at, slope);
    delta = madd(probability, slope, delta);
  }
  for (let at: usize = 0; at < end; at += 32) {
    const probability = v128.load(p + at);
    const slope = f32x4.mul(probability, f32x4.sub(v128.load(s + at), delta));
    v128.store(s + at, slope);
    if (dropping) v128.store(p + at, f32x4.mul(probability, v128.load(drop + at)));
    const x = v128.load(u + at);
    const gate = sigmoid(x);
    const steep = f32x4.mul(gate, madd(x, f32x4.sub(one, gate), one));
    v128.store(u + at, f32x4.neg(f32x4.mul(slope, steep)));
  }
}

/** Rows of a matrix that is 0 before the diagonal, in panels of 8 columns, times what has a right panel for 8 dimensions; scaled to `to`. */
function addPairs(left: usize, right: usize, to: usize, scale: f32): void {
  const step = <usize>padded(depth, COLUMNS) * 4;
  const panels = (time + COLUMNS - 1) / COLUMNS;
  for (let r = 0; r < time; r += ROWS) {
    const first = r / COLUMNS;
    const from = left + <usize>first * block + <usize>r * 32;
    for (let d = 0; d < depth; d += COLUMNS) {
      const other = right + <usize>d * rows * 4 + <usize>first * 256;
      const at = sums + <usize>r * step + <usize>d * 4;
      multiplyTurned(from, block, other, at, step, panels - first, false);
    }
  }
  storeRows(sums, to, row, time, depth, scale);
}

/** The gates of lookahead keys j … j + 7: B → dZ, and the gradient of these keys. */
function gatesFrom(j: i32, to: usize, scale: f32): void {
  const count = min(COLUMNS, time - j);
  const first = j / COLUMNS;
  const panels = (time + COLUMNS - 1) / COLUMNS;
  // A, with rows for queries: those before j's tile of 6 aren't needed.
  packRight(look + 2 * (row / 3) + <usize>j * row, row, 4, count, depth, otherPanel);
  scalePanel(otherPanel, depth, scale);
  for (let t = (j / ROWS) * ROWS; t < time; t += ROWS) {
    multiplyPanels(queryPanels + <usize>t * depth * 4, otherPanel, panel + <usize>t * 32, 32, depth, false);
  }
  clearAfter(panel, j);
  memory.fill(panel + <usize>time * 32, 0, <usize>(panels * COLUMNS - time) * 32);
  const b = gates + <usize>first * block;
  const end = padded(j + COLUMNS, ROWS);
  for (let s = 0; s < end; s += ROWS) {
    const at = <usize>s * 32;
    const left = turns + <usize>first * block + at;
    multiplyTurned(left, block, panel + <usize>first * 256, otherPanel + at, 32, panels - first, false);
  }
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < <usize>end * 32; at += 16) {
    const gate = v128.load(b + at);
    const slope = f32x4.mul(gate, f32x4.sub(one, gate));
    v128.store(b + at, f32x4.mul(v128.load(otherPanel + at), slope));
  }
  const seen = min(time, j + COLUMNS);
  for (let d = 0; d < depth; d += ROWS) {
    multiplyPanels(lookQueryColumns + <usize>d * time * 4, b, output + <usize>d * 32, 32, seen, false);
  }
  const factor = f32x4.splat(scale);
  storeTurned(output, to + <usize>j * row, row, count, depth, factor, factor);
}

/** Puts 0 where a position (a lane, from j on) comes after the query of its row. */
function clearAfter(panel: usize, j: i32): void {
  for (let t = j; t < j + COLUMNS; t++) {
    const at = panel + <usize>t * 32;
    const last = i32x4.splat(t - j);
    v128.store(at, v128.and(v128.load(at), i32x4.le_s(i32x4(0, 1, 2, 3), last)));
    v128.store(at, v128.and(v128.load(at, 16), i32x4.le_s(i32x4(4, 5, 6, 7), last)), 16);
  }
}
