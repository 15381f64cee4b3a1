/** Where a row was cut from: a piece of a split, and its first id's index in it. */
export interface RowPlace {
  readonly piece: number;
  readonly start: number;
}

/** What the encoder of a model that has one reads for each row. */
export interface SourceRows {
  /** `[batchSize × length]`, row by row. */
  readonly ids: Int32Array;
  readonly length: number;
  /** For each row, how many of its ids count. */
  readonly lengths: readonly number[];
}

/** Windows of token ids with what comes next, as a step of training or evaluation takes them. */
export interface Batch {
  /** `[batchSize × length]`, row by row. */
  readonly ids: Int32Array;
  /** The id that follows each of `ids`; −1 where it isn't counted. */
  readonly targets: Int32Array;
  readonly batchSize: number;
  readonly length: number;
  /** For each row, how many of its first ids see each other in both directions; absent: causal attention. */
  readonly prefixes?: readonly number[];
  /** Sources of the rows; absent for models without an encoder. */
  readonly sources?: SourceRows;
  /** "last": only the last target of each row is counted, and the other positions are seen by it only. */
  readonly positions?: "last";
  /** `[batchSize × length]`: how much each counted target counts in the batch's mean; absent: 1 each. */
  readonly weights?: Float32Array;
  /** How much the batch's mean counts beside those of other batches; absent: as many as its targets. */
  readonly weight?: number;
  /** Where each row was cut from, if the source says so. */
  readonly places?: readonly RowPlace[];
}

/** The training batch of a number; a pure function. */
export type BatchSource = (step: number) => Batch;

/** Batches in which every token of a split is a counted target exactly once. */
export interface EvaluationSource {
  batches(): Iterable<Batch>;
}

/** How many targets of a batch are counted. */
export function countTargets(batch: Batch): number {
  let count = 0;
  for (const target of batch.targets) if (target >= 0) count++;
  return count;
}

/**
 * At most `most` of a source's batches, evenly spread: a cheaper evaluation that scores the same tokens each time. 0
 * means all.
 */
export function limitBatches(source: EvaluationSource, most: number): EvaluationSource {
  if (most <= 0) return source;
  let total = 0;
  for (const _ of source.batches()) total++;
  if (total <= most) return source;
  return {
    *batches() {
      let index = 0;
      for (const batch of source.batches()) {
        // Takes the batches at which ⌊index · most / total⌋ steps up: `most` of them, the first among them.
        const taken = Math.floor((index * most) / total);
        if (index === 0 || taken > Math.floor(((index - 1) * most) / total)) yield batch;
        index++;
      }
    },
  };
}
