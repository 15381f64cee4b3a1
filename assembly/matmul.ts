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
/** Values of the inner axis that are packed at a time where the matrix lies across it. */
const STRETCH = 64;

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
const TILES_DOWN: usize = 64;
const TILES_ACROSS: usize = 68;
const ADD: usize = 72;
const FIRST: usize = 60;

/** How many floats `packed` must hold for B of depth × columns. */
export function packedSize(depth: i32, columns: i32): i32 {
  return ((columns + COLUMNS - 1) / COLUMNS) * COLUMNS * min(depth, BLOCK);
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
  const down = tilesDown(batch * across, rows);
  setArgument(TILES_DOWN, down);
  setArgument(TILES_ACROSS, across);
  for (let k = 0; k < depth || k == 0; k += BLOCK) {
    setArgument(FIRST, k);
    parallel(packTask.index, batch * ((panels + GROUP - 1) / GROUP));
    parallel(tileTask.index, batch * down * across);
  }
}

/** How many tiles the rows are cut into: so few as may be, and so many that all threads get equally much. */
function tilesDown(others: i32, rows: i32): i32 {
  const panels = (rows + ROWS - 1) / ROWS;
  let tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const threads = threadCount();
  if (threads == 1) return tiles;
  tiles = max(tiles, (4 * threads + others - 1) / others);
  while (tiles < panels && (tiles * others) % threads != 0) tiles++;
  return min(tiles, panels);
}

function packTask(index: i32): void {
  const columns = <i32>argument(COLUMNS_OF_C);
  const first = <i32>argument(FIRST);
  const depth = min(BLOCK, <i32>argument(DEPTH) - first);
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const groups = (panels + GROUP - 1) / GROUP;
  const product = index / groups;
  const firstPanel = (index % groups) * GROUP;
  const last = min(firstPanel + GROUP, panels);
  const deep = argument(B_DEEP);
  const column = argument(B_COLUMN);
  const from = argument(B) + <usize>product * argument(B_BATCH) + <usize>first * deep;
  const panelBytes = <usize>depth * COLUMNS * 4;
  const to = argument(PACKED) + <usize>product * panels * panelBytes;
  for (let k = 0; k < depth; k += STRETCH) {
    const stretch = min(STRETCH, depth - k);
    for (let p = firstPanel; p < last; p++) {
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
  const rowPanels = (rows + ROWS - 1) / ROWS;
  const firstRow = (((tile / across) * rowPanels) / down) * ROWS;
  const lastRow = min((((tile / across + 1) * rowPanels) / down) * ROWS, rows);
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const firstColumn = (((tile % across) * panels) / across) * COLUMNS;
  const lastColumn = min(((((tile % across) + 1) * panels) / across) * COLUMNS, columns);
  const k = <i32>argument(FIRST);
  const stretch = min(BLOCK, depth - k);
  const panelBytes = <usize>stretch * COLUMNS * 4;
  const right = argument(PACKED) + <usize>product * panels * panelBytes;
  const row = <usize>columns * 4;
  const c = argument(C) + <usize>product * rows * row;
  const a = argument(A) + <usize>product * argument(A_BATCH);
  const left = scratchOfThread();
  const adds = argument(ADD) != 0 || k > 0;
  packRows(a, firstRow, lastRow, k, stretch, left);
  multiplyTile(left, right, panelBytes, c, row, firstRow, lastRow, firstColumn, lastColumn, stretch, adds);
  if (k + stretch < depth) return;
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

/** Rows of A as left panels; in stretches, so that a line that holds parts of two panels is read once from memory. */
function packRows(a: usize, firstRow: i32, lastRow: i32, k: i32, depth: i32, to: usize): void {
  const aRow = argument(A_ROW);
  const aDeep = argument(A_DEEP);
  const step = aDeep == 4 ? depth : STRETCH;
  for (let done = 0; done < depth; done += step) {
    const stretch = min(step, depth - done);
    let panel = to + <usize>done * ROWS * 4;
    for (let i = firstRow; i < lastRow; i += ROWS) {
      const from = a + <usize>i * aRow + <usize>(k + done) * aDeep;
      packLeft(from, aRow, aDeep, min(ROWS, lastRow - i), stretch, panel);
      panel += <usize>depth * ROWS * 4;
    }
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
