import type { Program } from "../program.js";
import { DROPOUT, DROPOUT_UNIFORMS } from "./pieces.js";

/** Threads that share one query (or, for the gradients of keys and values, one key). */
const LANES = 8;

/** What an attention program is made for. */
export interface AttentionVariant {
  /** Values of a head's query, key or value. */
  readonly depth: number;
  readonly causal: boolean;
  readonly drops: boolean;
  /** Queries and keys that are in shared memory at a time. */
  readonly block: number;
}

/**
 * The largest block of queries or keys (no larger than `time` asks for) for which so many tiles of a block × depth, and so many of a block × block,
 * fit into a workgroup's shared memory; 0 if none does.
 */
export function attentionBlock(
  time: number,
  depth: number,
  tiles: number,
  squares: number,
  limits: GPUSupportedLimits,
): number {
  const quads = Math.ceil(depth / 4);
  const { maxComputeWorkgroupStorageSize: bytes, maxComputeInvocationsPerWorkgroup: threads } = limits;
  const fits = (block: number): boolean =>
    tiles * block * quads * 16 + squares * block * (block + 1) * 4 + 3 * block * 4 <= bytes &&
    block * LANES <= threads &&
    block < Math.max(2 * time, 16);
  return [32, 16, 8, 4].find(fits) ?? 0;
}

/** How queries, keys and values lie in their buffers: where they begin, and how far apart. */
const STRIDES = {
  qFirst: "u32",
  kFirst: "u32",
  vFirst: "u32",
  qBatch: "u32",
  qHead: "u32",
  qRow: "u32",
  kBatch: "u32",
  kHead: "u32",
  kRow: "u32",
} as const;

interface Shape extends AttentionVariant {
  readonly quads: number;
  readonly threads: number;
  /** Vectors of four that one thread adds up. */
  readonly own: number;
}

function shapeOf(variant: AttentionVariant): Shape {
  const quads = Math.ceil(variant.depth / 4);
  return { ...variant, quads, threads: variant.block * LANES, own: Math.ceil(quads / LANES) };
}

function nameOf(what: string, { depth, causal, drops, block }: AttentionVariant): string {
  return `attention ${what} ${depth} ${causal ? "causal" : "full"} ${drops ? "drops" : ""} ${block}`;
}

/** Loads a block × depth tile; rows past `end` are zeros. */
function load(
  { quads, block, threads, depth }: Shape,
  tile: string,
  source: string,
  base: string,
  row: string,
  first: string,
  end: string,
): string {
  const whole = depth % 4 === 0;
  return `
  for (var i = thread; i < ${block * quads}u; i += ${threads}u) {
    let line = ${first} + i / ${quads}u;
    var four = vec4<f32>();
    if (line < ${end}) {
      let at = ${base} + line * ${row} + (i % ${quads}u) * 4u;
      ${
        whole
          ? `four = vec4<f32>(${source}[at], ${source}[at + 1u], ${source}[at + 2u], ${source}[at + 3u]);`
          : `for (var j = 0u; j < 4u; j++) {
        if ((i % ${quads}u) * 4u + j < ${depth}u) { four[j] = ${source}[at + j]; }
      }`
      }
    }
    ${tile}[i] = four;
  }`;
}

/** Writes this thread's share of a row. */
function store(
  { quads, own, depth }: Shape,
  target: string,
  base: string,
  value: (i: string) => string,
): string {
  return `
  for (var i = 0u; i < ${own}u; i++) {
    let quad = lane + ${LANES}u * i;
    if (quad >= ${quads}u) { break; }
    let four = ${value("i")};
    for (var j = 0u; j < 4u; j++) {
      if (4u * quad + j < ${depth}u) { ${target}[${base} + 4u * quad + j] = four[j]; }
    }
  }`;
}

const dotted = (quads: number, a: string, aRow: string, b: string, bRow: string): string => `
    var product = 0.0;
    for (var i = 0u; i < ${quads}u; i++) { product += dot(${a}[${aRow} * ${quads}u + i], ${b}[${bRow} * ${quads}u + i]); }`;

