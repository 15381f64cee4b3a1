import type { Batch, Dataset, Split } from "../dataset/index.js";
import { fitNgram, type NgramModel } from "../train/index.js";

/** What a model makes of one piece. */
export interface PieceScore {
  /** The piece's file. */
  readonly source: string;
  /** How many of its tokens were scored. */
  readonly tokens: number;
  /** Sum of their negative log-likelihoods, nats. */
  readonly nll: number;
}

/** Collects scores by piece, and which tokens were scored. */
export interface ScoreCollector {
  add(batch: Batch, scores: Float32Array): void;
  /** The pieces of which something was scored, in the split's order. */
  pieces(): PieceScore[];
  /** The mean of an n-gram model on the same tokens. */
  ngramNll(model: NgramModel): number;
}

/** @param ahead how far behind its place in a row a target stands in the piece */
export function collectScores(split: Split, ahead = 1): ScoreCollector {
  const sums = new Map<number, { tokens: number; nll: number; positions: number[] }>();
  return {
    add({ places, targets, length }, scores) {
      for (const [row, { piece, start }] of (places ?? []).entries()) {
        for (let i = 0; i < length; i++) {
          const at = row * length + i;
          if (targets[at] < 0) continue;
          const sum = sums.get(piece) ?? { tokens: 0, nll: 0, positions: [] };
          sums.set(piece, sum);
          sum.tokens++;
          sum.nll += scores[at];
          sum.positions.push(start + i + ahead);
        }
      }
    },
    pieces: () =>
      [...sums]
        .sort(([a], [b]) => a - b)
        .map(([piece, { tokens, nll }]) => ({ source: split.record(piece).source, tokens, nll })),
    ngramNll(model) {
      let sum = 0;
      let tokens = 0;
      for (const [piece, { positions }] of sums) {
        const ids = split.piece(piece);
        for (const position of positions) sum -= Math.log(model.probability(ids, position));
        tokens += positions.length;
      }
      return sum / tokens;
    },
  };
}

/** An n-gram model of a dataset's plain training split (without transposition). */
export function trainNgram(dataset: Dataset, order: number): NgramModel {
  return fitNgram(pieces(dataset.split("train")), {
    order,
    vocabularySize: dataset.tokenizer.vocabulary.size,
  });
}

function* pieces(split: Split): Iterable<Uint16Array> {
  for (let index = 0; index < split.pieceCount; index++) yield split.piece(index);
}
