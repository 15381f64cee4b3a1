import { type RandomStream, randomStream } from "../random.js";
import type { Batch, BatchSource, EvaluationSource } from "./batch.js";

/** How windows of a fixed grid are masked. Position 0 of a window is the begin token, or the last id of a step. */
export interface MaskRule {
  /** The id that stands for what isn't known. */
  readonly maskId: number;
  /** Voices: how many ids a step has. */
  readonly idsPerStep: number;
  /** Ids that are never masked: begin, end and padding. */
  readonly special: ReadonlySet<number>;
}

/** The shapes of masks, all as probable: single ids anywhere, some voices over a span, and all voices over a span. */
export const maskKinds = ["positions", "voices", "span"] as const;
export type MaskKind = (typeof maskKinds)[number];

/**
 * Which positions of a window are masked: at least one, where there is one that may be.
 *
 * How much is drawn evenly, as a model that refines in passes meets every share (Ghazvininejad et al. 2019). Half of the masked voices
 * and spans are whole, as in a first pass; in the others a part is known again, as in the later ones.
 *
 * @returns indices in ascending order
 */
export function drawMask(
  ids: ArrayLike<number>,
  { idsPerStep, special }: Pick<MaskRule, "idsPerStep" | "special">,
  kind: MaskKind,
  stream: RandomStream,
): number[] {
  const open = Array.from({ length: ids.length }, (_, at) => at).filter((at) => !special.has(ids[at]));
  if (open.length === 0) return [];
  const steps = Math.ceil(ids.length / idsPerStep);
  const length = kind === "positions" ? steps : 1 + stream.below(steps);
  const first = stream.below(steps - length + 1);
  const voices = new Set<number>();
  if (kind === "voices") {
    const count = 1 + stream.below(Math.max(1, idsPerStep - 1));
    while (voices.size < count) voices.add(stream.below(idsPerStep));
  }
  const share = kind === "positions" || stream.uniform() < 0.5 ? stream.uniform() : 1;
  const masked = open.filter((at) => {
    // The id at 0 isn't of the first step.
    const step = Math.floor((at - 1) / idsPerStep);
    const voice = (at - 1 + idsPerStep) % idsPerStep;
    const inside = step >= first && step < first + length && (voices.size === 0 || voices.has(voice));
    return inside && stream.uniform() < share;
  });
  return masked.length > 0 ? masked : [open[stream.below(open.length)]];
}

/** A batch in which some ids of each row are masked and, where they are, are the targets; masks are drawn from (seed, purpose, number). */
export function maskedBatch(
  batch: Batch,
  rule: MaskRule,
  draw: { readonly seed: number; readonly purpose: string; readonly number: number },
): Batch {
  const stream = randomStream(draw.seed, draw.purpose, draw.number);
  return withMasks(batch, rule, () => stream);
}

function withMasks(batch: Batch, rule: MaskRule, streamOf: (row: number) => RandomStream): Batch {
  const { batchSize, length } = batch;
  const ids = Int32Array.from(batch.ids);
  const targets = new Int32Array(ids.length).fill(-1);
  for (let row = 0; row < batchSize; row++) {
    const stream = streamOf(row);
    const kind = maskKinds[stream.below(maskKinds.length)];
    const window = batch.ids.subarray(row * length, (row + 1) * length);
    for (const at of drawMask(window, rule, kind, stream)) {
      targets[row * length + at] = window[at];
      ids[row * length + at] = rule.maskId;
    }
  }
  const prefixes = new Array<number>(batchSize).fill(length);
  return { ids, targets, batchSize, length, prefixes, places: batch.places };
}

/** Batches with masks out of batches of whole windows: a pure function of (seed, number). */
export function maskedBatches(source: BatchSource, rule: MaskRule, seed: number): BatchSource {
  return (number) => maskedBatch(source(number), rule, { seed, purpose: "masks", number });
}

/**
 * A source's windows, each with one mask, the same at every evaluation and for any size of batches. Where windows overlap, an id is a target in the first of them
 * only: none counts twice.
 */
export function maskedEvaluation(source: EvaluationSource, rule: MaskRule): EvaluationSource {
  return {
    *batches() {
      let windows = 0;
      const seen = new Map<number, number>();
      for (const batch of source.batches()) {
        const first = windows;
        const masked = withMasks(batch, rule, (row) => randomStream(0, "evaluation masks", first + row));
        windows += batch.batchSize;
        uncountSeen(masked, seen);
        yield masked;
      }
    },
  };
}

/** Takes back the targets that an earlier window of the piece had; `seen` says how many ids of each piece have had their window. */
function uncountSeen({ places = [], targets, length }: Batch, seen: Map<number, number>): void {
  for (const [row, { piece, start }] of places.entries()) {
    const before = (seen.get(piece) ?? 0) - start;
    if (before > 0) targets.fill(-1, row * length, row * length + Math.min(before, length));
    seen.set(piece, start + Math.max(before, length));
  }
}
