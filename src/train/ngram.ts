import { invalid } from "../errors.js";
import { CountTable } from "./count-table.js";

/** A model that looks at the last `order − 1` tokens only; what a neural model has to beat. */
export interface NgramModel {
  readonly order: number;
  readonly vocabularySize: number;
  /** The probability of `ids[position]` after the ids in front of it, above 0. */
  probability(ids: ArrayLike<number>, position: number): number;
}

/**
 * Fits an n-gram model with interpolated Witten–Bell smoothing (Witten & Bell 1991, method C; the recursion is
 * Chen & Goodman 1998, section 2.5):
 *
 *     P(w | h) = (c(h w) + T(h) · P(w | h′)) / (c(h) + T(h))
 *
 * where c counts, T(h) is the number of different tokens seen after h, and h′ is h without its oldest token. Below the
 * unigram stands 1 / vocabularySize, so that every token is possible. There is nothing to tune: the figure depends on
 * the training tokens alone. At a piece's start, where fewer than `order − 1` tokens stand in front, the context is
 * what there is.
 *
 * @param pieces token ids of whole pieces, begin token first; the first token of a piece is context only
 * @param order 1 = unigram, 2 = bigram, 4 = 4-gram
 */
export function fitNgram(
  pieces: Iterable<ArrayLike<number>>,
  options: { readonly order: number; readonly vocabularySize: number },
): NgramModel {
  const { order, vocabularySize } = options;
  if (!(Number.isInteger(order) && order >= 1)) throw invalid("n-gram order", String(order), "1 or more");
  // Contexts are a trie, newest token first: node 0 is the empty context, and the child of a node by one older token
  // has the key node × V + token. The same keys, with the token that followed, count what came after a context.
  const children = new CountTable();
  const following = new CountTable();
  const totals: number[] = [0];
  const kinds: number[] = [0];

  for (const ids of pieces) {
    for (let position = 1; position < ids.length; position++) {
      let node = 0;
      for (let back = 1; ; back++) {
        totals[node]++;
        if (following.increment(node * vocabularySize + ids[position]) === 1) kinds[node]++;
        if (back >= order || position - back < 0) break;
        const key = node * vocabularySize + ids[position - back];
        let child = children.get(key);
        if (child === 0) {
          child = totals.length;
          totals.push(0);
          kinds.push(0);
          children.set(key, child);
        }
        node = child;
      }
    }
  }

  return {
    order,
    vocabularySize,
    probability(ids, position) {
      let estimate = 1 / vocabularySize;
      let node = 0;
      for (let back = 1; ; back++) {
        if (totals[node] > 0) {
          const count = following.get(node * vocabularySize + ids[position]);
          estimate = (count + kinds[node] * estimate) / (totals[node] + kinds[node]);
        }
        if (back >= order || position - back < 0) return estimate;
        node = children.get(node * vocabularySize + ids[position - back]);
        if (node === 0) return estimate;
      }
    },
  };
}

/** The mean negative log-likelihood in nats of every token but each piece's first, as `evaluate` gives it for a model. */
export function ngramNll(
  model: NgramModel,
  pieces: Iterable<ArrayLike<number>>,
): { readonly nllPerToken: number; readonly tokens: number } {
  let sum = 0;
  let tokens = 0;
  for (const ids of pieces) {
    for (let position = 1; position < ids.length; position++) {
      sum -= Math.log(model.probability(ids, position));
      tokens++;
    }
  }
  return { nllPerToken: tokens === 0 ? 0 : sum / tokens, tokens };
}
