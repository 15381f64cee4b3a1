import type { Buffers, Program } from "../program.js";
import { GELU } from "./pieces.js";

/** Columns of the result that a workgroup computes. */
export const COLUMNS = 32;
/** Threads that share a column, each with its part of the depth. */
const SLICES = 8;
const THREADS = COLUMNS * SLICES;

/**
 * What a product of a few rows is for: queries (kept) and keys and values (put into the cache) of normalised rows, GELU
 * of a product of normalised rows, a product added to the stream, or logits of normalised rows.
 */
export type RowProduct = "qkv" | "gelu" | "residual" | "head";

/** WGSL of `value` at k of the row: normalised with `mean` and `scale` (see `momentsOf`) if the product wants it so. */
export const valueAtK = (normal: boolean): string =>
  normal ? "((x[row * u.depth + k] - mean) * scale * gain[k] + shift[k])" : "x[row * u.depth + k]";

/** WGSL: the `mean` and the `scale` of a row of x. */
export const momentsOf = (threads: number): string => `
  var sum = 0.0;
  for (var i = thread; i < u.depth; i += ${threads}u) { sum += x[row * u.depth + i]; }
  let mean = totalOf(sum, thread) / f32(u.depth);
  var squares = 0.0;
  for (var i = thread; i < u.depth; i += ${threads}u) {
    let centred = x[row * u.depth + i] - mean;
    squares += centred * centred;
  }
  let scale = 1.0 / sqrt(totalOf(squares, thread) / f32(u.depth) + u.epsilon);`;

/** WGSL: what becomes of `result`, a value of a row and a column. */
export const finishOf: Readonly<Record<RowProduct, string>> = {
  qkv: `
    let width = u.depth;
    let within = column % width;
    if (column < width) { y[row * width + within] = result; }
    else {
      let sequence = row / u.time;
      let slot = place[0] + row % u.time;
      let size = width / u.heads;
      let at = u.layerFirst + ((sequence * u.heads + within / size) * u.capacity + slot) * size + within % size;
      if (column < 2u * width) { keys[at] = result; } else { values[at] = result; }
    }`,
  gelu: "y[row * u.columns + column] = gelu(result);",
  residual: "y[row * u.columns + column] += result;",
  head: "y[row * u.columns + column] = result;",
};

/** What a product binds and is told beside its matrix. */
export function bindingsOf(kind: RowProduct): Pick<Program, "uniforms" | "reads" | "writes"> {
  const inCache = kind === "qkv";
  const norms: Buffers = kind === "residual" ? {} : { gain: "f32", shift: "f32" };
  return {
    uniforms: {
      depth: "u32",
      columns: "u32",
      epsilon: "f32",
      ...(inCache ? { time: "u32", heads: "u32", capacity: "u32", layerFirst: "u32" } : {}),
    },
    reads: {
      x: "f32",
      ...(kind !== "head" && { bias: "f32" as const }),
      ...norms,
      ...(inCache && { place: "u32" as const }),
    },
    writes: inCache ? { y: "f32", keys: "f32", values: "f32" } : { y: "f32" },
  };
}

/**
 * A few rows times a matrix, with the layer norm before it and what comes after it: a workgroup for each row and 32
 * columns. The matrix is read once and in order, which is what such a product costs.
 *
 * @param halves the matrix is packed by `packProgram`
 */
export function rowProductProgram(kind: RowProduct, halves: boolean): Program {
  const normal = kind !== "residual";
  const turned = kind === "head";
  const { uniforms, reads, writes } = bindingsOf(kind);
  return {
    name: `row product ${kind}${halves ? " halves" : ""}`,
    uniforms,
    reads: { ...reads, weight: halves ? "u32" : "f32" },
    writes,
    threads: THREADS,
    reduces: true,
    declarations: kind === "gelu" ? GELU : "",
    body: `
  let row = group.y;
  ${normal ? momentsOf(THREADS) : ""}
  ${
    // Threads side by side read what lies side by side: columns of a row, or parts of a turned row.
    turned
      ? `let column = group.x * ${COLUMNS}u + thread / ${SLICES}u;
  let slice = thread % ${SLICES}u;`
      : `let column = group.x * ${COLUMNS}u + thread % ${COLUMNS}u;
  let slice = thread / ${COLUMNS}u;`
  }
  var product = 0.0;
  if (column < u.columns) {
    for (var k = slice; k < u.depth; k += ${SLICES}u) {
      let at = ${turned ? "column * u.depth + k" : "k * u.columns + column"};
      product += ${valueAtK(normal)} * ${halves ? "unpack2x16float(weight[at >> 1u])[at & 1u]" : "weight[at]"};
    }
  }
  shares[thread] = product;
  workgroupBarrier();
  if (slice == 0u && column < u.columns) {
    var result = 0.0;
    for (var i = 0u; i < ${SLICES}u; i++) { result += shares[${turned ? "thread + i" : `thread + i * ${COLUMNS}u`}]; }
    ${turned ? "" : "result += bias[column];"}
    ${finishOf[kind]}
  }`,
  };
}

