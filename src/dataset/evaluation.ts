import { invalid } from "../errors.js";
import { type Batch, checkNotEmpty, emptyBatch, putWindow, widestStep } from "./batch.js";
import type { Split } from "./open.js";

/** How a split is laid out to be scored. */
export interface EvaluationOptions {
  /** Ids in a row. */
  readonly contextLength: number;
  /** Rows in a batch; the last batch may have fewer. */
  readonly batchSize: number;
  /**
   * How far apart windows begin, 1 to the context length: a smaller stride gives tokens more to their left, and costs more.
   * Made a multiple of the tokenizer's window unit. Default: half the context.
   */
  readonly stride?: number;
  /**
   * How many targets at a window's end are left to the next one, for models that see what is to come: each target then has so many
   * ids on its right, where the piece has as many. Made a multiple of the tokenizer's window unit. Default: 0.
   */
  readonly ahead?: number;
  /** Whether the end token counts. Default: true. Figures per note or per voice leave it out. */
  readonly scoreEnd?: boolean;
}

/** A split, laid out so that every token of it is scored exactly once. */
export interface EvaluationSource {
  batches(): Iterable<Batch>;
  /** How many tokens are scored in all. */
  readonly scoredTokens: number;
}

/**
 * Batches that score every token of a split exactly once, with at least (context − stride) ids to its left wherever the
 * piece has as many. The begin token is given and not scored. Pieces never share a row.
 *
 * @throws AttaccaError `invalid` where the split is empty or an option is out of its range.
 */
export function evaluationBatches(split: Split, options: EvaluationOptions): EvaluationSource {
  const { contextLength, batchSize, scoreEnd = true } = options;
  checkNotEmpty(split);
  const widest = widestStep(split, contextLength);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw invalid("batch size", String(batchSize), "1 or more");
  const asked = strideOf(options);
  const unit = split.tokenizer.windowUnit ?? 1;
  const wanted = options.ahead ?? 0;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > contextLength) {
    throw invalid("ids ahead", String(wanted), `0 to the context length, ${contextLength}`);
  }
  // Something must be left to score.
  const ahead = Math.min(wanted - (wanted % unit), widest - unit);
  const stride = Math.min(widest - ahead, Math.max(unit, asked - (asked % unit)));

  function* batches(): Iterable<Batch> {
    let rows: Row[] = [];
    for (const row of rowsOf(split, { contextLength, stride, scoreEnd, ahead })) {
      rows.push(row);
      if (rows.length < batchSize) continue;
      yield batchOf(rows, split, contextLength);
      rows = [];
    }
    if (rows.length > 0) yield batchOf(rows, split, contextLength);
  }
  const unscored = scoreEnd ? 1 : 2;
  return { batches, scoredTokens: split.tokenCount - unscored * split.pieceCount };
}

/** How far apart windows may begin. @throws AttaccaError `invalid` where that isn't within the context */
export function strideOf({
  stride,
  contextLength,
}: Pick<EvaluationOptions, "stride" | "contextLength">): number {
  const asked = stride ?? Math.max(1, Math.floor(contextLength / 2));
  if (Number.isInteger(asked) && asked >= 1 && asked <= contextLength) return asked;
  throw invalid("stride", String(asked), `1 to the context length, ${contextLength}`);
}

interface Row {
  readonly place: { readonly piece: number; readonly start: number };
  readonly window: Uint16Array;
  /** Place in the row of the first target that no row before has scored. */
  readonly firstTarget: number;
  /** The place behind the last target that it scores. */
  readonly endTarget: number;
}

function* rowsOf(
  split: Split,
  { contextLength, stride, scoreEnd, ahead }: Required<Omit<EvaluationOptions, "batchSize">>,
): Iterable<Row> {
  for (let index = 0; index < split.pieceCount; index++) {
    const piece = scoreEnd ? split.piece(index) : split.piece(index).subarray(0, -1);
    let scored = 0;
    for (let start = 0; scored < piece.length - 1; start += stride) {
      const window = piece.subarray(start, start + contextLength + 1);
      const reachesEnd = start + window.length === piece.length;
      const endTarget = window.length - 1 - (reachesEnd ? 0 : ahead);
      yield { window, firstTarget: scored - start, endTarget, place: { piece: index, start } };
      scored = start + endTarget;
    }
  }
}

function batchOf(rows: readonly Row[], split: Split, contextLength: number): Batch {
  const batch = emptyBatch(rows.length, contextLength, split.tokenizer.special.pad);
  rows.forEach(({ window, firstTarget, endTarget }, row) => {
    putWindow(batch, row, window, firstTarget, endTarget);
  });
  return { ...batch, places: rows.map(({ place }) => place) };
}
