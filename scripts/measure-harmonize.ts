/**
 * What a model that harmonizes makes of the melodies of a split (the test split unless given), beside a plain model that goes on step by step:
 *
 *     node build/scripts/measure-harmonize.js HARMONIZE_RUN PLAIN_RUN DATA [MELODIES] [SPLIT]
 *
 * Prints the negative log-likelihood of alto, tenor and bass (nats for each id of a 16th) of both, of the first with the melody of another
 * window in the encoder, and of both by piece, with a paired bootstrap; then statistics of MELODIES harmonized pieces (16 unless given,
 * evenly spread, seed 0) and of the same pieces as they are.
 */
import { accompany, evaluate, evaluationBatches, type SplitName, type Tokenizer } from "attacca";
import { loadModel } from "attacca/node";
import { readDataset } from "#built/node/dataset.js";
import { collectScores, type PieceScore } from "#built/node/piece-scores.js";
import { harmonizeAhead, harmonizeRule } from "#built/run/index.js";
import {
  musicStatistics,
  type PieceSums,
  pairedDifference,
  type Steps,
  voiceRanges,
} from "#built/study/index.js";
import { harmonizeEvaluation } from "#built/train/index.js";

const [harmonizePath, plainPath, dataPath, count = "16", splitName = "test"] = process.argv.slice(2);
if (dataPath === undefined)
  throw new Error("usage: measure-harmonize.js HARMONIZE_RUN PLAIN_RUN DATA [MELODIES] [SPLIT]");
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const dataset = await readDataset(dataPath);
const rule = harmonizeRule(dataset.tokenizer);
const split = dataset.split(splitName as SplitName);
const models = { harmonize: await loadModel(harmonizePath), plain: await loadModel(plainPath) };

/** Scores of alto, tenor and bass by piece. */
async function score(name: keyof typeof models, given: "own" | "other" | "none") {
  const { n_positions: contextLength } = models[name].config;
  // Each model as it is used: the plain one sees nothing ahead.
  const ahead = name === "plain" ? 0 : harmonizeAhead(contextLength);
  const windows = evaluationBatches(split, { contextLength, batchSize: 16, scoreEnd: false, ahead });
  const batches = harmonizeEvaluation(windows, rule);
  const byPiece = collectScores(split);
  const source = {
    *batches() {
      for (const batch of batches.batches()) {
        const { sources, ...rest } = batch;
        if (given === "none" || sources === undefined) yield rest;
        else if (given === "own") yield batch;
        else {
          // Each row gets the melody of the row before it.
          const { ids, length, lengths } = sources;
          const moved = Int32Array.of(...ids.subarray(-length), ...ids.subarray(0, -length));
          const others = [lengths.at(-1)!, ...lengths.slice(0, -1)];
          yield { ...rest, sources: { ids: moved, length, lengths: others } };
        }
      }
    },
  };
  const { parameters, config } = models[name];
  const { nllPerToken, tokens } = await evaluate(parameters, config, source, { onScores: byPiece.add });
  return { nllPerToken, tokens, pieces: byPiece.pieces() };
}

const own = await score("harmonize", "own");
const other = await score("harmonize", "other");
const plain = await score("plain", "none");
print(`alto, tenor, bass of ${own.pieces.length} pieces, ${own.tokens} ids, nats an id:`);
print(`  encoder, whole melody of the window   ${own.nllPerToken.toFixed(4)}`);
print(`  encoder, melody of another window     ${other.nllPerToken.toFixed(4)}`);
print(`  plain model, melody up to each step   ${plain.nllPerToken.toFixed(4)}`);
const { mean, low, high } = pairedDifference([sumsOf(own.pieces)], [sumsOf(plain.pieces)], true);
print(
  `  encoder less plain                    ${mean.toFixed(4)} (95 %: ${low.toFixed(4)} to ${high.toFixed(4)})`,
);

const { tokenizer } = dataset;
const train = dataset.split("train");
const ranges = voiceRanges(
  Array.from({ length: train.pieceCount }, (_, i) => stepsOf(train.piece(i), tokenizer)),
);
const real: Steps[] = [];
const written: Steps[] = [];
let drawn = 0;
let milliseconds = 0;
let alike = 0;
let compared = 0;
for (let i = 0; i < Number(count); i++) {
  const piece = split.piece(Math.floor((i * split.pieceCount) / Number(count)));
  const melody = piece.filter((id, at) => at % rule.idsPerStep === 1 && !rule.special.has(id));
  const started = performance.now();
  const found = await accompany({ ...models.harmonize, tokenizer, melody, seed: 0 });
  milliseconds += performance.now() - started;
  drawn += found.drawn;
  for (let at = 1; at < piece.length - 1; at++) {
    if (at % rule.idsPerStep === 1) continue;
    compared++;
    if (found.ids[at] === piece[at]) alike++;
  }
  real.push(stepsOf(piece, tokenizer));
  written.push(stepsOf(found.ids, tokenizer));
}
print(
  `${count} melodies, ${drawn} ids, ${(milliseconds / drawn).toFixed(2)} ms an id; ${percent(alike / compared)} as in the pieces`,
);
for (const [name, pieces] of [
  ["written", written],
  ["pieces", real],
] as const) {
  const { crossing = 0, outOfRange, parallelFifths = 0, repetition } = musicStatistics(pieces, ranges);
  print(
    `  ${name.padEnd(8)} crossing ${percent(crossing)}, out of range ${percent(outOfRange)}, parallel fifths ${parallelFifths.toFixed(2)} of 100 chords, repeated quarters ${percent(repetition)}`,
  );
}
for (const model of Object.values(models)) model.dispose();

function sumsOf(pieces: readonly PieceScore[]): PieceSums {
  return { tokens: pieces.map(({ tokens }) => tokens), nll: pieces.map(({ nll }) => nll) };
}

/** The pitches of a stream's steps, −1 for silence. */
function stepsOf(ids: ArrayLike<number>, { vocabulary }: Tokenizer): number[][] {
  const music = Array.from(ids).filter((id) => !rule.special.has(id));
  return Array.from({ length: Math.floor(music.length / rule.idsPerStep) }, (_, step) =>
    music.slice(step * rule.idsPerStep, (step + 1) * rule.idsPerStep).map((id) => {
      const pitch = /^Pitch_(\d+)$/.exec(vocabulary.nameOf(id))?.[1];
      return pitch === undefined ? -1 : Number(pitch);
    }),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
