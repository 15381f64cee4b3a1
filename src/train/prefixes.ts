import type { AttentionKind } from "../model/index.js";
import { randomStream } from "../random.js";
import { type Batch, type BatchSource, countTargets } from "./batch.js";

/** How many ids of a window stand in finished bars, when the id at `length` is yet to come; it looks at those before only. */
export type FinishedIds = (ids: ArrayLike<number>, length: number) => number;

/** What a model sees of a prefix. */
export interface PrefixRule {
  readonly attention: AttentionKind;
  /** Needed for attention by bars. */
  readonly finished?: FinishedIds;
}

/** How many prefixes are learned from, and which. */
export interface PrefixSampling extends PrefixRule {
  /** Prefixes of each window; each is a batch of its own. */
  readonly count: number;
  readonly seed: number;
}

/**
 * Batches of sampled prefixes out of batches of whole windows: `count` of them for each, drawn from (seed, number of the whole
 * batch). Their mean loss, by the weights that they bring, is an unbiased estimate of the mean over every prefix of every window.
 *
 * The draws are stratified: draw i falls into the i-th of `count` equal parts of the targets, ordered by their places.
 */
export function sampledPrefixes(source: BatchSource, sampling: PrefixSampling): BatchSource {
  const { count, seed } = sampling;
  return (number) => {
    const base = Math.floor(number / count);
    const stream = randomStream(seed, "prefixes", number);
    const batch = source(base);
    const share = (): number => ((number % count) + stream.uniform()) / count;
    const one = prefixBatch(batch, sampling, share);
    return { ...one, weight: countTargets(batch) / count };
  };
}

/**
 * One prefix of each row of a batch, with what is to be predicted behind it.
 *
 * Full and causal attention: all rows are cut to one length, and their last targets count. The length is that of a target drawn from
 * all of the batch's, so each is as probable as it has targets. Attention by bars: for each row one of its targets is drawn, and all
 * targets of its bar count together as much as the whole row has targets.
 *
 * @param share draws a number from 0 to below 1: which target, of all in the order of their places
 */
export function prefixBatch(batch: Batch, rule: PrefixRule, share: () => number): Batch {
  if (countTargets(batch) === 0) return batch;
  return rule.attention === "bar" ? barBatch(batch, rule, share) : lengthBatch(batch, rule, share());
}

function lengthBatch(batch: Batch, { attention }: PrefixRule, share: number): Batch {
  let rest = Math.floor(share * countTargets(batch));
  let place = -1;
  while (rest >= 0) {
    place++;
    for (let row = 0; row < batch.batchSize; row++)
      if (batch.targets[row * batch.length + place] >= 0) rest--;
  }
  const spans = Array.from({ length: batch.batchSize }, () => ({ first: place, last: place }));
  const prefixes = attention === "full" ? spans.map(() => place + 1) : undefined;
  return { ...cutBatch(batch, place + 1, spans, prefixes), positions: "last" };
}

function barBatch(batch: Batch, rule: PrefixRule, share: () => number): Batch {
  const bars = Array.from({ length: batch.batchSize }, (_, row) => {
    const { ids, targets } = rowOf(batch, row);
    const places = [...targets.keys()].filter((place) => targets[place] >= 0);
    if (places.length === 0) return { first: 0, last: -1, prefix: 0, weight: 0 };
    const bar = barAt(ids, places[Math.floor(share() * places.length)], rule);
    const counted = places.filter((place) => place >= bar.first && place <= bar.last).length;
    return { ...bar, weight: places.length / counted };
  });
  const length = Math.max(...bars.map(({ last }) => last + 1));
  const prefixes = bars.map(({ prefix }) => prefix);
  const cut = cutBatch(batch, length, bars, prefixes);
  const weights = Float32Array.from(cut.targets, (target, i) =>
    target < 0 ? 0 : bars[Math.floor(i / length)].weight,
  );
  return { ...cut, weights };
}

/** Places of a row whose targets are predicted in one pass, and how many ids before them are seen in both directions. */
export interface Bar {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** The bar in which the target of a place is predicted, as far as the row goes. */
export function barAt(ids: ArrayLike<number>, place: number, { finished }: PrefixRule): Bar {
  const prefixAt = (at: number): number => finished?.(ids, at + 1) ?? 0;
  const prefix = prefixAt(place);
  let first = place;
  while (first > 0 && prefixAt(first - 1) === prefix) first--;
  let last = place;
  while (last + 1 < ids.length && prefixAt(last + 1) === prefix) last++;
  return { first, last, prefix };
}

/** The first `length` places of each row, in which the targets of `spans` count. */
function cutBatch(
  batch: Batch,
  length: number,
  spans: readonly { readonly first: number; readonly last: number }[],
  prefixes: readonly number[] | undefined,
): Batch {
  const { batchSize } = batch;
  const ids = new Int32Array(batchSize * length);
  const targets = new Int32Array(batchSize * length).fill(-1);
  for (const [row, { first, last }] of spans.entries()) {
    const from = rowOf(batch, row);
    ids.set(from.ids.subarray(0, length), row * length);
    if (last >= first) targets.set(from.targets.subarray(first, last + 1), row * length + first);
  }
  return { ids, targets, batchSize, length, prefixes, places: batch.places };
}

/** A row's ids and targets, as views. */
export function rowOf(batch: Batch, row: number): { ids: Int32Array; targets: Int32Array } {
  const [from, to] = [row * batch.length, (row + 1) * batch.length];
  return { ids: batch.ids.subarray(from, to), targets: batch.targets.subarray(from, to) };
}
