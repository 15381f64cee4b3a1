import type { Buffers, Program } from "../program.js";
import { GELU } from "./pieces.js";

/** What a product of matrices does beside multiplying; each combination is a program of its own. */
export interface MatmulVariant {
  /** a is [depth, rows] in memory. */
  readonly turnedA: boolean;
  /** b is [columns, depth] in memory. */
  readonly turnedB: boolean;
  readonly bias: boolean;
  /** GELU at the end; "saved" also writes the value before it. */
  readonly gelu: "none" | "plain" | "saved";
  /** Adds to c. */
  readonly adds: boolean;
  /** Rows and columns of c that one workgroup computes: 64, or 32 where there would be few workgroups. */
  readonly tile: 64 | 32;
}

/** Depth that is in shared memory at a time. */
const DEPTH = 16;

/**
 * c [rows, columns] = a · b.
 *
 * A workgroup computes a square tile of c: it brings tile × 16 values of a and b into shared memory, 16 steps of depth at
 * a time, and each thread adds up a block of 4 × 4 values of c in registers, so that it reads 8 shared values for 16
 * multiply-adds. Both tiles lie in shared memory with four values of a row or column side by side.
 */
export function matmulProgram({ turnedA, turnedB, bias, gelu, adds, tile }: MatmulVariant): Program {
  const quads = tile / 4;
  const threads = quads * quads;
  const place = (turned: boolean, across: string, along: string, width: string): string =>
    turned ? `(${along}) * ${width} + ${across}` : `(${across}) * u.depth + ${along}`;
  // Four values at one depth; threads side by side read what lies side by side in memory.
  const load = (shared: string, source: string, turned: boolean, size: string, first: string): string => `
    for (var i = thread; i < ${DEPTH * quads}u; i += ${threads}u) {
      let along = ${turned ? `i / ${quads}u` : `i % ${DEPTH}u`};
      let quad = ${turned ? `i % ${quads}u` : `i / ${DEPTH}u`};
      var four = vec4<f32>();
      if (start + along < u.depth) {
        for (var j = 0u; j < 4u; j++) {
          let across = ${first} + 4u * quad + j;
          if (across < ${size}) { four[j] = ${source}[u.${source}First + ${place(turned, "across", "start + along", size)}]; }
        }
      }
      ${shared}[along * ${quads}u + quad] = four;
    }`;
  const keeps: Buffers = gelu === "saved" ? { before: "f32" } : {};
  const biases: Buffers = bias ? { bias: "f32" } : {};
  const flags = [turnedA && "tA", turnedB && "tB", bias && "bias", gelu, adds && "adds", tile];
  return {
    name: `matmul ${flags.filter(Boolean).join(" ")}`,
    uniforms: { rows: "u32", columns: "u32", depth: "u32", aFirst: "u32", bFirst: "u32", cFirst: "u32" },
    reads: { a: "f32", b: "f32", ...biases },
    writes: { c: "f32", ...keeps },
    threads,
    declarations: `${gelu === "none" ? "" : GELU}
var<workgroup> tileA: array<vec4<f32>, ${DEPTH * quads}>;
var<workgroup> tileB: array<vec4<f32>, ${DEPTH * quads}>;`,
    body: `
  let firstRow = group.y * ${tile}u;
  let firstColumn = group.x * ${tile}u;
  let quadRow = thread / ${quads}u;
  let quadColumn = thread % ${quads}u;
  var sums: array<vec4<f32>, 4>;
  for (var start = 0u; start < u.depth; start += ${DEPTH}u) {
    ${load("tileA", "a", turnedA, "u.rows", "firstRow")}
    ${load("tileB", "b", !turnedB, "u.columns", "firstColumn")}
    workgroupBarrier();
    for (var along = 0u; along < ${DEPTH}u; along++) {
      let left = tileA[along * ${quads}u + quadRow];
      let right = tileB[along * ${quads}u + quadColumn];
      sums[0] += left.x * right;
      sums[1] += left.y * right;
      sums[2] += left.z * right;
      sums[3] += left.w * right;
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let row = firstRow + 4u * quadRow + i;
    if (row >= u.rows) { break; }
    for (var j = 0u; j < 4u; j++) {
      let column = firstColumn + 4u * quadColumn + j;
      if (column >= u.columns) { break; }
      let at = u.cFirst + row * u.columns + column;
      var value = sums[i][j]${adds ? " + c[at]" : ""};
      ${bias ? "value += bias[column];" : ""}
      ${gelu === "saved" ? "before[at] = value;" : ""}
      c[at] = ${gelu === "none" ? "value" : "gelu(value)"};
    }
  }`,
  };
}
