import { invalid } from "../errors.js";
import type { Split } from "./open.js";

/** Rows of ids with what comes next behind each. */
export interface Batch {
  /** `[batchSize, length]`, row by row. */
  readonly ids: Int32Array;
  /** `[batchSize, length]`: the id that follows; −1 where nothing is to be predicted. */
  readonly targets: Int32Array;
  readonly batchSize: number;
  readonly length: number;
  /** Batches that score a split: which piece each row is from, and the index of its first id in it. */
  readonly places?: readonly { readonly piece: number; readonly start: number }[];
}

/** The batch of a training step (counted from 0): the same for the same step, whatever was asked for before. */
export type BatchSource = (step: number) => Batch;

/** A batch of padding with nothing to predict, to be filled by `putWindow`. */
export function emptyBatch(batchSize: number, length: number, pad: number): Batch {
  return {
    ids: new Int32Array(batchSize * length).fill(pad),
    targets: new Int32Array(batchSize * length).fill(-1),
    batchSize,
    length,
  };
}

/** Writes a window of at most `length` + 1 ids into a row; only targets from place `firstTarget` on are counted, up to `endTarget`. */
export function putWindow(
  batch: Batch,
  row: number,
  window: ArrayLike<number>,
  firstTarget = 0,
  endTarget = window.length,
): void {
  const at = row * batch.length;
  const targets = Math.min(window.length - 1, batch.length);
  for (let i = 0; i < targets; i++) {
    batch.ids[at + i] = window[i];
    if (i >= firstTarget && i < endTarget) batch.targets[at + i] = window[i + 1];
  }
}

/** How far apart windows may begin at most: the largest multiple of the tokenizer's window unit within the context. */
export function widestStep(split: Split, contextLength: number): number {
  const unit = split.tokenizer.windowUnit ?? 1;
  if (!Number.isInteger(contextLength) || contextLength < unit) {
    throw invalid("context length", String(contextLength), `a whole number from ${unit}`);
  }
  return contextLength - (contextLength % unit);
}

/** @throws AttaccaError `invalid` where a split has nothing to predict. */
export function checkNotEmpty(split: Split): void {
  if (split.pieceCount > 0) return;
  throw invalid(`${split.name} split`, "no pieces", "at least one", "Give more files, or another --split");
}
