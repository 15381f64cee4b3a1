/*
 * Panels: how matrices lie for the micro-kernels (Goto & van de Geijn 2008, "Anatomy of high-performance
 * matrix multiplication").
 *
 * - A left panel holds 6 rows, k by k: [depth][6].
 * - A right panel holds 8 columns, k by k: [depth][8].
 *
 * Strides are in bytes. What lies past the edge is filled with 0, so the kernels needn't know.
 */

export const ROWS = 6;
export const COLUMNS = 8;

/** Packs `rows` (1 to 6) rows of `depth` values, from `from` with strides `row` and `deep`, into a left panel. */
export function packLeft(from: usize, row: usize, deep: usize, rows: i32, depth: i32, to: usize): void {
  if (rows == ROWS && deep == 4) packLeftAlong(from, row, depth, to);
  else if (rows == ROWS && row == 4) packLeftAcross(from, deep, depth, to);
  else packAny(from, row, deep, rows, ROWS, depth, to);
}

/** Packs `columns` (1 to 8) columns of `depth` values into a right panel. */
export function packRight(
  from: usize,
  column: usize,
  deep: usize,
  columns: i32,
  depth: i32,
  to: usize,
): void {
  if (columns == COLUMNS && column == 4) packRightAcross(from, deep, depth, to);
  else if (columns == COLUMNS && deep == 4) packRightAlong(from, column, depth, to);
  else packAny(from, column, deep, columns, COLUMNS, depth, to);
}

function packAny(from: usize, line: usize, deep: usize, lines: i32, width: i32, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    let source = from;
    for (let i = 0; i < width; i++) {
      store<f32>(to, i < lines ? load<f32>(source) : 0);
      source += line;
      to += 4;
    }
    from += deep;
  }
}

function packLeftAcross(from: usize, deep: usize, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    store<u64>(to, load<u64>(from, 16), 16);
    from += deep;
    to += 24;
  }
}

function packRightAcross(from: usize, deep: usize, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += deep;
    to += 32;
  }
}

/** Four values of each row at a time, turned by 4 × 4 and 2 × 4 transpositions in registers. */
function packLeftAlong(from: usize, row: usize, depth: i32, to: usize): void {
  let r0 = from;
  let r1 = r0 + row;
  let r2 = r1 + row;
  let r3 = r2 + row;
  let r4 = r3 + row;
  let r5 = r4 + row;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const a = v128.load(r0);
    const b = v128.load(r1);
    const c = v128.load(r2);
    const d = v128.load(r3);
    const e = v128.load(r4);
    const f = v128.load(r5);
    const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    const efLow = v128.shuffle<f32>(e, f, 0, 4, 1, 5);
    const efHigh = v128.shuffle<f32>(e, f, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(abLow, cdLow, 0, 2));
    v128.store64_lane(to, efLow, 0, 16);
    v128.store(to, v128.shuffle<f64>(abLow, cdLow, 1, 3), 24);
    v128.store64_lane(to, efLow, 1, 40);
    v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 0, 2), 48);
    v128.store64_lane(to, efHigh, 0, 64);
    v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 1, 3), 72);
    v128.store64_lane(to, efHigh, 1, 88);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    r4 += 16;
    r5 += 16;
    to += 96;
  }
  if (k < depth) packAny(r0, row, 4, ROWS, ROWS, depth - k, to);
}

function packRightAlong(from: usize, column: usize, depth: i32, to: usize): void {
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    transposeFour(from, column, to);
    transposeFour(from + 4 * column, column, to + 16);
    from += 16;
    to += 128;
  }
  if (k < depth) packAny(from, column, 4, COLUMNS, COLUMNS, depth - k, to);
}

/** Four values of four columns → four rows, 32 bytes apart. */
function transposeFour(from: usize, column: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + column);
  const c = v128.load(from + 2 * column);
  const d = v128.load(from + 3 * column);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(abLow, cdLow, 0, 2));
  v128.store(to, v128.shuffle<f64>(abLow, cdLow, 1, 3), 32);
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 0, 2), 64);
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 1, 3), 96);
}