/** Packs numbers that are 16-bit floats in two to a word: `count` words of `size` numbers. */
export const packProgram: Program = {
  name: "pack halves",
  uniforms: { count: "u32", size: "u32" },
  reads: { x: "f32" },
  writes: { y: "u32" },
  threads: 256,
  body: `
  let at = (group.y * groups.x + group.x) * 256u + thread;
  if (at >= u.count) { return; }
  var pair = vec2<f32>(x[2u * at], 0.0);
  if (2u * at + 1u < u.size) { pair.y = x[2u * at + 1u]; }
  y[at] = pack2x16float(pair);`,
};

/**
 * Turns the queries [rows, width] and the newest keys in the cache where they stand, a thread for each pair of each head; see
 * src/ops/rotary.ts.
 */
export const turnProgram: Program = {
  name: "turn rows",
  uniforms: { count: "u32", time: "u32", heads: "u32", depth: "u32", capacity: "u32", layerFirst: "u32" },
  reads: { turns: "f32", place: "u32" },
  writes: { q: "f32", keys: "f32" },
  threads: 256,
  body: `
  let at = (group.y * groups.x + group.x) * 256u + thread;
  if (at >= u.count) { return; }
  let half = u.depth / 2u;
  let pair = at % half;
  let line = at / half;
  let row = line / u.heads;
  let turn = row % u.time * u.depth + pair;
  let cosine = turns[turn];
  let sine = turns[turn + half];
  let query = line * u.depth + pair;
  let slot = place[0] + row % u.time;
  let key = u.layerFirst + ((row / u.time * u.heads + line % u.heads) * u.capacity + slot) * u.depth + pair;
  let a = vec2<f32>(q[query], keys[key]);
  let b = vec2<f32>(q[query + half], keys[key + half]);
  let near = a * cosine - b * sine;
  let far = b * cosine + a * sine;
  q[query] = near.x;
  keys[key] = near.y;
  q[query + half] = far.x;
  keys[key + half] = far.y;`,
};

/**
 * Attention of one new position over the cache: a workgroup for each row and head, all scores in shared memory.
 *
 * @param capacity positions that the cache has room for
 */
export function rowAttentionProgram(capacity: number, depth: number): Program {
  const threads = 128;
  return {
    name: `row attention ${capacity} ${depth}`,
    uniforms: { time: "u32", heads: "u32", scale: "f32", layerFirst: "u32" },
    reads: { q: "f32", keys: "f32", values: "f32", place: "u32" },
    writes: { y: "f32" },
    threads,
    reduces: true,
    declarations: `var<workgroup> scores: array<f32, ${capacity}>;`,
    body: `
  let row = group.y;
  let head = group.x;
  let count = place[0] + row % u.time + 1u;
  let width = u.heads * ${depth}u;
  let first = u.layerFirst + (row / u.time * u.heads + head) * ${capacity * depth}u;
  var peak = -3.4e38;
  for (var key = thread; key < count; key += ${threads}u) {
    var product = 0.0;
    for (var i = 0u; i < ${depth}u; i++) { product += q[row * width + head * ${depth}u + i] * keys[first + key * ${depth}u + i]; }
    scores[key] = product * u.scale;
    peak = max(peak, product * u.scale);
  }
  let highest = largestOf(peak, thread);
  var sum = 0.0;
  for (var key = thread; key < count; key += ${threads}u) {
    let power = exp(scores[key] - highest);
    scores[key] = power;
    sum += power;
  }
  let total = totalOf(sum, thread);
  for (var i = thread; i < ${depth}u; i += ${threads}u) {
    var value = 0.0;
    for (var key = 0u; key < count; key++) { value += scores[key] * values[first + key * ${depth}u + i]; }
    y[row * width + head * ${depth}u + i] = value / total;
  }`,
  };
}

/** Appends positions: past [batch, heads, past, depth] and those in qkv → [batch, heads, past + time, depth]. */
export const appendProgram: Program = {
  name: "append positions",
  uniforms: { count: "u32", past: "u32", time: "u32", heads: "u32", depth: "u32", part: "u32" },
  reads: { before: "f32", qkv: "f32" },
  writes: { after: "f32" },
  threads: 256,
  body: `
  let at = (group.y * groups.x + group.x) * 256u + thread;
  if (at >= u.count) { return; }
  let i = at % u.depth;
  let position = at / u.depth % (u.past + u.time);
  let line = at / u.depth / (u.past + u.time);
  if (position < u.past) {
    after[at] = before[(line * u.past + position) * u.depth + i];
  } else {
    let row = line / u.heads * u.time + position - u.past;
    after[at] = qkv[(row * 3u + u.part) * u.heads * u.depth + line % u.heads * u.depth + i];
  }`,
};
