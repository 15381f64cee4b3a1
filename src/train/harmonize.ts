import type { Batch, BatchSource, EvaluationSource } from "./batch.js";

/** How windows of voices on a fixed grid are cut into a melody and what is written to it. Position 0 of a window is what came before. */
export interface HarmonizeRule {
  /** Voices: how many ids a step has; the first is the melody. */
  readonly idsPerStep: number;
  /** Ids that are no music: begin, end and padding. */
  readonly special: ReadonlySet<number>;
  readonly pad: number;
}

/** How many steps a window of `length` ids begins. */
export function stepsIn(length: number, { idsPerStep }: Pick<HarmonizeRule, "idsPerStep">): number {
  return Math.ceil((length - 1) / idsPerStep);
}

/**
 * A batch whose encoder reads the melody of each window and in which only the other voices are targets: what is to be known of the melody
 * (the end of the piece too) is given.
 */
export function harmonizeBatch(batch: Batch, rule: HarmonizeRule): Batch {
  const { batchSize, length } = batch;
  const { idsPerStep, special, pad } = rule;
  const steps = Math.max(1, stepsIn(length, rule));
  const ids = new Int32Array(batchSize * steps).fill(pad);
  const lengths: number[] = [];
  // What a position predicts stands behind it: position 0 predicts the melody's first id.
  const targets = batch.targets.map((target, at) => ((at % length) % idsPerStep === 0 ? -1 : target));
  for (let row = 0; row < batchSize; row++) {
    let count = 0;
    for (let at = row * length + 1; at < (row + 1) * length; at += idsPerStep) {
      if (special.has(batch.ids[at])) break;
      ids[row * steps + count++] = batch.ids[at];
    }
    // Where a row has no music, nothing is counted, and something must be seen.
    lengths.push(Math.max(1, count));
  }
  return { ...batch, targets, sources: { ids, length: steps, lengths } };
}

/** Batches that teach to harmonize, out of batches of whole windows. */
export function harmonizeBatches(source: BatchSource, rule: HarmonizeRule): BatchSource {
  return (number) => harmonizeBatch(source(number), rule);
}

/** A source's windows with their melodies given: every id of the other voices is scored exactly once. */
export function harmonizeEvaluation(source: EvaluationSource, rule: HarmonizeRule): EvaluationSource {
  return {
    *batches() {
      for (const batch of source.batches()) yield harmonizeBatch(batch, rule);
    },
  };
}
