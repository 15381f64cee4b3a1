import type { Buffers, Program } from "../program.js";
import { bindingsOf, COLUMNS, finishOf, momentsOf, type RowProduct, valueAtK } from "./decode.js";
import { GELU } from "./pieces.js";

/** Threads that share a column, each with its part of the depth. */
const SLICES = 8;
const THREADS = COLUMNS * SLICES;
/** Columns that lie side by side in memory; see `int8Weight`. */
const PANEL = 16;

/** Sum of the products of four whole numbers of 8 bits each. */
const DOT = `
fn fourOf(word: u32) -> vec4<i32> {
  let bits = bitcast<i32>(word);
  return vec4<i32>(extractBits(bits, 0u, 8u), extractBits(bits, 8u, 8u), extractBits(bits, 16u, 8u), extractBits(bits, 24u, 8u));
}`;

/** A product of the decoder, or one by itself (`linear`), without or with GELU. */
export type Int8Product = RowProduct | "linear" | "linear gelu";

function bindings(kind: Int8Product): Pick<Program, "uniforms" | "reads" | "writes"> {
  if (kind !== "linear" && kind !== "linear gelu") return bindingsOf(kind);
  return {
    uniforms: { depth: "u32", columns: "u32", rows: "u32", biased: "u32" },
    reads: { x: "f32", bias: "f32" },
    writes: { y: "f32" },
  };
}

/**
 * Rows times a matrix in int8: a workgroup for each row and 32 columns. It rounds its row to whole numbers in shared memory,
 * then adds up products of whole numbers; see src/ops/int8.ts.
 */
export function int8ProductProgram(kind: Int8Product, depth: number): Program {
  const alone = kind === "linear" || kind === "linear gelu";
  const normal = !alone && kind !== "residual";
  const groups = Math.ceil(depth / 4);
  const { uniforms, reads, writes } = bindings(kind);
  const matrix: Buffers = { weight: "i32", scales: "f32" };
  const bias = alone ? "if (u.biased == 1u) { result += bias[column]; }" : "result += bias[column];";
  const gelu = kind === "gelu" || kind === "linear gelu";
  const finish = alone
    ? `y[row * u.columns + column] = ${gelu ? "gelu(result)" : "result"};`
    : finishOf[kind as RowProduct];
  return {
    name: `int8 product ${kind} ${depth}`,
    uniforms,
    reads: { ...reads, ...matrix },
    writes,
    threads: THREADS,
    reduces: true,
    declarations: `${gelu ? GELU : ""}${DOT}
var<workgroup> numbers: array<u32, ${groups}>;
var<workgroup> parts: array<i32, ${THREADS}>;`,
    body: `
  let row = group.y${alone ? " + group.z * groups.y;\n  if (row >= u.rows) { return; }" : ";"}
  ${normal ? momentsOf(THREADS) : ""}
  var largest = 0.0;
  for (var k = thread; k < ${depth}u; k += ${THREADS}u) { largest = max(largest, abs(${valueAtK(normal)})); }
  let peak = largestOf(largest, thread);
  let factor = select(127.0 / peak, 0.0, peak < 1e-30);
  for (var g = thread; g < ${groups}u; g += ${THREADS}u) {
    var word = 0u;
    for (var k = 4u * g; k < min(4u * g + 4u, ${depth}u); k++) {
      word |= (bitcast<u32>(i32(round(${valueAtK(normal)} * factor))) & 255u) << (8u * (k % 4u));
    }
    numbers[g] = word;
  }
  workgroupBarrier();
  // Threads side by side read columns side by side.
  let column = group.x * ${COLUMNS}u + thread % ${COLUMNS}u;
  let slice = thread / ${COLUMNS}u;
  var product = 0;
  if (column < u.columns) {
    let first = column / ${PANEL}u * ${groups * PANEL}u + column % ${PANEL}u;
    for (var g = slice; g < ${groups}u; g += ${SLICES}u) {
      product += dot(fourOf(numbers[g]), fourOf(bitcast<u32>(weight[first + g * ${PANEL}u])));
    }
  }
  parts[thread] = product;
  workgroupBarrier();
  if (slice == 0u && column < u.columns) {
    var whole = 0;
    for (var i = 0u; i < ${SLICES}u; i++) { whole += parts[thread + i * ${COLUMNS}u]; }
    var result = f32(whole) * (peak / 127.0 * scales[column]);
    ${kind === "head" ? "" : bias}
    ${finish}
  }`,
  };
}
