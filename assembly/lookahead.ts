/*
 * Causal attention with lookahead keys (Song et al. 2025, arXiv 2509.07301), as src/ops/lookahead.ts writes it down. A task takes
 * one head of one sequence, and goes over its queries 8 at a time. As in attention.ts all is turned, [keys][8 queries], so
 * that what one product leaves is what the next one reads:
 *
 *   B = sigmoid(Q′ · K′ᵀ) where j > s, once for the head,
 *   Aᵀ = V′ · Qᵀ where j ≤ t,   Uᵀ = B · Aᵀ,   Sᵀ = K · Qᵀ − Uᵀ∘sigmoid(Uᵀ),   Oᵀ = Vᵀ · softmax(Sᵀ)   for 8 queries at a time.
 *
 * B is the one matrix of time × time, and each thread has one. Uᵀ goes over the positions between key and query only, so a head
 * takes time³ / 6 multiply-adds for it and half of time² · depth for each of the others. With 256 positions and depth 64 this pass and its gradient
 * make three quarters of the GFLOP/s that linear layers make beside them (`attacca bench train --attention lookahead --profile`).
 */
import { packDimensions, packKeys, scalePanel } from "./attention";
import { multiplyPanels, multiplyTurned } from "./micro";
import { COLUMNS, packRight, ROWS } from "./panel";
import { argument, argumentFloat, parallel, setArgument, setArgumentFloat, threadNumber } from "./pool";
import { dropScores, hideLaterKeys, highFactor, lowFactor, softmax, storeTurned } from "./scores";
import { sigmoid } from "./vector";

const QKV: usize = 0;
const LOOK: usize = 4;
const HEADS: usize = 8;
const TIME: usize = 12;
const DEPTH: usize = 16;
const LIMIT: usize = 20;
const KEY0: usize = 24;
const KEY1: usize = 28;
const KEEP: usize = 32;
const Y: usize = 36;
const WORK: usize = 40;
const BYTES: usize = 44;

/** The sizes of the call. */
export let time: i32 = 0;
export let depth: i32 = 0;
/** Bytes between two rows of qkv, look and their gradients. */
export let row: usize = 0;
/** Queries of the task's head, and its lookahead queries; keys and values are a third and two thirds of a row behind them. */
export let q: usize = 0;
export let look: usize = 0;
/** Where the head's values begin in qkv and look, and where in y, in bytes. */
export let place: usize = 0;
export let outputPlace: usize = 0;
/** Rows of what has one for each position: both tiles of 6 and tiles of 8 go in whole. */
export let rows: i32 = 0;
/** Bytes of one of a matrix's panels [rows][8]. */
export let block: usize = 0;
/** B in panels of 8 columns j: [j ÷ 8][rows s][8]. */
export let gates: usize = 0;
/** Aᵀ of the present queries. */
let reached: usize = 0;
let keyPanels: usize = 0;
let lookValuePanels: usize = 0;
let queryPanel: usize = 0;

export function padded(count: i32, step: i32): i32 {
  return ((count + step - 1) / step) * step;
}

/** Leaves what forward pass and gradient are given alike. */
export function setLookahead(
  qkv: usize,
  look: usize,
  heads: i32,
  time: i32,
  depth: i32,
  limit: i32,
  key0: i32,
  key1: i32,
  keep: f32,
): void {
  setArgument(QKV, qkv);
  setArgument(LOOK, look);
  setArgument(HEADS, heads);
  setArgument(TIME, time);
  setArgument(DEPTH, depth);
  setArgument(LIMIT, limit);
  setArgument(KEY0, key0);
  setArgument(KEY1, key1);
  setArgumentFloat(KEEP, keep);
}

/** Lays out what forward pass and gradient both need, and gives the end. */
export function layOutLookahead(start: usize, ofTime: i32, ofDepth: i32): usize {
  time = ofTime;
  depth = ofDepth;
  rows = padded(time, 4 * ROWS);
  block = <usize>rows * 32;
  gates = start;
  reached = gates + <usize>rows * <usize>rows * 4;
  keyPanels = reached + block;
  lookValuePanels = keyPanels + <usize>rows * depth * 4;
  queryPanel = lookValuePanels + <usize>rows * depth * 4;
  return queryPanel + <usize>depth * 32;
}

/** Bytes of working memory that each thread needs. */
export function lookaheadScratch(time: i32, depth: i32): i32 {
  const end = layOutLookahead(0, time, depth);
  return <i32>(end + 2 * block + <usize>padded(depth, ROWS) * (<usize>time * 4 + 32));
}

/**
 * y [batch, time, heads · depth]: attention with lookahead keys for each head.
 *
 * @param qkv,look [batch, time, 3 · heads · depth]
 * @param limit,key0,key1,keep dropout of probabilities (threefry.ts) over [batch, heads, time, time]; limit 0: none
 * @param work lookaheadScratch(time, depth) bytes for each thread
 */
export function lookaheadAttention(
  qkv: usize,
  look: usize,
  y: usize,
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
  setArgument(Y, y);
  setArgument(WORK, work);
  setArgument(BYTES, lookaheadScratch(time, depth));
  parallel(task.index, batch * heads);
}