/**
 * Attention without a matrix of time × time (Dao et al. 2022, the running softmax of Milakov & Gimelshein 2018): a
 * workgroup takes a block of queries of one head and goes over the keys block by block. Dropout falls on what is
 * summed up and not on the sum that it is divided by. `saves` keeps each query's log Σ exp(score).
 */
export function attentionProgram(variant: AttentionVariant, saves: boolean): Program {
  const shape = shapeOf(variant);
  const { block, quads, threads, own, causal, drops, depth } = shape;
  const square = block + 1;
  return {
    name: nameOf(`forward ${saves}`, variant),
    uniforms: { time: "u32", count: "u32", scale: "f32", ...STRIDES, ...(drops ? DROPOUT_UNIFORMS : {}) },
    reads: { q: "f32", k: "f32", v: "f32" },
    writes: saves ? { y: "f32", logSums: "f32" } : { y: "f32" },
    threads,
    declarations: `${drops ? DROPOUT : ""}
var<workgroup> queries: array<vec4<f32>, ${block * quads}>;
var<workgroup> tile: array<vec4<f32>, ${block * quads}>;
var<workgroup> scores: array<f32, ${block * square}>;`,
    body: `
  let head = group.y;
  let heads = groups.y;
  let batch = group.z;
  let firstQuery = group.x * ${block}u;
  let row = thread / ${LANES}u;
  let lane = thread % ${LANES}u;
  let query = firstQuery + row;
  let past = u.count - u.time;
  let kBase = batch * u.kBatch + head * u.kHead;
  ${load(shape, "queries", "q", "u.qFirst + batch * u.qBatch + head * u.qHead", "u.qRow", "firstQuery", "u.time")}
  var sums: array<vec4<f32>, ${own}>;
  var highest = -1e30;
  var share = 0.0;
  let end = ${causal ? `min(u.count, firstQuery + ${block}u + past)` : "u.count"};
  for (var firstKey = 0u; firstKey < end; firstKey += ${block}u) {
    ${load(shape, "tile", "k", "u.kFirst + kBase", "u.kRow", "firstKey", "u.count")}
    workgroupBarrier();
    for (var local = lane; local < ${block}u; local += ${LANES}u) {
      ${dotted(quads, "queries", "row", "tile", "local")}
      let key = firstKey + local;
      let seen = key < u.count${causal ? " && key <= query + past" : ""};
      scores[row * ${square}u + local] = select(-1e30, product * u.scale, seen);
    }
    workgroupBarrier();
    ${load(shape, "tile", "v", "u.vFirst + kBase", "u.kRow", "firstKey", "u.count")}
    var peak = highest;
    for (var local = 0u; local < ${block}u; local++) { peak = max(peak, scores[row * ${square}u + local]); }
    let fade = exp(highest - peak);
    highest = peak;
    share *= fade;
    workgroupBarrier();
    for (var local = lane; local < ${block}u; local += ${LANES}u) {
      let at = row * ${square}u + local;
      let probability = select(exp(scores[at] - peak), 0.0, scores[at] <= -1e30);
      share += probability;
      scores[at] = probability${drops ? ` * keepFactor(((batch * heads + head) * u.time + query) * u.count + firstKey + local)` : ""};
    }
    workgroupBarrier();
    for (var i = 0u; i < ${own}u; i++) { sums[i] *= fade; }
    for (var local = 0u; local < ${block}u; local++) {
      let probability = scores[row * ${square}u + local];
      for (var i = 0u; i < ${own}u; i++) {
        let quad = lane + ${LANES}u * i;
        if (quad < ${quads}u) { sums[i] += probability * tile[local * ${quads}u + quad]; }
      }
    }
    workgroupBarrier();
  }
  // A block of fewer keys than lanes leaves the last lanes without any.
  if (lane < ${Math.min(LANES, block)}u) { scores[row * ${square}u + lane] = share; }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < ${Math.min(LANES, block)}u; i++) { total += scores[row * ${square}u + i]; }
  if (query >= u.time) { return; }
  ${store(shape, "y", `((batch * u.time + query) * heads + head) * ${depth}u`, (i) => `sums[${i}] / total`)}
  ${saves ? "if (lane == 0u) { logSums[(batch * heads + head) * u.time + query] = highest + log(total); }" : ""}`,
  };
}

