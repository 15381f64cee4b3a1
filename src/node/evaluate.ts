import { setImmediate } from "node:timers/promises";
import type { BackendChoice } from "../backend/index.js";
import { type Batch, type Dataset, evaluationBatches, type Split, type SplitName } from "../dataset/index.js";
import { invalid } from "../errors.js";
import { disposeParameters, parametersFrom } from "../model/index.js";
import { countTargets, evaluateUnlessAborted, fitNgram, ngramNll } from "../train/index.js";
import { chooseBackend } from "./backend.js";
import { readDataset } from "./dataset.js";
import { readModel, type StoredModel } from "./model.js";

/** Which model is scored on what. */
export interface EvaluateCheckpointOptions {
  /** A checkpoint's folder, or a training run's. */
  readonly checkpoint: string;
  /** Dataset folder, made with the tokenizer that the checkpoint was trained with. */
  readonly data: string;
  readonly split: SplitName;
  readonly backend?: string;
  /** Windows scored at once. */
  readonly batchSize?: number;
  /** Ids between the starts of windows; default: half the context. */
  readonly stride?: number;
  /** Whether the end token of each piece is scored. Default: true. */
  readonly scoreEnd?: boolean;
  /** Called once everything is loaded. */
  readonly onStart?: (started: { readonly folder: string; readonly backend: BackendChoice }) => void;
  readonly onProgress?: (tokensDone: number, tokens: number) => void;
  readonly signal?: { readonly aborted: boolean };
}

/** A model beside the n-gram models that were fitted on the training split of the same dataset, all on the same tokens. */
export interface CheckpointEvaluation {
  readonly split: SplitName;
  readonly pieces: number;
  /** How many tokens were scored; begin tokens aren't. */
  readonly tokens: number;
  /** How many of them begin a note. */
  readonly notes: number;
  /** Mean negative log-likelihood, nats a token. */
  readonly nllPerToken: number;
  /** All of the negative log-likelihood, shared out over the notes: comparable between tokenizers. */
  readonly nllPerNote: number;
  /** exp(nllPerToken). */
  readonly perplexity: number;
  readonly bigramNll: number;
  readonly ngramNll: number;
  /** Whether the model is better than both. */
  readonly beatsNgrams: boolean;
  readonly checkpoint: string;
  readonly backend: string;
}

/** The order of the stronger of the two baselines. */
const NGRAM_ORDER = 4;

/**
 * Scores a checkpoint on a split of a dataset, beside a bigram and a 4-gram model fitted on the plain training split
 * (without transposition).
 *
 * @returns undefined where `signal` was aborted
 * @throws AttaccaError naming what is missing or doesn't fit
 */
export async function evaluateCheckpoint(
  options: EvaluateCheckpointOptions,
): Promise<CheckpointEvaluation | undefined> {
  const { split: name, scoreEnd = true, batchSize = 8, stride, signal } = options;
  const stored = await readModel(options.checkpoint);
  const { folder, checkpoint } = stored;
  const dataset = await readDataset(options.data);
  checkTokenizer(stored, options.data, dataset);
  const split = dataset.split(name);
  const { config } = checkpoint;
  const source = evaluationBatches(split, {
    contextLength: config.n_positions,
    batchSize,
    stride,
    scoreEnd,
  });

  const backend = await chooseBackend(options.backend);
  options.onStart?.({ folder, backend });
  const parameters = parametersFrom(config, checkpoint.parameters);
  const isNote = noteTable(dataset);
  let done = 0;
  let notes = 0;
  const watched = {
    *batches(): Iterable<Batch> {
      for (const batch of source.batches()) {
        yield batch;
        done += countTargets(batch);
        for (const target of batch.targets) if (target >= 0) notes += isNote[target];
        options.onProgress?.(done, source.scoredTokens);
      }
    },
  };
  try {
    const pause = async (): Promise<void> => {
      await setImmediate();
    };
    const score = await evaluateUnlessAborted(parameters, config, watched, { signal, pause });
    if (score === undefined) return undefined;
    const baselines: number[] = [];
    for (const order of [2, NGRAM_ORDER]) {
      baselines.push(baselineNll(dataset, split, order, scoreEnd));
      await pause();
      if (signal?.aborted) return undefined;
    }
    const [bigramNll, ngram] = baselines;
    return {
      split: name,
      pieces: split.pieceCount,
      tokens: score.tokens,
      notes,
      nllPerToken: score.nllPerToken,
      nllPerNote: score.nll / notes,
      perplexity: Math.exp(score.nllPerToken),
      bigramNll,
      ngramNll: ngram,
      beatsNgrams: score.nllPerToken < Math.min(bigramNll, ngram),
      checkpoint: folder,
      backend: backend.name,
    };
  } finally {
    disposeParameters(parameters);
  }
}

/**
 * Ids mean the same only under the same tokenizer.
 *
 * @throws AttaccaError `invalid` where a checkpoint and a dataset have different ones
 */
export function checkTokenizer(
  { folder, checkpoint, tokenizer }: StoredModel,
  data: string,
  dataset: Dataset,
): void {
  // As this package writes them: files of MidiTok leave out what is its default, and the order of fields counts.
  if (JSON.stringify(dataset.tokenizer.toJSON()) !== JSON.stringify(tokenizer.toJSON())) {
    throw invalid(
      `tokenizer of ${data}`,
      "another than the checkpoint was trained with",
      `the one in ${folder}, tokenizer.json`,
      "Make the dataset with: attacca tokenize … --tokenizer-config CHECKPOINT/tokenizer.json",
    );
  }
  const size = dataset.tokenizer.vocabulary.size;
  if (checkpoint.config.vocab_size !== size) {
    throw invalid(
      `${folder}, vocab_size`,
      String(checkpoint.config.vocab_size),
      `${size}, as the tokenizer has`,
    );
  }
}

function noteTable({ tokenizer }: Dataset): Uint8Array {
  return Uint8Array.from({ length: tokenizer.vocabulary.size }, (_, id) => (tokenizer.isNote(id) ? 1 : 0));
}

function baselineNll(dataset: Dataset, split: Split, order: number, scoreEnd: boolean): number {
  const vocabularySize = dataset.tokenizer.vocabulary.size;
  const model = fitNgram(pieces(dataset.split("train"), true), { order, vocabularySize });
  return ngramNll(model, pieces(split, scoreEnd)).nllPerToken;
}

function* pieces(split: Split, withEnd: boolean): Iterable<Uint16Array> {
  for (let index = 0; index < split.pieceCount; index++) {
    const ids = split.piece(index);
    yield withEnd ? ids : ids.subarray(0, -1);
  }
}