function task(index: i32): void {
  const columns = prepare(index, argument(WORK) + <usize>threadNumber() * argument(BYTES));
  const u = columns + <usize>padded(depth, ROWS) * time * 4;
  const scores = u + block;
  const output = scores + block;
  const width = row / 3;
  packDimensions(q + 2 * width, row, time, depth, columns);
  const y = argument(Y) + outputPlace;
  for (let i = 0; i < time; i += COLUMNS) {
    const seen = min(time, i + COLUMNS);
    weigh(i, u, scores);
    dropKeys(scores, index, i);
    for (let d = 0; d < depth; d += ROWS) {
      multiplyPanels(columns + <usize>d * time * 4, scores, output + <usize>d * 32, 32, seen, false);
    }
    storeTurned(output, y + <usize>i * width, width, seen - i, depth, lowFactor, highFactor);
  }
}

/** Finds a task's head, packs its keys and works out its gates; gives the end of the memory that this takes from `start` on. */
export function prepare(index: i32, start: usize): usize {
  const end = layOutLookahead(start, <i32>argument(TIME), <i32>argument(DEPTH));
  const heads = <i32>argument(HEADS);
  const width = <usize>(heads * depth) * 4;
  row = 3 * width;
  const head = <usize>(index % heads) * depth * 4;
  place = <usize>(index / heads) * time * row + head;
  outputPlace = <usize>(index / heads) * time * width + head;
  q = argument(QKV) + place;
  look = argument(LOOK) + place;
  packPadded(look + 2 * width, lookValuePanels);
  // The gates' queries lie where the keys will.
  const lookQueryPanels = keyPanels;
  packPadded(look, lookQueryPanels);
  const scale = <f32>1 / sqrt<f32>(<f32>depth);
  for (let j = 0; j < time; j += COLUMNS) {
    packRight(look + width + <usize>j * row, row, 4, min(COLUMNS, time - j), depth, queryPanel);
    scalePanel(queryPanel, depth, scale);
    const panel = gates + <usize>(j / COLUMNS) * block;
    for (let s = 0; s < j + COLUMNS; s += ROWS) {
      multiplyPanels(
        lookQueryPanels + <usize>s * depth * 4,
        queryPanel,
        panel + <usize>s * 32,
        32,
        depth,
        false,
      );
    }
    openGates(panel, j, padded(j + COLUMNS, ROWS));
  }
  packPadded(q + width, keyPanels);
  return end;
}

/** The head's rows from `from` on as left panels of 6, with zeros up to `rows`. */
function packPadded(from: usize, to: usize): void {
  packKeys(from, row, time, depth, to);
  const filled = padded(time, ROWS);
  memory.fill(to + <usize>filled * depth * 4, 0, <usize>(rows - filled) * depth * 4);
}

/** Scores of lookahead queries s = 0 … count − 1 with keys j + lane → gates, shut where the key isn't later. */
function openGates(panel: usize, j: i32, count: i32): void {
  for (let s = 0; s < count; s++) {
    const at = panel + <usize>s * 32;
    const from = i32x4.splat(s - j);
    v128.store(at, v128.and(sigmoid(v128.load(at)), i32x4.gt_s(i32x4(0, 1, 2, 3), from)));
    v128.store(at, v128.and(sigmoid(v128.load(at, 16)), i32x4.gt_s(i32x4(4, 5, 6, 7), from)), 16);
  }
}

/** The queries i … i + 7: Uᵀ, and of their scores exp(score − maximum) with what `softmax` leaves beside. */
export function weigh(i: i32, u: usize, scores: usize): void {
  const seen = min(time, i + COLUMNS);
  packRight(q + <usize>i * row, row, 4, seen - i, depth, queryPanel);
  scalePanel(queryPanel, depth, <f32>1 / sqrt<f32>(<f32>depth));
  for (let j = 0; j < i + COLUMNS; j += ROWS) {
    const to = reached + <usize>j * 32;
    multiplyPanels(lookValuePanels + <usize>j * depth * 4, queryPanel, to, 32, depth, false);
  }
  clearBefore(reached, i);
  for (let s = 0; s < seen; s += ROWS) {
    const at = <usize>s * 32;
    const first = s / COLUMNS;
    const left = gates + <usize>first * block + at;
    multiplyTurned(left, block, reached + <usize>first * 256, u + at, 32, i / COLUMNS - first + 1, false);
    multiplyPanels(keyPanels + <usize>s * depth * 4, queryPanel, scores + at, 32, depth, false);
  }
  for (let at: usize = 0; at < <usize>seen * 32; at += 16) {
    const x = v128.load(u + at);
    v128.store(scores + at, f32x4.sub(v128.load(scores + at), f32x4.mul(x, sigmoid(x))));
  }
  hideLaterKeys(scores, i, i + 1, seen);
  softmax(scores, seen);
}

/** Puts 0 where a query (a lane, from i on) comes before the position of its row. */
export function clearBefore(panel: usize, i: i32): void {
  for (let j = i; j < padded(i + COLUMNS, ROWS); j++) {
    const at = panel + <usize>j * 32;
    const from = i32x4.splat(j - i);
    v128.store(at, v128.and(v128.load(at), i32x4.ge_s(i32x4(0, 1, 2, 3), from)));
    v128.store(at, v128.and(v128.load(at, 16), i32x4.ge_s(i32x4(4, 5, 6, 7), from)), 16);
  }
}

/** Dropout of what the queries from i on of task `index` give their keys, if there is any. */
export function dropKeys(scores: usize, index: i32, i: i32): void {
  const limit = <i32>argument(LIMIT);
  if (limit == 0) return;
  const key0 = <i32>argument(KEY0);
  const key1 = <i32>argument(KEY1);
  dropScores(scores, index * time + i, min(time, i + COLUMNS), time, limit, key0, key1, argumentFloat(KEEP));
}

/** Whether there is dropout. */
export function drops(): bool {
  return argument(LIMIT) != 0;
}
