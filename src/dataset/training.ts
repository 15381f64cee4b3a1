import { invalid } from "../errors.js";
import { permutation, randomStream } from "../random.js";
import { type Batch, type BatchSource, checkNotEmpty, emptyBatch, putWindow, widestStep } from "./batch.js";
import type { Split } from "./open.js";

/** How a split is cut into training batches. */
export interface TrainingOptions {
  /** Ids in a row. */
  readonly contextLength: number;
  /** Rows in a batch. */
  readonly batchSize: number;
  readonly seed: number;
  /** Each window is moved by up to this many semitones up or down; 0 to 24, 0 for none. */
  readonly transpose: number;
}

/** Training batches, with the length of an epoch. */
export interface TrainingBatches extends BatchSource {
  readonly windowsPerEpoch: number;
}

export interface Window {
  readonly piece: number;
  readonly start: number;
}

/**
 * Batches to learn from: a pure function of (seed, step).
 *
 * Windows never cross pieces. A piece that fits the context is one window, with padding behind it. A longer one is cut at
 * a phase that is drawn anew each epoch; its first and last windows are moved inward to be full, so an
 * epoch has every token at least once, and those near a piece's ends up to twice. All windows of an epoch come in one
 * random order, and epochs follow each other without a break.
 *
 * Each window is transposed on its own, by a shift drawn evenly from those within `transpose` that keep all its
 * pitches in the tokenizer's range.
 *
 * @throws AttaccaError `invalid` where the split is empty or an option is out of its range.
 */
export function trainingBatches(split: Split, options: TrainingOptions): TrainingBatches {
  const { contextLength, batchSize, seed } = options;
  const widest = checkTraining(split, options);
  const unit = split.tokenizer.windowUnit ?? 1;
  const layouts = Array.from({ length: split.pieceCount }, (_, piece) =>
    layoutOf(split.piece(piece).length, contextLength, widest, unit),
  );
  const windowsPerEpoch = layouts.reduce((sum, layout) => sum + layout.count, 0);

  let cached: { readonly epoch: number; readonly windows: readonly Window[] } | undefined;
  const windowsOf = (epoch: number): readonly Window[] => {
    if (cached?.epoch !== epoch) {
      cached = { epoch, windows: epochWindows(layouts, { seed, epoch, widest, unit }) };
    }
    return cached.windows;
  };

  const batchOf = (step: number): Batch => {
    const batch = emptyBatch(batchSize, contextLength, split.tokenizer.special.pad);
    for (let row = 0; row < batchSize; row++) {
      const place = step * batchSize + row;
      const { piece, start } = windowsOf(Math.floor(place / windowsPerEpoch))[place % windowsPerEpoch];
      const window = split.piece(piece).subarray(start, start + contextLength + 1);
      putWindow(batch, row, transposed(split, [window], { ...options, place })[0]);
    }
    return batch;
  };
  return Object.assign(batchOf, { windowsPerEpoch });
}

/**
 * How far apart windows may begin at most.
 *
 * @throws AttaccaError `invalid` where the split is empty or an option is out of its range
 */
export function checkTraining(
  split: Split,
  { contextLength, batchSize, transpose }: TrainingOptions,
): number {
  checkNotEmpty(split);
  const widest = widestStep(split, contextLength);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw invalid("batch size", String(batchSize), "1 or more");
  if (!Number.isInteger(transpose) || transpose < 0 || transpose > 24) {
    throw invalid("transposition", String(transpose), "0 to 24 semitones");
  }
  return widest;
}

/** How a piece is cut: how many windows, and where the last one begins. */
export interface Layout {
  readonly count: number;
  readonly lastStart: number;
}

export function layoutOf(length: number, contextLength: number, widest: number, unit: number): Layout {
  const targets = length - 1;
  if (targets <= contextLength) return { count: 1, lastStart: 0 };
  const lastStart = Math.ceil((targets - contextLength) / unit) * unit;
  // One at 0, and from the phase on as many as reach the last start from any phase.
  return { count: Math.ceil(lastStart / widest) + 2, lastStart };
}

export function epochWindows(
  layouts: readonly Layout[],
  { seed, epoch, widest, unit }: { seed: number; epoch: number; widest: number; unit: number },
): Window[] {
  const phases = randomStream(seed, "window phase", epoch);
  const windows = layouts.flatMap(({ count, lastStart }, piece) => {
    const phase = phases.below(widest / unit) * unit;
    return Array.from({ length: count }, (_, i) => {
      const start = i === 0 ? 0 : Math.min(phase + (i - 1) * widest, lastStart);
      return { piece, start };
    });
  });
  return Array.from(permutation(windows.length, seed, "window order", epoch), (i) => windows[i]);
}

/** Windows that sound together, all moved by one shift that is drawn for the place in the order of windows. */
export function transposed(
  split: Split,
  windows: readonly Uint16Array[],
  { seed, place, transpose }: { readonly seed: number; readonly place: number; readonly transpose: number },
): readonly Uint16Array[] {
  const stream = randomStream(seed, "transposition", place);
  const shifts = Array.from({ length: 2 * transpose + 1 }, (_, i) => i - transpose);
  // Drawing without putting back gives an even choice among the shifts that fit, and tries few of them.
  while (shifts.length > 0) {
    const [shift] = shifts.splice(stream.below(shifts.length), 1);
    if (shift === 0) return windows;
    const moved = windows.flatMap((window) => split.tokenizer.transpose(window, shift) ?? []);
    if (moved.length === windows.length) return moved;
  }
  return windows;
}
