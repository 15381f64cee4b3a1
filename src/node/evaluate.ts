import { setImmediate } from "node:timers/promises";
import type { BackendChoice } from "../backend/index.js";
import { type Batch, type Dataset, evaluationBatches, type SplitName } from "../dataset/index.js";
import { invalid, unsupported } from "../errors.js";
import { disposeParameters, parametersFrom, type WeightForm } from "../model/index.js";
import { harmonizeScoring, maskRule, prefixRule } from "../run/index.js";
import {
  countTargets,
  type Evaluation,
  evaluateUnlessAborted,
  maskedEvaluation,
  prefixEvaluation,
} from "../train/index.js";
import { chooseBackend } from "./backend.js";
import { readDataset } from "./dataset.js";
import { readModel, type StoredModel } from "./model.js";
import { collectScores, type PieceScore, trainNgram } from "./piece-scores.js";

/** Which model is scored on what. */
export interface EvaluateCheckpointOptions {
  /** A checkpoint's folder, or a training run's. */
  readonly checkpoint: string;
  /** Dataset folder, made with the tokenizer that the checkpoint was trained with. */
  readonly data: string;
  readonly split: SplitName;
  readonly backend?: string;
  /** "f16" and "int8" score the model with its weights in that form too. Default: "f32". */
  readonly weights?: WeightForm;
  /** Windows scored at once. */
  readonly batchSize?: number;
  /** Ids between the starts of windows; default: half the context, or with masked attention the whole. */
  readonly stride?: number;
  /** Whether the end token of each piece is scored. Default: true. */
  readonly scoreEnd?: boolean;
  /** How many targets are scored, one of each of so many equal parts of the split; default: all. */
  readonly targets?: number;
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
  /** The same by piece, in the split's order; pieces are what a bootstrap draws from. */
  readonly pieceScores: readonly PieceScore[];
  readonly checkpoint: string;
  readonly backend: string;
  /** The same model with weights in f16, where that was asked for. */
  readonly f16?: RoundedScore;
  /** The same model with weights in int8, where that was asked for. */
  readonly int8?: RoundedScore;
}

/** What rounded weights make of the same tokens. */
export interface RoundedScore {
  readonly nllPerToken: number;
  readonly nllPerNote: number;
  readonly perplexity: number;
  /** How many nats a token it costs: its `nllPerToken` less that of the floats. */
  readonly cost: number;
}

/** The order of the stronger of the two baselines. */
const NGRAM_ORDER = 4;

/**
 * Scores a checkpoint on a split of a dataset as it is to be used (where attention isn't causal, each target by a pass over its own
 * prefix; see `prefixEvaluation`; where it is masked, the ids under one fixed mask for each window, none twice; where it has an encoder,
 * all voices but the melody), beside a bigram and a 4-gram model fitted on the plain training split (without transposition).
 *
 * @returns undefined where `signal` was aborted
 * @throws AttaccaError naming what is missing or doesn't fit
 */
export async function evaluateCheckpoint(
  options: EvaluateCheckpointOptions,
): Promise<CheckpointEvaluation | undefined> {
  const { split: name, scoreEnd = true, batchSize = 8, signal } = options;
  const stored = await readModel(options.checkpoint);
  const { folder, checkpoint } = stored;
  const dataset = await readDataset(options.data);
  checkTokenizer(stored, options.data, dataset);
  const split = dataset.split(name);
  const { config } = checkpoint;
  const { n_positions: contextLength } = config;
  const { targets = 0 } = options;
  const masked = config.attention === "masked";
  const stride = options.stride ?? (masked ? contextLength : undefined);
  const harmonizes = config.encoder_layers > 0;
  const layout = { contextLength, batchSize, stride, scoreEnd };
  const all = evaluationBatches(split, layout);
  if (masked && targets > 0) {
    throw unsupported("targets", "a model with masked attention", "none: a fixed set of masks is scored");
  }
  if (harmonizes && targets > 0) {
    throw unsupported("targets", "a model that harmonizes", "none: every id but the melody's is scored");
  }
  const source = harmonizes
    ? harmonizeScoring(split, layout)
    : masked
      ? maskedEvaluation(all, maskRule(dataset.tokenizer))
      : prefixEvaluation(all, {
          ...prefixRule(config.attention, dataset),
          targets,
          idsInBatch: batchSize * contextLength,
        });
  let tokens = targets > 0 ? Math.min(targets, all.scoredTokens) : all.scoredTokens;
  if (masked || harmonizes) {
    tokens = 0;
    for (const batch of source.batches()) tokens += countTargets(batch);
  }

  const backend = await chooseBackend(options.backend);
  options.onStart?.({ folder, backend });
  const { weights: asked = "f32" } = options;
  const forms: WeightForm[] = asked === "f32" ? ["f32"] : ["f32", asked];
  const isNote = noteTable(dataset);
  let done = 0;
  let notes = 0;
  const watched = {
    *batches(): Iterable<Batch> {
      for (const batch of source.batches()) {
        yield batch;
        done += countTargets(batch);
        for (const target of batch.targets) if (target >= 0) notes += isNote[target];
        options.onProgress?.(done, forms.length * tokens);
      }
    },
  };
  const pause = async (): Promise<void> => {
    await setImmediate();
  };
  const scores: Evaluation[] = [];
  // A masked id is predicted where it stands; others where the id before them does.
  const byPiece = collectScores(split, masked ? 0 : 1);
  for (const weights of forms) {
    const parameters = parametersFrom(config, checkpoint.parameters, { weights });
    notes = 0;
    try {
      const onScores = weights === "f32" ? byPiece.add : undefined;
      const score = await evaluateUnlessAborted(parameters, config, watched, { signal, pause, onScores });
      if (score === undefined) return undefined;
      scores.push(score);
    } finally {
      disposeParameters(parameters);
    }
  }
  const [score, rounded] = scores;
  const baselines: number[] = [];
  for (const order of [2, NGRAM_ORDER]) {
    baselines.push(byPiece.ngramNll(trainNgram(dataset, order)));
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
    pieceScores: byPiece.pieces(),
    ...(rounded && { [asked]: roundedScore(rounded, score, notes) }),
  };
}

function roundedScore(rounded: Evaluation, score: Evaluation, notes: number): RoundedScore {
  const { nll, nllPerToken } = rounded;
  return {
    nllPerToken,
    nllPerNote: nll / notes,
    perplexity: Math.exp(nllPerToken),
    cost: nllPerToken - score.nllPerToken,
  };
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
  const size = dataset.tokenizer.vocabulary.size + (checkpoint.config.attention === "masked" ? 1 : 0);
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