/** Σ dy · y of each query and head: what softmax's gradient takes off. One thread each. */
export function attentionDelta(depth: number): Program {
  return {
    name: `attention delta ${depth}`,
    uniforms: { count: "u32", time: "u32", heads: "u32" },
    reads: { dy: "f32", y: "f32" },
    writes: { delta: "f32" },
    threads: 64,
    body: `
  let at = (group.y * groups.x + group.x) * 64u + thread;
  if (at >= u.count) { return; }
  // delta is [batch, heads, time]; y is [batch, time, heads, depth].
  let time = at % u.time;
  let head = (at / u.time) % u.heads;
  let batch = at / (u.time * u.heads);
  let first = ((batch * u.time + time) * u.heads + head) * ${depth}u;
  var sum = 0.0;
  for (var i = 0u; i < ${depth}u; i++) { sum += dy[first + i] * y[first + i]; }
  delta[at] = sum;`,
  };
}

const GRADIENT_READS = { qkv: "f32", dy: "f32", logSums: "f32", delta: "f32" } as const;

/** dQ, or dK and dV: how a gradient's program begins, and one pair of a query and a key. */
function gradientPieces(shape: Shape) {
  const { quads, block, causal, drops } = shape;
  const square = block + 1;
  return {
    uniforms: { time: "u32", scale: "f32", ...(drops ? DROPOUT_UNIFORMS : {}) } as const,
    tiles: ["queries", "slopes", "keys", "values"]
      .map((name) => `var<workgroup> ${name}: array<vec4<f32>, ${block * quads}>;`)
      .join("\n"),
    square,
    begin: `
  let head = group.y;
  let heads = groups.y;
  let batch = group.z;
  let row = thread / ${LANES}u;
  let lane = thread % ${LANES}u;
  let width = heads * ${shape.depth}u;
  let qBase = batch * u.time * 3u * width + head * ${shape.depth}u;
  let yBase = batch * u.time * width + head * ${shape.depth}u;
  let sumBase = (batch * heads + head) * u.time;`,
    load: (tile: string, first: string): string => {
      const [source, base, line] = {
        queries: ["qkv", "qBase", "3u * width"],
        keys: ["qkv", "qBase + width", "3u * width"],
        values: ["qkv", "qBase + 2u * width", "3u * width"],
        slopes: ["dy", "yBase", "width"],
      }[tile]!;
      return load(shape, tile, source, base, line, first, "u.time");
    },
    /** Of `query` and `key` (in their blocks `q` and `k`): probability, factor of dropout, and slope of the score. */
    pair: `
      var probability = 0.0;
      var factor = 1.0;
      var slope = 0.0;
      if (query < u.time && key < u.time${causal ? " && key <= query" : ""}) {
        ${dotted(quads, "queries", "q", "keys", "k")}
        probability = exp(product * u.scale - logSums[sumBase + query]);
        ${drops ? "factor = keepFactor((sumBase + query) * u.time + key);" : ""}
        var dKept = 0.0;
        for (var i = 0u; i < ${quads}u; i++) { dKept += dot(slopes[q * ${quads}u + i], values[k * ${quads}u + i]); }
        slope = probability * (dKept * factor - delta[sumBase + query]) * u.scale;
      }`,
  };
}

