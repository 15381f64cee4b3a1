import type { Element, Program } from "../program.js";
import { DROPOUT, DROPOUT_UNIFORMS, flatIndex } from "./pieces.js";

/** Threads of a workgroup, one value (or one pair) each. */
export const THREADS = 256;

function each(
  name: string,
  body: string,
  reads: Record<string, Element>,
  uniforms: Program["uniforms"] = {},
): Program {
  return {
    name,
    uniforms: { count: "u32", ...uniforms },
    reads,
    writes: { y: "f32" },
    threads: THREADS,
    body: `
  let at = ${flatIndex(THREADS)};
  if (at >= u.count) { return; }
  ${body}`,
  };
}

/** y = a + b. */
export const addProgram = each("add", "y[at] = a[at] + b[at];", { a: "f32", b: "f32" });

/** y = a, whole numbers (or true and false, which are 1 and 0) as floats. */
export const toFloats = each("to floats", "y[at] = f32(a[at]);", { a: "i32" });

/** y = a · factor, which is one number. */
export const scaleProgram = each("scale", "y[at] = a[at] * factor[0];", { a: "f32", factor: "f32" });

/** Two values a thread: the words of dropout come in pairs. */
function dropping(
  name: string,
  kept: (at: string, word: string) => string,
  reads: Record<string, Element>,
): Program {
  return {
    ...each(name, "", reads, DROPOUT_UNIFORMS),
    declarations: DROPOUT,
    body: `
  let pair = ${flatIndex(THREADS)};
  if (2u * pair >= u.count) { return; }
  let words = threefry(pair);
  ${kept("2u * pair", "words.x")}
  if (2u * pair + 1u < u.count) { ${kept("2u * pair + 1u", "words.y")} }`,
  };
}

const factor = (word: string): string => `select(0.0, u.keep, ${word} >= u.limit)`;

/** y = dropout(a). */
export const dropoutProgram = dropping("dropout", (at, word) => `y[${at}] = a[${at}] * ${factor(word)};`, {
  a: "f32",
});

/** y = b + dropout(a). */
export const residualProgram = dropping(
  "residual",
  (at, word) => `y[${at}] = b[${at}] + a[${at}] * ${factor(word)};`,
  { a: "f32", b: "f32" },
);

/** y = tokens[ids] + positions, ids [batch, time]. */
export const embeddingProgram = each(
  "embedding",
  `
  let row = at / u.width;
  let column = at % u.width;
  let id = min(u32(max(ids[row], 0)), u.vocabulary - 1u);
  y[at] = tokens[id * u.width + column] + positions[(u.offset + row % u.time) * u.width + column];`,
  { ids: "i32", tokens: "f32", positions: "f32" },
  { width: "u32", time: "u32", vocabulary: "u32", offset: "u32" },
);

/**
 * Queries and keys of x [batch, time, width3] turned by rotary positions, values as they are; see src/ops/rotary.ts.
 * A sign of -1 turns back.
 */
export const rotaryProgram = each(
  "rotary",
  `
  let column = at % u.width3;
  if (column >= 2u * (u.width3 / 3u)) { y[at] = x[at]; return; }
  let half = u.depth / 2u;
  let place = column % u.depth;
  let turn = (at / u.width3 % u.time) * u.depth + place % half;
  let cosine = turns[turn];
  let sine = turns[turn + half] * u.sign;
  if (place < half) { y[at] = x[at] * cosine - x[at + half] * sine; }
  else { y[at] = x[at] * cosine + x[at - half] * sine; }`,
  { x: "f32", turns: "f32" },
  { width3: "u32", time: "u32", depth: "u32", sign: "f32" },
);

/** dPositions: the sum over the batch; 0 outside of the positions that were used. */
export const positionGradient = each(
  "gradient of positions",
  `
  let position = at / u.width;
  var sum = 0.0;
  if (position >= u.offset && position < u.offset + u.time) {
    for (var i = 0u; i < u.batch; i++) {
      sum += dy[(i * u.time + position - u.offset) * u.width + at % u.width];
    }
  }
  y[at] = sum;`,
  { dy: "f32" },
  { width: "u32", time: "u32", batch: "u32", offset: "u32" },
);

/**
 * dTokens, a workgroup for each token and so many columns: its threads look through the ids together, 256 at a time,
 * and mark the token's rows as bits; then each thread adds them up for its column, in their order. So no value is
 * added from two sides, and the same call gives the same bits.
 */
export const tokenGradient: Program = {
  name: "gradient of tokens",
  uniforms: { rows: "u32", width: "u32" },
  reads: { ids: "i32", dy: "f32" },
  writes: { dTokens: "f32" },
  threads: THREADS,
  declarations: `var<workgroup> marks: array<atomic<u32>, ${THREADS / 32}>;`,
  body: `
  let token = i32(group.y);
  let column = group.x * ${THREADS}u + thread;
  var sum = 0.0;
  for (var first = 0u; first < u.rows; first += ${THREADS}u) {
    if (thread < ${THREADS / 32}u) { atomicStore(&marks[thread], 0u); }
    workgroupBarrier();
    let row = first + thread;
    if (row < u.rows && ids[row] == token) { atomicOr(&marks[thread / 32u], 1u << (thread % 32u)); }
    workgroupBarrier();
    if (column < u.width) {
      for (var word = 0u; word < ${THREADS / 32}u; word++) {
        var bits = atomicLoad(&marks[word]);
        while (bits != 0u) {
          sum += dy[(first + 32u * word + firstTrailingBit(bits)) * u.width + column];
          bits = bits & (bits - 1u);
        }
      }
    }
    workgroupBarrier();
  }
  if (column < u.width) { dTokens[group.y * u.width + column] = sum; }`,
};
