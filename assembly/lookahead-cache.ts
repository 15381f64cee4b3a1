/*
 * Attention with lookahead keys of new positions over those before them, one head of one sequence a task. Position by position: what the
 * new one brings is added to the lookahead keys of all before it, sums_s += sigmoid(q′_s·k′_t / √depth) v′_t, and then
 * it attends with them. So the sums, and the results, are the same bits however many positions come at once.
 */
import { mixValues, powersOf, scoreKeys } from "./decode";
import { dot, dotFour } from "./matvec";
import { argument, parallel, setArgument, threadNumber } from "./pool";
import { madd, sigmoid } from "./vector";

const QKV: usize = 0;
const LOOK: usize = 4;
const KEYS: usize = 8;
const VALUES: usize = 12;
const PAST_LOOKAHEAD: usize = 16;
const PAST_SUMS: usize = 20;
const LOOKAHEAD: usize = 24;
const SUMS: usize = 28;
const Y: usize = 32;
const HEADS: usize = 36;
const PAST: usize = 40;
const TIME: usize = 44;
const DEPTH: usize = 48;
const WORK: usize = 52;

/** Bytes of working memory that each thread needs. */
export function cachedLookaheadScratch(positions: i32): i32 {
  return 2 * 4 * (positions + 4);
}

/**
 * @param qkv,look [batch, time, 3 · heads · depth] of the new positions
 * @param keys,values [batch, heads, past + time, depth] of all positions
 * @param pastLookahead [batch, heads, past, 3 · depth]: q′, k′, v′ of the positions before; 0 if there are none
 * @param pastSums [batch, heads, past, depth]: their lookahead keys; 0 to work them out from all of them
 * @param lookahead,sums both with the new positions, to be written
 * @param y [batch, time, heads · depth]
 * @param work cachedLookaheadScratch(past + time) bytes for each thread
 */
export function cachedLookahead(
  qkv: usize,
  look: usize,
  keys: usize,
  values: usize,
  pastLookahead: usize,
  pastSums: usize,
  lookahead: usize,
  sums: usize,
  y: usize,
  batch: i32,
  heads: i32,
  past: i32,
  time: i32,
  depth: i32,
  work: usize,
): void {
  setArgument(QKV, qkv);
  setArgument(LOOK, look);
  setArgument(KEYS, keys);
  setArgument(VALUES, values);
  setArgument(PAST_LOOKAHEAD, pastLookahead);
  setArgument(PAST_SUMS, pastSums);
  setArgument(LOOKAHEAD, lookahead);
  setArgument(SUMS, sums);
  setArgument(Y, y);
  setArgument(HEADS, heads);
  setArgument(PAST, past);
  setArgument(TIME, time);
  setArgument(DEPTH, depth);
  setArgument(WORK, work);
  parallel(task.index, batch * heads);
}

function task(index: i32): void {
  const heads = <i32>argument(HEADS);
  const depth = <i32>argument(DEPTH);
  const past = <i32>argument(PAST);
  const time = <i32>argument(TIME);
  const total = <usize>(past + time);
  const row = <usize>depth * 4;
  const width = <usize>heads * row;
  const head = <usize>(index % heads) * row;
  const keys = argument(KEYS) + <usize>index * total * row;
  const values = argument(VALUES) + <usize>index * total * row;
  const lookahead = argument(LOOKAHEAD) + <usize>index * total * 3 * row;
  const sums = argument(SUMS) + <usize>index * total * row;
  const scores = argument(WORK) + <usize>threadNumber() * cachedLookaheadScratch(<i32>total);
  const turns = scores + (total + 4) * 4;
  const pastBytes = <usize>past * row;
  if (past > 0) {
    memory.copy(lookahead, argument(PAST_LOOKAHEAD) + <usize>index * 3 * pastBytes, 3 * pastBytes);
  }
  if (argument(PAST_SUMS) != 0) {
    memory.copy(sums, argument(PAST_SUMS) + <usize>index * pastBytes, pastBytes);
  } else {
    for (let t = 0; t < past; t++) renew(lookahead, sums, scores, t, depth);
  }
  for (let i = 0; i < time; i++) {
    const t = past + i;
    const sequence = <usize>((index / heads) * time + i);
    const q = argument(QKV) + sequence * 3 * width + head;
    const from = argument(LOOK) + sequence * 3 * width + head;
    const place = lookahead + <usize>t * 3 * row;
    for (let part: usize = 0; part < 3; part++) memory.copy(place + part * row, from + part * width, row);
    renew(lookahead, sums, scores, t, depth);
    scoreKeys(q, keys, scores, t + 1, depth);
    scoreKeys(q, sums, turns, t + 1, depth);
    const highest = turn(scores, turns, t + 1);
    const sum = powersOf(scores, t + 1, highest);
    mixValues(values, scores, argument(Y) + sequence * width + head, t + 1, depth, 1 / sum);
  }
}

/** Adds what position t brings to the lookahead keys of those before it, and begins its own with 0. */
function renew(lookahead: usize, sums: usize, gates: usize, t: i32, depth: i32): void {
  const row = <usize>depth * 4;
  const wide = 3 * row;
  const key = lookahead + <usize>t * wide + row;
  const value = key + row;
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(<f32>depth));
  let s = 0;
  for (; s + 4 <= t; s += 4) {
    const four = dotFour(lookahead + <usize>s * wide, wide, key, depth);
    v128.store(gates + <usize>s * 4, sigmoid(f32x4.mul(four, scale)));
  }
  for (; s < t; s++) {
    const one = f32x4.splat(dot(lookahead + <usize>s * wide, key, depth));
    v128.store32_lane(gates + <usize>s * 4, sigmoid(f32x4.mul(one, scale)), 0);
  }
  for (s = 0; s < t; s++) {
    const gate = v128.load32_splat(gates + <usize>s * 4);
    const to = sums + <usize>s * row;
    let d: usize = 0;
    for (; d + 16 <= row; d += 16) {
      v128.store(to + d, madd(gate, v128.load(value + d), v128.load(to + d)));
    }
    for (; d < row; d += 4) {
      v128.store32_lane(to + d, madd(gate, v128.load32_zero(value + d), v128.load32_zero(to + d)), 0);
    }
  }
  memory.fill(sums + <usize>t * row, 0, row);
}

/** Scores less U∘sigmoid(U); gives the highest. */
function turn(scores: usize, turns: usize, count: i32): f32 {
  for (let j = count; j < ((count + 3) & ~3); j++) {
    store<f32>(scores + <usize>j * 4, -Infinity);
    store<f32>(turns + <usize>j * 4, 0);
  }
  let highest = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < <usize>count * 4; at += 16) {
    const x = v128.load(turns + at);
    const score = f32x4.sub(v128.load(scores + at), f32x4.mul(x, sigmoid(x)));
    v128.store(scores + at, score);
    highest = f32x4.max(highest, score);
  }
  const low = max<f32>(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1));
  return max<f32>(low, max<f32>(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3)));
}
