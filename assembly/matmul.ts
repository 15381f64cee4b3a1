/*
 * C[batch, rows, columns] = A · B, with any strides (so any transposes), and bias and GELU in the same pass.
 *
 * Loop order (Goto & van de Geijn 2008): B is packed once into right panels by all threads. Then each task takes
 * a tile of C, and for each stretch of BLOCK values of the inner axis packs its rows of A (they stay in the
 * second-level cache), and goes over B's panels (one stays in the first-level cache) and A's panels. Each
 * value of C is summed over the inner axis in one fixed order, whatever the tiles.
 */

import { multiplyPanels } from "./micro";
import { COLUMNS, packLeft, packRight, ROWS } from "./panel";
import { argument, parallel, scratchOfThread, setArgument, threadCount } from "./pool";
import { gelu } from "./vector";

/** Values of the inner axis that are multiplied at a time: 16 KiB of a right panel, 12 KiB of a left one. */
const BLOCK = 512;
/** Rows of a tile at most. */
const TILE_ROWS = 96;
/** Columns of a tile at most. */
const TILE_COLUMNS = 512;
/** Right panels packed by one task. */
const GROUP = 4;

/** Bytes of scratch that a thread needs: A's rows, and one 6 × 8 tile for the edges. */
export function matmulScratch(): i32 {
  return TILE_ROWS * BLOCK * 4 + 256;
}

const A: usize = 0;
const A_BATCH: usize = 4;
const A_ROW: usize = 8;
const A_DEEP: usize = 12;
const B: usize = 16;
const B_BATCH: usize = 20;
const B_DEEP: usize = 24;
const B_COLUMN: usize = 28;
const C: usize = 32;
const PACKED: usize = 36;
const ROWS_OF_C: usize = 40;
const COLUMNS_OF_C: usize = 44;
const DEPTH: usize = 48;
const BIAS: usize = 52;
const BEFORE: usize = 56;
const TILE_HEIGHT: usize = 60;
const TILES_DOWN: usize = 64;
const TILES_ACROSS: usize = 68;
const ADD: usize = 72;

/** How many floats `packed` must hold for B of depth × columns. */
export function packedSize(depth: i32, columns: i32): i32 {
  return ((columns + COLUMNS - 1) / COLUMNS) * COLUMNS * depth;
}

/**
 * @param batch how many products; a, b and c go on by the batch strides
 * @param aBatch,aRow,aDeep strides of A in bytes: product, row, inner axis
 * @param bBatch,bDeep,bColumn strides of B in bytes
 * @param c contiguous [batch, rows, columns]
 * @param packed batch · packedSize(depth, columns) floats to work in
 * @param bias [columns], or 0
 * @param before where to keep the value before GELU, like c, or 0 for no GELU; 1 for GELU and nothing kept
 * @param add whether to add to C instead of replacing it
 */
