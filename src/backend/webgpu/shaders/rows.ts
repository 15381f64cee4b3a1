import type { Program } from "../program.js";
import { flatIndex, GELU } from "./pieces.js";

/** Threads that work on one row. */
const THREADS = 64;

/** Layer normalisation, a workgroup for each row; `saves` keeps each row's mean and 1 / deviation. */
export function layerNormProgram(saves: boolean): Program {
  return {
    name: `layer norm ${saves}`,
    uniforms: { rows: "u32", width: "u32", epsilon: "f32" },
    reads: { x: "f32", weight: "f32", bias: "f32" },
    writes: saves ? { y: "f32", kept: "f32" } : { y: "f32" },
    threads: THREADS,
    reduces: true,
    body: `
  let row = group.y * groups.x + group.x;
  if (row >= u.rows) { return; }
  let first = row * u.width;
  var sum = 0.0;
  for (var i = thread; i < u.width; i += ${THREADS}u) { sum += x[first + i]; }
  let mean = totalOf(sum, thread) / f32(u.width);
  var squares = 0.0;
  for (var i = thread; i < u.width; i += ${THREADS}u) {
    let centred = x[first + i] - mean;
    squares += centred * centred;
  }
  let scale = 1.0 / sqrt(totalOf(squares, thread) / f32(u.width) + u.epsilon);
  for (var i = thread; i < u.width; i += ${THREADS}u) {
    y[first + i] = (x[first + i] - mean) * scale * weight[i] + bias[i];
  }
  ${saves ? "if (thread == 0u) { kept[2u * row] = mean; kept[2u * row + 1u] = scale; }" : ""}`,
  };
}

/** dx of layer normalisation, a workgroup for each row. */
export const layerNormGradient: Program = {
  name: "layer norm gradient",
  uniforms: { rows: "u32", width: "u32" },
  reads: { dy: "f32", x: "f32", weight: "f32", kept: "f32" },
  writes: { dx: "f32" },
  threads: THREADS,
  reduces: true,
  body: `
  let row = group.y * groups.x + group.x;
  if (row >= u.rows) { return; }
  let first = row * u.width;
  let mean = kept[2u * row];
  let scale = kept[2u * row + 1u];
  var sums = vec2<f32>();
  for (var i = thread; i < u.width; i += ${THREADS}u) {
    let dNormal = dy[first + i] * weight[i];
    sums += vec2<f32>(dNormal, dNormal * (x[first + i] - mean) * scale);
  }
  let means = totalsOf(sums, thread) / f32(u.width);
  for (var i = thread; i < u.width; i += ${THREADS}u) {
    let normal = (x[first + i] - mean) * scale;
    dx[first + i] = (dy[first + i] * weight[i] - means.x - normal * means.y) * scale;
  }`,
};

/** Rows that one workgroup adds up. */
export const ROWS_OF_PART = 64;
/** Columns that one workgroup adds up, one a thread. */
export const COLUMNS_OF_PART = 64;

/** What is added up, column by column: dy, dy · GELU's slope (written out as well), or both sums of a layer norm. */
export type ColumnSums = "plain" | "gelu" | "norm";

/**
 * Sums over the rows of so many rows each, to be added up by `joinColumns`: in a fixed order, so always the same bits.
 * "norm" writes Σ dy · normal x and Σ dy one after the other.
 */
export function sumColumnsProgram(kind: ColumnSums): Program {
  const bound = { plain: {}, gelu: { before: "f32" }, norm: { x: "f32", kept: "f32" } } as const;
  const step = {
    plain: "sum += dy[at];",
    gelu: "let slope = dy[at] * geluSlope(before[at]); sloped[at] = slope; sum += slope;",
    norm: "sum += dy[at]; along += dy[at] * (x[at] - kept[2u * row]) * kept[2u * row + 1u];",
  }[kind];
  const norm = kind === "norm";
  return {
    name: `sum columns ${kind}`,
    uniforms: { rows: "u32", width: "u32" },
    reads: { dy: "f32", ...bound[kind] },
    writes: kind === "gelu" ? { parts: "f32", sloped: "f32" } : { parts: "f32" },
    threads: COLUMNS_OF_PART,
    declarations: kind === "gelu" ? GELU : "",
    body: `
  let column = group.x * ${COLUMNS_OF_PART}u + thread;
  if (column >= u.width) { return; }
  var sum = 0.0;
  ${norm ? "var along = 0.0;" : ""}
  let end = min(u.rows, (group.y + 1u) * ${ROWS_OF_PART}u);
  for (var row = group.y * ${ROWS_OF_PART}u; row < end; row++) {
    let at = row * u.width + column;
    ${step}
  }
  ${
    norm
      ? `parts[2u * group.y * u.width + column] = along;
  parts[(2u * group.y + 1u) * u.width + column] = sum;`
      : "parts[group.y * u.width + column] = sum;"
  }`,
  };
}

/** Adds up what `sumColumnsProgram` made: parts [count, width] → sum [width]; with `two` [count, 2, width] → two sums. */
export function joinColumnsProgram(two: boolean): Program {
  const stride = two ? "2u * u.width" : "u.width";
  return {
    name: `join columns ${two}`,
    uniforms: { count: "u32", width: "u32" },
    reads: { parts: "f32" },
    writes: two ? { first: "f32", second: "f32" } : { first: "f32" },
    threads: COLUMNS_OF_PART,
    body: `
  let column = ${flatIndex(COLUMNS_OF_PART)};
  if (column >= u.width) { return; }
  var sum = 0.0;
  ${two ? "var other = 0.0;" : ""}
  for (var i = 0u; i < u.count; i++) {
    sum += parts[i * ${stride} + column];
    ${two ? `other += parts[i * ${stride} + u.width + column];` : ""}
  }
  first[column] = sum;
  ${two ? "second[column] = other;" : ""}`,
  };
}
