import { Cache, forward } from "../model/index.js";
import type { Decoder, LanguageModel, Sequence } from "./decoder.js";

/** What came of guessing ids ahead. */
export interface Speculation {
  /** Ids that were guessed and sent through the model. */
  readonly drafted: number;
  /** Those of them that were then drawn. */
  readonly accepted: number;
}

/** The longest run of ids that is looked up. Longer ones find little more, and cost time at each place. */
const LONGEST_MATCH = 16;

/**
 * Guesses how a sequence goes on, by looking it up in itself: finds the earlier place whose ids agree with the newest
 * ones for longest (of equals the latest), and gives the ids that followed there. A guess that runs into the end of the
 * sequence goes on with itself: what repeats every four ids is guessed to go on so. (Prompt lookup decoding, Saxena
 * 2023.)
 *
 * @param start where to begin to look
 * @param count how many ids to guess
 * @returns `count` ids, or none where the newest id hasn't been there before
 */
export function draftIds(ids: readonly number[], start: number, count: number): number[] {
  const end = ids.length - 1;
  let longest = 0;
  let place = -1;
  for (let at = end - 1; at >= start && longest < LONGEST_MATCH; at--) {
    let length = 0;
    while (length < LONGEST_MATCH && at - length >= start && ids[at - length] === ids[end - length]) length++;
    if (length > longest) {
      longest = length;
      place = at;
    }
  }
  if (place === -1) return [];
  const draft: number[] = [];
  for (let next = place + 1; draft.length < count; next++) {
    draft.push(next <= end ? ids[next] : draft[next - end - 1]);
  }
  return draft;
}

/** What was last computed for one sample. */
interface Row {
  readonly start: number;
  readonly cache: Cache;
  /** The ids whose logits are there: the newest at the time, and guesses behind it. */
  chunk: readonly number[];
  /** Index in the sequence of the chunk's first id. */
  from: number;
  /** [chunk, vocabulary] */
  logits: Float32Array;
}

/**
 * A cached decoder that feeds up to `count` guessed ids behind the newest one. Where the id that is then drawn is the
 * guessed one, its successor's logits are there already; where it isn't, the cache is rewound and the true id is fed.
 *
 * It computes logits and nothing else: what is drawn from them doesn't know of the guesses. Each id is therefore drawn from
 * the model's distribution at its own position, with its own random number, as without guesses, and the
 * ids are the same, not only their distribution. (With rejection sampling, Leviathan et al. 2023, only the
 * distribution would be.) One thing is left: a pass over several positions sums in another order than one over a
 * single position, so logits differ in their last bits, as those of the two ways of decoding do; an id could differ where
 * its random number, or the second-best logit, lies within that of the border.
 *
 * Each sample has a cache of its own, as each accepts another number of guesses.
 */
export function speculativeDecoder(
  { parameters, config }: LanguageModel,
  count: number,
): Decoder & { readonly speculation: Speculation } {
  const rows = new Map<number, Row>();
  let drafted = 0;
  let accepted = 0;

  async function feed(
    row: Row,
    ids: readonly number[],
    from: number,
    draft: readonly number[],
  ): Promise<void> {
    const fed = [...ids.slice(from), ...draft];
    // Of a window that is fed anew the last position is wanted only.
    const positions = draft.length > 0 ? "all" : "last";
    const logits = forward(parameters, config, [fed], { cache: row.cache, positions });
    try {
      row.logits = (await logits.data()).slice() as Float32Array;
    } finally {
      logits.dispose();
    }
    row.from = ids.length - 1;
    row.chunk = fed.slice(-1 - draft.length);
  }

  async function next(sequence: Sequence, primed: Sequence | undefined): Promise<Float32Array> {
    const { sample, ids, start } = sequence;
    let row = rows.get(sample);
    if (row === undefined || row.start !== start) {
      row?.cache.dispose();
      const twin = primed && isSameWindow(primed, sequence) ? rows.get(primed.sample)! : undefined;
      row = twin
        ? { ...twin, cache: twin.cache.fork() }
        : { start, cache: new Cache(), chunk: [], from: 0, logits: new Float32Array() };
      rows.set(sample, row);
      if (twin === undefined) await feed(row, ids, start, []);
    } else {
      const at = ids.length - 1 - row.from;
      if (at < row.chunk.length && ids[ids.length - 1] === row.chunk[at]) accepted++;
      else {
        const length = ids.length - 1 - start;
        row.cache.rewind(length);
        const room = Math.min(count, config.n_positions - length - 1);
        const draft = draftIds(ids, start, room);
        drafted += draft.length;
        await feed(row, ids, ids.length - 1, draft);
      }
    }
    const at = ids.length - 1 - row.from;
    return row.logits.slice(at * config.vocab_size, (at + 1) * config.vocab_size);
  }

  return {
    get speculation() {
      return { drafted, accepted };
    },
    async next(sequences) {
      const going = new Set(sequences.map(({ sample }) => sample));
      for (const [sample, { cache }] of rows) {
        if (going.has(sample)) continue;
        cache.dispose();
        rows.delete(sample);
      }
      const results: Float32Array[] = [];
      let primed: Sequence | undefined;
      for (const sequence of sequences) {
        const before = rows.get(sequence.sample);
        results.push(await next(sequence, primed));
        if (rows.get(sequence.sample) !== before) primed = sequence;
      }
      return results;
    },
    dispose() {
      for (const { cache } of rows.values()) cache.dispose();
      rows.clear();
    },
  };
}

/** Whether two sequences' windows are the same, as at the start of several samples of one prompt. */
function isSameWindow(a: Sequence, b: Sequence): boolean {
  return (
    a.start === b.start &&
    a.ids.length === b.ids.length &&
    a.ids.every((id, i) => i < a.start || id === b.ids[i])
  );
}