export function matmul(
  batch: i32,
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aBatch: usize,
  aRow: usize,
  aDeep: usize,
  b: usize,
  bBatch: usize,
  bDeep: usize,
  bColumn: usize,
  c: usize,
  packed: usize,
  bias: usize,
  before: usize,
  add: i32,
): void {
  setArgument(A, a);
  setArgument(A_BATCH, aBatch);
  setArgument(A_ROW, aRow);
  setArgument(A_DEEP, aDeep);
  setArgument(B, b);
  setArgument(B_BATCH, bBatch);
  setArgument(B_DEEP, bDeep);
  setArgument(B_COLUMN, bColumn);
  setArgument(C, c);
  setArgument(PACKED, packed);
  setArgument(ROWS_OF_C, rows);
  setArgument(COLUMNS_OF_C, columns);
  setArgument(DEPTH, depth);
  setArgument(BIAS, bias);
  setArgument(BEFORE, before);
  setArgument(ADD, add);
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const across = (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const height = tileHeight(batch * across, rows);
  const down = (rows + height - 1) / height;
  setArgument(TILE_HEIGHT, height);
  setArgument(TILES_DOWN, down);
  setArgument(TILES_ACROSS, across);
  parallel(packTask.index, batch * ((panels + GROUP - 1) / GROUP));
  parallel(tileTask.index, batch * down * across);
}

/** As high as may be, and low enough that each thread gets four tiles or so. */
function tileHeight(others: i32, rows: i32): i32 {
  let height = TILE_ROWS;
  const wanted = threadCount() == 1 ? 1 : 4 * threadCount();
  while (height > 2 * ROWS && others * ((rows + height - 1) / height) < wanted) height -= ROWS;
  return height;
}

function packTask(index: i32): void {
  const columns = <i32>argument(COLUMNS_OF_C);
  const depth = <i32>argument(DEPTH);
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const groups = (panels + GROUP - 1) / GROUP;
  const product = index / groups;
  const first = (index % groups) * GROUP;
  const last = min(first + GROUP, panels);
  const deep = argument(B_DEEP);
  const column = argument(B_COLUMN);
  const from = argument(B) + <usize>product * argument(B_BATCH);
  const panelBytes = <usize>depth * COLUMNS * 4;
  const to = argument(PACKED) + <usize>product * panels * panelBytes;
  // In stretches, so that a line of B that holds parts of two panels is read once from memory.
  for (let k = 0; k < depth; k += 64) {
    const stretch = min(64, depth - k);
    for (let p = first; p < last; p++) {
      const start = from + <usize>p * COLUMNS * column + <usize>k * deep;
      const width = min(COLUMNS, columns - p * COLUMNS);
      packRight(start, column, deep, width, stretch, to + <usize>p * panelBytes + <usize>k * COLUMNS * 4);
    }
  }
}

function tileTask(index: i32): void {
  const across = <i32>argument(TILES_ACROSS);
  const down = <i32>argument(TILES_DOWN);
  const rows = <i32>argument(ROWS_OF_C);
  const columns = <i32>argument(COLUMNS_OF_C);
  const depth = <i32>argument(DEPTH);
  const product = index / (across * down);
  const tile = index % (across * down);
  const firstRow = (tile / across) * <i32>argument(TILE_HEIGHT);
  const lastRow = min(firstRow + <i32>argument(TILE_HEIGHT), rows);
  const firstColumn = (tile % across) * TILE_COLUMNS;
  const lastColumn = min(firstColumn + TILE_COLUMNS, columns);
  const panelBytes = <usize>depth * COLUMNS * 4;
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const right = argument(PACKED) + <usize>product * panels * panelBytes;
  const row = <usize>columns * 4;
  const c = argument(C) + <usize>product * rows * row;
  const a = argument(A) + <usize>product * argument(A_BATCH);
  const left = scratchOfThread();
  const adds = argument(ADD) != 0;
  if (depth == 0 && !adds) {
    for (let i = firstRow; i < lastRow; i++) {
      memory.fill(c + <usize>i * row + <usize>firstColumn * 4, 0, <usize>(lastColumn - firstColumn) * 4);
    }
  }
  for (let k = 0; k < depth; k += BLOCK) {
    const stretch = min(BLOCK, depth - k);
    packRows(a, firstRow, lastRow, k, stretch, left);
    const start = right + <usize>k * COLUMNS * 4;
    multiplyTile(
      left,
      start,
      panelBytes,
      c,
      row,
      firstRow,
      lastRow,
      firstColumn,
      lastColumn,
      stretch,
      adds || k > 0,
    );
  }
  const before = argument(BEFORE);
  const bias = argument(BIAS);
  if (bias != 0 || before != 0) {
    const keep = before > 1 ? before + <usize>product * rows * row : 0;
    for (let i = firstRow; i < lastRow; i++) {
      const at = <usize>i * row + <usize>firstColumn * 4;
      const kept: usize = keep == 0 ? 0 : keep + at;
      finishRow(
        c + at,
        bias == 0 ? 0 : bias + <usize>firstColumn * 4,
        kept,
        before != 0,
        lastColumn - firstColumn,
      );
    }
  }
}

function packRows(a: usize, firstRow: i32, lastRow: i32, k: i32, stretch: i32, to: usize): void {
  const aRow = argument(A_ROW);
  const aDeep = argument(A_DEEP);
  for (let i = firstRow; i < lastRow; i += ROWS) {
    const from = a + <usize>i * aRow + <usize>k * aDeep;
    packLeft(from, aRow, aDeep, min(ROWS, lastRow - i), stretch, to);
    to += <usize>stretch * ROWS * 4;
  }
}

function multiplyTile(
  left: usize,
  right: usize,
  panelBytes: usize,
  c: usize,
  row: usize,
  firstRow: i32,
  lastRow: i32,
  firstColumn: i32,
  lastColumn: i32,
  stretch: i32,
  add: bool,
): void {
  const leftBytes = <usize>stretch * ROWS * 4;
  for (let j = firstColumn; j < lastColumn; j += COLUMNS) {
    const panel = right + <usize>(j / COLUMNS) * panelBytes;
    const width = min(COLUMNS, lastColumn - j);
    let from = left;
    for (let i = firstRow; i < lastRow; i += ROWS) {
      const to = c + <usize>i * row + <usize>j * 4;
      const height = min(ROWS, lastRow - i);
      if (height == ROWS && width == COLUMNS) multiplyPanels(from, panel, to, row, stretch, add);
      else multiplyEdge(from, panel, to, row, height, width, stretch, add);
      from += leftBytes;
    }
  }
}

/** A tile that C has only a part of: computed whole beside it, then copied. */
function multiplyEdge(
  left: usize,
  right: usize,
  c: usize,
  row: usize,
  height: i32,
  width: i32,
  depth: i32,
  add: bool,
): void {
  const aside = scratchOfThread() + TILE_ROWS * BLOCK * 4;
  multiplyPanels(left, right, aside, COLUMNS * 4, depth, false);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const to = c + <usize>i * row + <usize>j * 4;
      const value = load<f32>(aside + <usize>(i * COLUMNS + j) * 4);
      store<f32>(to, add ? load<f32>(to) + value : value);
    }
  }
}

/** Adds the bias, keeps the sum if asked to, and applies GELU if asked to, to `count` values. */
function finishRow(c: usize, bias: usize, keep: usize, activate: bool, count: i32): void {
  let j: usize = 0;
  const whole = <usize>(count & ~3) * 4;
  for (; j < whole; j += 16) {
    let value = v128.load(c + j);
    if (bias != 0) value = f32x4.add(value, v128.load(bias + j));
    if (keep != 0) v128.store(keep + j, value);
    if (activate) value = gelu(value);
    v128.store(c + j, value);
  }
  for (; j < <usize>count * 4; j += 4) {
    let value = v128.load32_zero(c + j);
    if (bias != 0) value = f32x4.add(value, v128.load32_zero(bias + j));
    if (keep != 0) v128.store32_lane(keep + j, value, 0);
    if (activate) value = gelu(value);
    v128.store32_lane(c + j, value, 0);
  }
}
