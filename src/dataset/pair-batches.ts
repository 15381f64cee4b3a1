import { unsupported } from "../errors.js";
import { type Batch, checkNotEmpty, emptyBatch, putWindow } from "./batch.js";
import { type EvaluationOptions, strideOf } from "./evaluation.js";
import type { Split } from "./open.js";
import { barAt, barLines, lineBefore, type MelodyPart, melodyFrom } from "./pair-windows.js";
import { checkTraining, epochWindows, layoutOf, type TrainingOptions, transposed } from "./training.js";

/** Windows of what is written to melodies, and for each row what the encoder reads: the melody of the same bars, and of more behind them. */
export interface PairBatch extends Batch {
  readonly sources: {
    /** `[batchSize, length]`, row by row, padding behind a row's own. */
    readonly ids: Int32Array;
    readonly length: number;
    /** For each row, how many of its ids count: 1 or more. */
    readonly lengths: readonly number[];
  };
}

/** Pairs of a split, with their bar lines. */
interface Pairs {
  readonly split: Split;
  piece(index: number): { readonly ids: Uint16Array; readonly lines: readonly number[] };
  melody(index: number): { readonly ids: Uint16Array; readonly lines: readonly number[] };
}

/**
 * Batches to learn from, of pairs: as `trainingBatches`, but windows begin at bar lines (within a bar only where it takes more than half
 * of the context), about half a context apart, and the encoder reads the melody from the window's first bar on, as many ids as the window
 * has at most. Where the melody's bars end before the window's, nothing behind them is counted. Both are transposed alike.
 *
 * @throws AttaccaError `unsupported` where melodies aren't kept apart; else as `trainingBatches`
 */
export function pairTrainingBatches(
  split: Split,
  options: TrainingOptions,
): ((step: number) => PairBatch) & { readonly windowsPerEpoch: number } {
  const { contextLength, batchSize, seed } = options;
  checkTraining(split, options);
  const pairs = pairsOf(split);
  const step = Math.max(1, Math.floor(contextLength / 2));
  const layouts = Array.from({ length: split.pieceCount }, (_, piece) => {
    const { ids, lines } = pairs.piece(piece);
    const { lastStart } = layoutOf(ids.length, contextLength, step, 1);
    if (lastStart === 0) return { count: 1, lastStart };
    // The first bar line from which the piece's end fits.
    const line = lines.find((one) => one >= lastStart && one < lastStart + step) ?? lastStart;
    return { count: Math.ceil(line / step) + 2, lastStart: line };
  });
  const windowsPerEpoch = layouts.reduce((sum, { count }) => sum + count, 0);
  let cached: { readonly epoch: number; readonly windows: ReturnType<typeof epochWindows> } | undefined;
  const windowsOf = (epoch: number): ReturnType<typeof epochWindows> => {
    if (cached?.epoch !== epoch) {
      cached = { epoch, windows: epochWindows(layouts, { seed, epoch, widest: step, unit: 1 }) };
    }
    return cached.windows;
  };
  const batchOf = (number: number): PairBatch => {
    const rows = Array.from({ length: batchSize }, (_, row): Row => {
      const place = number * batchSize + row;
      const wanted = windowsOf(Math.floor(place / windowsPerEpoch))[place % windowsPerEpoch];
      const { piece } = wanted;
      const start =
        wanted.start === 0 ? 0 : lineBefore(pairs.piece(piece).lines, wanted.start, wanted.start - step);
      const [window, source] = transposed(split, partsAt(pairs, piece, start, contextLength), {
        ...options,
        place,
      });
      return {
        place: { piece, start },
        window,
        source,
        firstTarget: 0,
        endTarget: coveredUntil(pairs, piece, start, contextLength),
      };
    });
    const { places: _, ...batch } = batchWith(rows, split, contextLength);
    return batch;
  };
  return Object.assign(batchOf, { windowsPerEpoch });
}

/**
 * Batches that score every id of what is written to melodies exactly once, with the melody given as in training: as `evaluationBatches`,
 * but windows begin at bar lines. A target in a bar that the encoder doesn't read is left to the next window.
 *
 * @throws AttaccaError `unsupported` where melodies aren't kept apart; else as `evaluationBatches`
 */
