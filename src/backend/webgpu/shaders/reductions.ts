/** Each reduction: its type, and how two values become one, by an operator and over a subgroup. */
const REDUCTIONS = [
  {
    name: "totalOf",
    type: "f32",
    all: "shares",
    join: (a: string, b: string) => `${a} + ${b}`,
    subgroup: "subgroupAdd",
  },
  {
    name: "largestOf",
    type: "f32",
    all: "shares",
    join: (a: string, b: string) => `max(${a}, ${b})`,
    subgroup: "subgroupMax",
  },
  {
    name: "totalsOf",
    type: "vec2<f32>",
    all: "pairs",
    join: (a: string, b: string) => `${a} + ${b}`,
    subgroup: "subgroupAdd",
  },
] as const;

/** Threads that work in step have one value of this at least. */
const SMALLEST_SUBGROUP = 4;

/**
 * WGSL: sums and maxima over a workgroup's threads, 64, 128 or 256: `totalOf(value, thread)` and `largestOf`, and
 * `totalsOf` of two sums at once; and `shares`, room for a number of each thread. The order is always the same, and so
 * are the bits.
 *
 * Some threads add up their share of all values, then each thread adds up those: two barriers, where halving again and
 * again would need eight.
 */
export function reductions(threads: number): string {
  const some = threads === 64 ? 8 : 16;
  const functions = REDUCTIONS.map(
    ({ name, type, all, join }) => `
fn ${name}(value: ${type}, thread: u32) -> ${type} {
  ${all}[thread] = value;
  workgroupBarrier();
  if (thread < ${some}u) {
    var sum = ${all}[thread];
    for (var i = ${some}u; i < ${threads}u; i += ${some}u) { sum = ${join("sum", `${all}[thread + i]`)}; }
    few${all}[thread] = sum;
  }
  workgroupBarrier();
  var result = few${all}[0];
  for (var i = 1u; i < ${some}u; i++) { result = ${join("result", `few${all}[i]`)}; }
  return result;
}`,
  );
  return `
var<workgroup> shares: array<f32, ${threads}>;
var<workgroup> fewshares: array<f32, ${some}>;
var<workgroup> pairs: array<vec2<f32>, ${threads}>;
var<workgroup> fewpairs: array<vec2<f32>, ${some}>;
${functions.join("")}`;
}

/**
 * `reductions` for devices with subgroups: each subgroup adds up its threads by itself, so that one barrier is enough.
 * Calls take turns in two halves of the shared memory, as a slow thread may still read what the call before wrote.
 * Reads `laneCount`, the threads of a subgroup.
 */
export function subgroupReductions(threads: number): string {
  const most = threads / SMALLEST_SUBGROUP;
  const functions = REDUCTIONS.map(
    ({ name, type, all, join, subgroup }) => `
fn ${name}(value: ${type}, thread: u32) -> ${type} {
  let part = ${subgroup}(value);
  let first = turn * ${most}u;
  turn = 1u - turn;
  if (thread % laneCount == 0u) { few${all}[first + thread / laneCount] = part; }
  workgroupBarrier();
  var result = few${all}[first];
  for (var i = 1u; i < ${threads}u / laneCount; i++) { result = ${join("result", `few${all}[first + i]`)}; }
  return result;
}`,
  );
  return `
var<private> turn: u32;
var<workgroup> shares: array<f32, ${threads}>;
var<workgroup> fewshares: array<f32, ${2 * most}>;
var<workgroup> fewpairs: array<vec2<f32>, ${2 * most}>;
${functions.join("")}`;
}
