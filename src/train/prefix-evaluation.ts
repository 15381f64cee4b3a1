import { isOnePass } from "../model/index.js";
import { randomStream } from "../random.js";
import { type Batch, countTargets, type EvaluationSource, type RowPlace } from "./batch.js";
import { type Bar, barAt, type PrefixRule, rowOf } from "./prefixes.js";

/** Which targets are scored, and in how large batches. */
export interface PrefixEvaluationOptions extends PrefixRule {
  /** How many targets are scored, evenly spread over the source; 0 means all. */
  readonly targets: number;
  /** Ids in a batch, about; a longer prefix stands alone. */
  readonly idsInBatch: number;
}

/** A row to be scored, as far as it is needed. */
interface Row extends Bar {
  readonly ids: Int32Array;
  /** −1 where a target isn't counted. */
  readonly targets: Int32Array;
  readonly place?: RowPlace;
}

/**
 * Batches that score a source's targets as a model is to be used: each by a pass over its own prefix where attention is full; those of
 * one bar together where it is by bars; and all of a window together where it is causal (with lookahead keys too).
 *
 * With `targets` above 0 one target of each of so many equal parts of the source is scored: always the same, whatever the attention.
 */
export function prefixEvaluation(
  source: EvaluationSource,
  options: PrefixEvaluationOptions,
): EvaluationSource {
  const { attention, targets } = options;
  const chosen = targets > 0 ? { batches: () => chosenTargets(source, targets) } : source;
  if (isOnePass(attention)) return chosen;
  return {
    *batches() {
      const byLength = new Map<number, Row[]>();
      for (const batch of chosen.batches()) {
        for (const row of rowsOf(batch, options)) {
          const length = row.last + 1;
          const rows = byLength.get(length);
          if (rows === undefined) byLength.set(length, [row]);
          else rows.push(row);
        }
      }
      for (const [length, rows] of [...byLength].sort(([a], [b]) => a - b)) {
        const most = Math.max(1, Math.floor(options.idsInBatch / length));
        for (let at = 0; at < rows.length; at += most) {
          const batch = batchOf(rows.slice(at, at + most), length);
          yield attention === "full" ? { ...batch, positions: "last" } : batch;
        }
      }
    },
  };
}

/** The batches of a source in which `count` targets are counted. */
function* chosenTargets(source: EvaluationSource, count: number): Iterable<Batch> {
  let total = 0;
  for (const batch of source.batches()) total += countTargets(batch);
  if (total <= count) return yield* source.batches();
  const borderOf = (part: number): number => Math.floor((part * total) / count);
  const drawn = (part: number): number => {
    const size = borderOf(part + 1) - borderOf(part);
    // Not in equal steps: those could always fall on the same voice.
    return borderOf(part) + randomStream(0, "evaluation targets", part).below(size);
  };
  let part = 0;
  let next = drawn(0);
  let index = 0;
  for (const batch of source.batches()) {
    const targets = batch.targets.map((target) => {
      if (target < 0) return target;
      if (index++ !== next) return -1;
      part++;
      next = part < count ? drawn(part) : -1;
      return target;
    });
    yield { ...batch, targets };
  }
}

function* rowsOf(batch: Batch, rule: PrefixRule): Iterable<Row> {
  for (let row = 0; row < batch.batchSize; row++) {
    const { ids, targets } = rowOf(batch, row);
    const place = batch.places?.[row];
    for (let at = 0; at < batch.length; at++) {
      if (targets[at] < 0) continue;
      const bar = rule.attention === "full" ? { first: at, last: at, prefix: at + 1 } : barAt(ids, at, rule);
      let last = at;
      for (let i = at; i <= bar.last; i++) if (targets[i] >= 0) last = i;
      yield { ids, targets, place, prefix: bar.prefix, first: at, last };
      at = bar.last;
    }
  }
}

function batchOf(rows: readonly Row[], length: number): Batch {
  const batchSize = rows.length;
  const ids = new Int32Array(batchSize * length);
  const targets = new Int32Array(batchSize * length).fill(-1);
  for (const [i, row] of rows.entries()) {
    ids.set(row.ids.subarray(0, length), i * length);
    targets.set(row.targets.subarray(row.first, row.last + 1), i * length + row.first);
  }
  const places = rows.flatMap(({ place }) => (place === undefined ? [] : [place]));
  return {
    ids,
    targets,
    batchSize,
    length,
    prefixes: rows.map(({ prefix }) => prefix),
    places: places.length === batchSize ? places : undefined,
  };
}
