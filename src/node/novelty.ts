import type { BackendChoice } from "../backend/index.js";
import { encodeFile, type Split, type SplitName } from "../dataset/index.js";
import { invalid, missing } from "../errors.js";
import { continueScore, cutAt, findSeam } from "../generate/index.js";
import { barMap, readScore } from "../midi/index.js";
import { disposeParameters, parametersFrom } from "../model/index.js";
import { type CorpusPiece, findCopies, type Novelty } from "../novelty/index.js";
import type { Tokenizer } from "../tokens/index.js";
import { chooseBackend } from "./backend.js";
import { readDataset } from "./dataset.js";
import { checkTokenizer } from "./evaluate.js";
import { readBytes } from "./files.js";
import { breather } from "./generate.js";
import { readModel } from "./model.js";
import { findSourceFiles } from "./tokenize-files.js";

/** Whose samples are compared with what. */
export interface NoveltyOptions {
  /** A checkpoint's folder, or a training run's. */
  readonly checkpoint: string;
  /** The dataset that it learned from. */
  readonly data: string;
  /** A folder of MIDI files, or "generated": pieces from nothing, drawn here. */
  readonly samples: string;
  /** The split whose pieces are compared with the training split, too: what music does that nobody copied. */
  readonly split: SplitName;
  /** Generated samples, and bars in each. */
  readonly count: number;
  readonly bars: number;
  readonly seed: number;
  readonly backend?: string;
  /** Called before samples are generated. */
  readonly onStart?: (started: { readonly folder: string; readonly backend: BackendChoice }) => void;
  readonly onProgress?: (share: number) => void;
  readonly signal?: { readonly aborted: boolean };
}

/** A sample by its name: a file, `sample 1`, or a piece of the dataset. */
export interface SampleNovelty extends Novelty {
  readonly name: string;
}

/** The longest runs that stand in the training split: of samples, and of pieces that people wrote. */
export interface NoveltyReport {
  readonly checkpoint: string;
  readonly trainingPieces: number;
  readonly samples: readonly SampleNovelty[];
  readonly split: SplitName;
  /** Pieces of the split, as many as there are samples (if it has them), evenly spread and cut to the samples' mean length. */
  readonly reference: readonly SampleNovelty[];
  /** What repeats the generated samples; absent where they are files. */
  readonly generated?: { readonly seed: number; readonly count: number; readonly bars: number };
}

/**
 * The longest run of each sample that stands in a checkpoint's training split, in any key; beside it the same for pieces that
 * the model didn't learn from.
 *
 * @returns undefined where `signal` was aborted
 * @throws AttaccaError naming what is missing or doesn't fit
 */
export async function evaluateNovelty(options: NoveltyOptions): Promise<NoveltyReport | undefined> {
  const { data, samples: from, split: splitName, seed, count, bars, signal } = options;
  const stored = await readModel(options.checkpoint);
  const dataset = await readDataset(data);
  checkTokenizer(stored, data, dataset);
  const isGenerated = from === "generated";
  const samples = isGenerated ? await generatedSamples(options) : await sampleFiles(from, dataset.tokenizer);
  if (signal?.aborted) return undefined;
  const split = dataset.split(splitName);
  const reference = referencePieces(split, samples);
  const train = dataset.split("train");
  const breathe = breather();
  const pieces: CorpusPiece[] = [];
  for (let i = 0; i < train.pieceCount; i++) {
    pieces.push(pieceOf(train, i));
    await breathe();
    if (signal?.aborted) return undefined;
  }
  const all = [...samples, ...reference];
  const found = findCopies(
    all.map(({ score }) => score),
    pieces,
  );
  const named = found.map((novelty, i): SampleNovelty => ({ name: all[i].name, ...novelty }));
  return {
    checkpoint: stored.folder,
    trainingPieces: train.pieceCount,
    samples: named.slice(0, samples.length),
    split: splitName,
    reference: named.slice(samples.length),
    ...(isGenerated ? { generated: { seed, count, bars } } : {}),
  };
}

function pieceOf(split: Split, index: number): CorpusPiece {
  const score = split.tokenizer.decode([split.piece(index)]);
  return { name: split.record(index).source, score };
}

async function generatedSamples(options: NoveltyOptions): Promise<CorpusPiece[]> {
  const { checkpoint, folder, tokenizer } = await readModel(options.checkpoint);
  const backend = await chooseBackend(options.backend);
  options.onStart?.({ folder, backend });
  const parameters = parametersFrom(checkpoint.config, checkpoint.parameters);
  const breathe = breather();
  try {
    const { samples } = await continueScore({
      ...options,
      parameters,
      config: checkpoint.config,
      tokenizer,
      async onStep({ share }) {
        options.onProgress?.(share);
        await breathe();
      },
    });
    return samples.map(({ score }, i) => ({ name: `sample ${i + 1}`, score }));
  } finally {
    disposeParameters(parameters);
  }
}

/** The files of a folder as the tokenizer hears them, so that they stand on the same grid as the dataset. */
async function sampleFiles(path: string, tokenizer: Tokenizer): Promise<CorpusPiece[]> {
  const { midi } = await findSourceFiles([path]);
  if (midi.length === 0) throw missing(path, "MIDI files");
  const samples: CorpusPiece[] = [];
  for (const { path: file, source } of midi) {
    const bytes = await readBytes(file);
    const outcome = encodeFile(bytes, source, tokenizer);
    if ("skipped" in outcome)
      throw invalid(file, outcome.skipped.reason, "a piece that the tokenizer can write");
    const { score: own } = readScore(bytes);
    const score = tokenizer.decode(outcome.piece.streams);
    const scale = score.ticksPerQuarter / own.ticksPerQuarter;
    const tempos = own.tempos.map((tempo) => ({ ...tempo, tick: Math.round(tempo.tick * scale) }));
    samples.push({ name: source, score: { ...score, tempos } });
  }
  return samples;
}

/** Pieces of a split, at most as many as samples, evenly spread, and cut to the samples' mean number of bars. */
function referencePieces(split: Split, samples: readonly CorpusPiece[]): CorpusPiece[] {
  const count = Math.min(split.pieceCount, samples.length);
  const bars = samples.reduce((sum, { score }) => sum + findSeam(score).bars, 0) / samples.length;
  return Array.from({ length: count }, (_, i) => {
    const { name, score } = pieceOf(split, Math.floor((i * split.pieceCount) / count));
    return { name, score: cutAt(score, Math.round(barMap(score).barStart(Math.round(bars)))) };
  });
}