export function pairEvaluationBatches(
  split: Split,
  options: Omit<EvaluationOptions, "ahead">,
): { batches(): Iterable<PairBatch>; readonly scoredTokens: number } {
  const { contextLength, batchSize, scoreEnd = true } = options;
  checkTraining(split, { contextLength, batchSize, seed: 0, transpose: 0 });
  const stride = strideOf(options);
  const pairs = pairsOf(split);
  function* batches(): Iterable<PairBatch> {
    let rows: Row[] = [];
    for (let piece = 0; piece < split.pieceCount; piece++) {
      for (const row of rowsOf(pairs, piece, { contextLength, stride, scoreEnd })) {
        rows.push(row);
        if (rows.length < batchSize) continue;
        yield batchWith(rows, split, contextLength);
        rows = [];
      }
    }
    if (rows.length > 0) yield batchWith(rows, split, contextLength);
  }
  return { batches, scoredTokens: split.tokenCount - (scoreEnd ? 1 : 2) * split.pieceCount };
}

interface Row {
  readonly place: { readonly piece: number; readonly start: number };
  readonly window: ArrayLike<number>;
  readonly source: ArrayLike<number>;
  readonly firstTarget: number;
  readonly endTarget: number;
}

function* rowsOf(
  pairs: Pairs,
  piece: number,
  { contextLength, stride, scoreEnd }: { contextLength: number; stride: number; scoreEnd: boolean },
): Iterable<Row> {
  const { ids, lines } = pairs.piece(piece);
  const length = scoreEnd ? ids.length : ids.length - 1;
  const endOf = (start: number): number =>
    start + Math.min(length - 1 - start, contextLength, coveredUntil(pairs, piece, start, contextLength));
  let scored = 0;
  let start = 0;
  while (scored < length - 1) {
    const [window, source] = partsAt(pairs, piece, start, contextLength);
    const endTarget = endOf(start) - start;
    yield { place: { piece, start }, window, source, firstTarget: scored - start, endTarget };
    scored = start + endTarget;
    let next = lineBefore(lines, Math.max(start + 1, scored - (contextLength - stride)), start);
    // Where the melody is the longer of the two, the windows are as far apart as its bars ask for.
    while (endOf(next) <= scored && next < scored)
      next = lines.find((line) => line > next && line <= scored) ?? scored;
    start = next;
  }
}

/** A window of a piece, and what the encoder reads to it. */
function partsAt(
  pairs: Pairs,
  piece: number,
  start: number,
  contextLength: number,
): [Uint16Array, Uint16Array] {
  const part = melodyAt(pairs, piece, start, contextLength);
  return [
    pairs.piece(piece).ids.subarray(start, start + contextLength + 1),
    pairs.melody(piece).ids.subarray(part.start, part.end),
  ];
}

function melodyAt(pairs: Pairs, piece: number, start: number, contextLength: number): MelodyPart {
  const melody = pairs.melody(piece);
  return melodyFrom(melody.ids, melody.lines, barAt(pairs.piece(piece).lines, start), contextLength);
}

/** How many targets of a window stand in bars that the encoder reads; the next bar's line is the last of them. */
function coveredUntil(pairs: Pairs, piece: number, start: number, contextLength: number): number {
  const { endBar } = melodyAt(pairs, piece, start, contextLength);
  const line = pairs.piece(piece).lines[endBar];
  return line === undefined ? contextLength : Math.min(contextLength, line - start);
}

function pairsOf(split: Split): Pairs {
  if (split.melody === undefined) {
    const hint = "Make the dataset with: attacca tokenize … --melody TRACK";
    throw unsupported("harmonizing", "a dataset without melodies", "one that keeps them apart", hint);
  }
  checkNotEmpty(split);
  const withLines = (ids: Uint16Array) => ({ ids, lines: barLines(ids, split.tokenizer) });
  const pieces = Array.from({ length: split.pieceCount }, (_, i) => withLines(split.piece(i)));
  const melodies = Array.from({ length: split.pieceCount }, (_, i) => withLines(split.melody!(i)));
  return { split, piece: (index) => pieces[index], melody: (index) => melodies[index] };
}

function batchWith(
  rows: readonly Row[],
  split: Split,
  contextLength: number,
): PairBatch & Required<Pick<Batch, "places">> {
  const { pad } = split.tokenizer.special;
  const batch = emptyBatch(rows.length, contextLength, pad);
  const lengths = rows.map(({ source }) => source.length);
  const length = Math.max(...lengths);
  const ids = new Int32Array(rows.length * length).fill(pad);
  rows.forEach(({ window, source, firstTarget, endTarget }, row) => {
    putWindow(batch, row, window, firstTarget, endTarget);
    ids.set(Array.from(source), row * length);
  });
  return { ...batch, places: rows.map(({ place }) => place), sources: { ids, length, lengths } };
}
