/* Keys or values of new positions behind those of the positions before them. */
import { argument, parallel, setArgument } from "./pool";

const PAST: usize = 0;
const PAST_COUNT: usize = 4;
const FRESH: usize = 8;
const FRESH_BATCH: usize = 12;
const FRESH_ROW: usize = 16;
const TO: usize = 20;
const HEADS: usize = 24;
const COUNT: usize = 28;
const DEPTH: usize = 32;

/**
 * to [batch, heads, pastCount + count, depth] = past [batch, heads, pastCount, depth], then the new ones.
 *
 * @param fresh values (batch, head, row, 0) at batch · freshBatch + head · depth · 4 + row · freshRow bytes
 */
export function appendPositions(
  past: usize,
  pastCount: i32,
  fresh: usize,
  freshBatch: usize,
  freshRow: usize,
  to: usize,
  batch: i32,
  heads: i32,
  count: i32,
  depth: i32,
): void {
  setArgument(PAST, past);
  setArgument(PAST_COUNT, pastCount);
  setArgument(FRESH, fresh);
  setArgument(FRESH_BATCH, freshBatch);
  setArgument(FRESH_ROW, freshRow);
  setArgument(TO, to);
  setArgument(HEADS, heads);
  setArgument(COUNT, count);
  setArgument(DEPTH, depth);
  parallel(task.index, batch * heads);
}

function task(index: i32): void {
  const heads = <i32>argument(HEADS);
  const row = argument(DEPTH) * 4;
  const pastBytes = argument(PAST_COUNT) * row;
  const count = argument(COUNT);
  const to = argument(TO) + <usize>index * (pastBytes + count * row);
  if (pastBytes > 0) memory.copy(to, argument(PAST) + <usize>index * pastBytes, pastBytes);
  const from =
    argument(FRESH) + <usize>(index / heads) * argument(FRESH_BATCH) + <usize>(index % heads) * row;
  for (let i: usize = 0; i < count; i++) {
    memory.copy(to + pastBytes + i * row, from + i * argument(FRESH_ROW), row);
  }
}
