/**
 * What a model of pairs makes of the melodies of a split (val unless given), beside a plain model of the same dataset if there is one:
 *
 *     node build/scripts/measure-pairs.js HARMONIZE_RUN DATA [SPLIT] [PLAIN_RUN]
 *
 * Prints the negative log-likelihood of what is written to the melodies (nats an id, each scored once) with the melody of the window in the
 * encoder, with that of another piece, and by the plain model, which hears none; and paired bootstraps over pieces.
 */
import { type Batch, evaluate, evaluationBatches, type SplitName } from "attacca";
import { loadModel } from "attacca/node";
import { readDataset } from "#built/node/dataset.js";
import { collectScores, type PieceScore } from "#built/node/piece-scores.js";
import { harmonizeScoring } from "#built/run/index.js";
import { type PieceSums, pairedDifference } from "#built/study/index.js";

const [runPath, dataPath, splitName = "val", plainPath] = process.argv.slice(2);
if (dataPath === undefined) throw new Error("usage: measure-pairs.js HARMONIZE_RUN DATA [SPLIT] [PLAIN_RUN]");
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const split = (await readDataset(dataPath)).split(splitName as SplitName);

/** Batches in which each row has the melody of a row of another piece: of the one half of the rows away. */
function* others(batches: Iterable<Batch>): Iterable<Batch> {
  const rows = [...batches].flatMap((batch) =>
    Array.from({ length: batch.batchSize }, (_, row) => ({ batch, row })),
  );
  const sourceOf = ({ batch, row }: (typeof rows)[number]): Int32Array => {
    const { ids, length, lengths } = (batch as SourceBatch).sources;
    return ids.slice(row * length, row * length + lengths[row]);
  };
  for (const [at, { batch, row }] of rows.entries()) {
    if (row > 0) continue;
    const given = Array.from({ length: batch.batchSize }, (_, i) =>
      sourceOf(rows[(at + i + Math.floor(rows.length / 2)) % rows.length]),
    );
    const length = Math.max(...given.map((one) => one.length));
    const ids = new Int32Array(batch.batchSize * length);
    for (const [i, one] of given.entries()) ids.set(one, i * length);
    yield { ...batch, sources: { ids, length, lengths: given.map((one) => one.length) } } as Batch;
  }
}

type SourceBatch = Batch & {
  readonly sources: {
    readonly ids: Int32Array;
    readonly length: number;
    readonly lengths: readonly number[];
  };
};

async function score(path: string, given: "own" | "other" | "none") {
  const model = await loadModel(path);
  try {
    const layout = { contextLength: model.config.n_positions, batchSize: 8 };
    const source = given === "none" ? evaluationBatches(split, layout) : harmonizeScoring(split, layout);
    const batches =
      given === "other" ? { batches: () => others(source.batches() as Iterable<Batch>) } : source;
    const byPiece = collectScores(split);
    const { nllPerToken, tokens } = await evaluate(model.parameters, model.config, batches, {
      onScores: byPiece.add,
    });
    return { nllPerToken, tokens, pieces: byPiece.pieces() };
  } finally {
    model.dispose();
  }
}

const own = await score(runPath, "own");
print(`${own.pieces.length} pieces, ${own.tokens} ids, nats an id:`);
print(`  melody of the window      ${own.nllPerToken.toFixed(4)}`);
const other = await score(runPath, "other");
print(`  melody of another window  ${other.nllPerToken.toFixed(4)}`);
compare("own less other", other.pieces);
if (plainPath !== undefined) {
  const plain = await score(plainPath, "none");
  print(`  plain model, no melody    ${plain.nllPerToken.toFixed(4)}`);
  compare("own less plain", plain.pieces);
}

function compare(name: string, pieces: readonly PieceScore[]): void {
  const { mean, low, high } = pairedDifference([sumsOf(own.pieces)], [sumsOf(pieces)], true);
  print(`  ${name.padEnd(24)}  ${mean.toFixed(4)} (95 %: ${low.toFixed(4)} to ${high.toFixed(4)})`);
}

function sumsOf(pieces: readonly PieceScore[]): PieceSums {
  return { tokens: pieces.map(({ tokens }) => tokens), nll: pieces.map(({ nll }) => nll) };
}
