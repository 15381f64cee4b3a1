/*
 * Sums of a token's and a position's vector, and the gradient of both. The gradient goes by stripes of columns: a
 * stripe belongs to one task, which adds the rows up in their order, so no two threads write one value and the
 * sum doesn't depend on how many there are.
 */
import { argument, parallel, setArgument } from "./pool";
import { addRow } from "./rows";

/** Rows of a forward task. */
const CHUNK = 64;
/** Columns of a backward task. */
const STRIPE = 32;

const IDS: usize = 0;
const TOKENS: usize = 4;
const POSITIONS: usize = 8;
const Y: usize = 12;
const BATCH: usize = 16;
const TIME: usize = 20;
const WIDTH: usize = 24;
const VOCABULARY: usize = 28;
const OFFSET: usize = 32;
const LIMIT: usize = 36;

/** y [batch, time, width] = tokens[ids] + positions[offset + time]. An id outside the vocabulary reads its edge. */
export function embedding(
  ids: usize,
  tokens: usize,
  positions: usize,
  y: usize,
  batch: i32,
  time: i32,
  width: i32,
  vocabulary: i32,
  offset: i32,
): void {
  setArgument(IDS, ids);
  setArgument(TOKENS, tokens);
  setArgument(POSITIONS, positions);
  setArgument(Y, y);
  setArgument(BATCH, batch);
  setArgument(TIME, time);
  setArgument(WIDTH, width);
  setArgument(VOCABULARY, vocabulary);
  setArgument(OFFSET, offset);
  parallel(forwardTask.index, (batch * time + CHUNK - 1) / CHUNK);
}

function idAt(row: i32): usize {
  const id = load<i32>(argument(IDS) + <usize>row * 4);
  return <usize>max(0, min(id, <i32>argument(VOCABULARY) - 1));
}

function forwardTask(index: i32): void {
  const time = <i32>argument(TIME);
  const width = <i32>argument(WIDTH);
  const bytes = <usize>width * 4;
  const last = min(index * CHUNK + CHUNK, <i32>argument(BATCH) * time);
  for (let i = index * CHUNK; i < last; i++) {
    const y = argument(Y) + <usize>i * bytes;
    memory.copy(y, argument(TOKENS) + idAt(i) * bytes, bytes);
    addRow(argument(POSITIONS) + (argument(OFFSET) + <usize>(i % time)) * bytes, y, width);
  }
}

/** dTokens [vocabulary, width] and dPositions [limit, width] of dy [batch, time, width]. */
export function embeddingGradient(
  dy: usize,
  ids: usize,
  dTokens: usize,
  dPositions: usize,
  batch: i32,
  time: i32,
  width: i32,
  vocabulary: i32,
  offset: i32,
  limit: i32,
): void {
  setArgument(Y, dy);
  setArgument(IDS, ids);
  setArgument(TOKENS, dTokens);
  setArgument(POSITIONS, dPositions);
  setArgument(BATCH, batch);
  setArgument(TIME, time);
  setArgument(WIDTH, width);
  setArgument(VOCABULARY, vocabulary);
  setArgument(OFFSET, offset);
  setArgument(LIMIT, limit);
  parallel(backwardTask.index, (width + STRIPE - 1) / STRIPE);
}

function backwardTask(index: i32): void {
  const time = <i32>argument(TIME);
  const bytes = argument(WIDTH) * 4;
  const first = <usize>(index * STRIPE) * 4;
  const columns = min(STRIPE, <i32>argument(WIDTH) - index * STRIPE);
  const tokens = argument(TOKENS) + first;
  const positions = argument(POSITIONS) + first;
  for (let i: usize = 0; i < argument(VOCABULARY); i++)
    memory.fill(tokens + i * bytes, 0, <usize>columns * 4);
  for (let i: usize = 0; i < argument(LIMIT); i++) memory.fill(positions + i * bytes, 0, <usize>columns * 4);
  const rows = <i32>argument(BATCH) * time;
  for (let i = 0; i < rows; i++) {
    const dy = argument(Y) + <usize>i * bytes + first;
    addRow(dy, tokens + idAt(i) * bytes, columns);
    addRow(dy, positions + (argument(OFFSET) + <usize>(i % time)) * bytes, columns);
  }
}