/** dQ, a workgroup for each block of queries. It computes the probabilities anew. */
export function attentionGradientOfQueries(variant: AttentionVariant): Program {
  const shape = shapeOf(variant);
  const { block, quads, own, causal } = shape;
  const { uniforms, tiles, square, begin, load, pair } = gradientPieces(shape);
  return {
    name: nameOf("gradient of queries", variant),
    uniforms,
    reads: GRADIENT_READS,
    writes: { dQkv: "f32" },
    threads: shape.threads,
    declarations: `${variant.drops ? DROPOUT : ""}\n${tiles}\nvar<workgroup> dScores: array<f32, ${block * square}>;`,
    body: `${begin}
  let firstQuery = group.x * ${block}u;
  let q = row;
  let query = firstQuery + row;
  ${load("queries", "firstQuery")}
  ${load("slopes", "firstQuery")}
  var sums: array<vec4<f32>, ${own}>;
  let end = ${causal ? `min(u.time, firstQuery + ${block}u)` : "u.time"};
  for (var firstKey = 0u; firstKey < end; firstKey += ${block}u) {
    ${load("keys", "firstKey")}
    ${load("values", "firstKey")}
    workgroupBarrier();
    for (var k = lane; k < ${block}u; k += ${LANES}u) {
      let key = firstKey + k;
      ${pair}
      dScores[row * ${square}u + k] = slope;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${block}u; k++) {
      let slope = dScores[row * ${square}u + k];
      for (var i = 0u; i < ${own}u; i++) {
        let quad = lane + ${LANES}u * i;
        if (quad < ${quads}u) { sums[i] += slope * keys[k * ${quads}u + quad]; }
      }
    }
    workgroupBarrier();
  }
  if (query >= u.time) { return; }
  ${store(shape, "dQkv", "qBase + query * 3u * width", (i) => `sums[${i}]`)}`,
  };
}

/** dK and dV, a workgroup for each block of keys, which goes over the queries: so nothing is added from two sides. */
export function attentionGradientOfKeys(variant: AttentionVariant): Program {
  const shape = shapeOf(variant);
  const { block, quads, own, causal } = shape;
  const { uniforms, tiles, square, begin, load, pair } = gradientPieces(shape);
  return {
    name: nameOf("gradient of keys", variant),
    uniforms,
    reads: GRADIENT_READS,
    writes: { dQkv: "f32" },
    threads: shape.threads,
    declarations: `${variant.drops ? DROPOUT : ""}\n${tiles}
var<workgroup> dScores: array<f32, ${block * square}>;
var<workgroup> kept: array<f32, ${block * square}>;`,
    body: `${begin}
  let firstKey = group.x * ${block}u;
  let k = row;
  let key = firstKey + row;
  ${load("keys", "firstKey")}
  ${load("values", "firstKey")}
  var dKeys: array<vec4<f32>, ${own}>;
  var dValues: array<vec4<f32>, ${own}>;
  for (var firstQuery = ${causal ? "firstKey" : "0u"}; firstQuery < u.time; firstQuery += ${block}u) {
    ${load("queries", "firstQuery")}
    ${load("slopes", "firstQuery")}
    workgroupBarrier();
    for (var q = lane; q < ${block}u; q += ${LANES}u) {
      let query = firstQuery + q;
      ${pair}
      dScores[row * ${square}u + q] = slope;
      kept[row * ${square}u + q] = probability * factor;
    }
    workgroupBarrier();
    for (var q = 0u; q < ${block}u; q++) {
      let slope = dScores[row * ${square}u + q];
      let weight = kept[row * ${square}u + q];
      for (var i = 0u; i < ${own}u; i++) {
        let quad = lane + ${LANES}u * i;
        if (quad < ${quads}u) {
          dKeys[i] += slope * queries[q * ${quads}u + quad];
          dValues[i] += weight * slopes[q * ${quads}u + quad];
        }
      }
    }
    workgroupBarrier();
  }
  if (key >= u.time) { return; }
  ${store(shape, "dQkv", "qBase + key * 3u * width + width", (i) => `dKeys[${i}]`)}
  ${store(shape, "dQkv", "qBase + key * 3u * width + 2u * width", (i) => `dValues[${i}]`)}`,
  };
}
