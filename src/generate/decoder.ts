import type * as tf from "@tensorflow/tfjs-core";
import { invalid, unknown } from "../errors.js";
import { Cache, forward, type ModelConfig, type Parameters } from "../model/index.js";
import { type DecodeMode, decodeModes } from "./choices.js";
import { type Speculation, speculativeDecoder } from "./speculate.js";

/** Weights and their measures. */
export interface LanguageModel {
  readonly parameters: Parameters;
  readonly config: ModelConfig;
}

/** A sample's ids so far, and where the model's window on them begins. */
export interface Sequence {
  /** Which sample this is, the same at every step. */
  readonly sample: number;
  readonly ids: readonly number[];
  readonly start: number;
  /** Which sample of the step before it goes on from, where that is another (a beam search); default: itself. */
  readonly parent?: number;
}

/** Computes logits for sequences that grow. */
export interface Decoder {
  /**
   * The logits of the id that follows each sequence, `[vocabulary]` each.
   *
   * All sequences have one length, and between two calls each has grown by one id, on its own sample's of the call before or on
   * its `parent`'s; samples may leave, and windows may move.
   */
  next(sequences: readonly Sequence[]): Promise<Float32Array[]>;
  /** What came of guessing so far, where it was asked for; see `DecoderOptions`. */
  readonly speculation?: Speculation;
  /** Frees what it holds. It may be used again. */
  dispose(): void;
}

/** What a decoder does beside its mode. */
export interface DecoderOptions {
  /** Guess up to so many ids ahead, and compute their logits in one pass; 0, the default, guesses nothing. */
  readonly speculate?: number;
}

/**
 * A decoder of either mode; both give the same numbers, with and without guessing (see `speculativeDecoder`).
 *
 * @throws AttaccaError `unknown` for another mode, `invalid` for guesses without a cache
 */
export function createDecoder(
  model: LanguageModel,
  mode: DecodeMode,
  { speculate = 0 }: DecoderOptions = {},
): Decoder {
  if (!decodeModes.includes(mode)) throw unknown("decode mode", String(mode), decodeModes);
  if (!Number.isInteger(speculate) || speculate < 0) {
    throw invalid("speculate", String(speculate), "a whole number from 0");
  }
  if (speculate > 0) {
    if (mode !== "cached")
      throw invalid("speculate", `${speculate} with ${mode} decoding`, "cached decoding");
    return speculativeDecoder(model, speculate);
  }
  return mode === "cached" ? cachedDecoder(model) : recomputeDecoder(model);
}

function recomputeDecoder(model: LanguageModel): Decoder {
  return {
    next: (sequences) => byStart(sequences, (start, group) => lastLogits(model, windowsOf(group, start))),
    dispose() {},
  };
}

/** The cache of the samples whose windows begin at one place: row i holds `samples[i]`. */
interface Lane {
  readonly cache: Cache;
  readonly samples: readonly number[];
}

/**
 * Rows of one cache have one length, so samples share a cache as long as their windows begin at the same place. Where
 * they are cut at different places, each place gets a cache, and that one is fed its whole windows once.
 */
function cachedDecoder(model: LanguageModel): Decoder {
  let lanes = new Map<number, Lane>();
  // Every cache from the moment that it holds tensors, so that a failure between two of them frees all.
  const live = new Set<Cache>();
  const keepOnly = (kept: ReadonlySet<Cache>): void => {
    for (const cache of live) {
      if (kept.has(cache)) continue;
      cache.dispose();
      live.delete(cache);
    }
  };
  return {
    async next(sequences) {
      const before = lanes;
      lanes = new Map();
      const logits = await byStart(sequences, (start, group) => {
        const samples = group.map(({ sample }) => sample);
        const lane = before.get(start);
        const rows = group.map(({ sample, parent = sample }) => lane?.samples.indexOf(parent) ?? -1);
        const cache = lane === undefined || rows.includes(-1) ? new Cache() : lane.cache;
        live.add(cache);
        lanes.set(start, { cache, samples });
        if (cache !== lane?.cache) return prime(model, cache, windowsOf(group, start));
        cache.reorder(rows);
        return lastLogits(model, windowsOf(group, start + cache.length), cache);
      });
      keepOnly(new Set([...lanes.values()].map(({ cache }) => cache)));
      return logits;
    },
    dispose() {
      lanes = new Map();
      keepOnly(new Set());
    },
  };
}

function windowsOf(group: readonly Sequence[], from: number): number[][] {
  return group.map(({ ids }) => ids.slice(from));
}

/** Feeds whole windows to an empty cache: once, where all are equal, as at the start of several samples. */
async function prime(
  model: LanguageModel,
  cache: Cache,
  windows: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const [first] = windows;
  if (windows.length === 1 || !windows.every((window) => equalIds(window, first))) {
    return lastLogits(model, windows, cache);
  }
  const [logits] = await lastLogits(model, [first], cache);
  cache.reorder(windows.map(() => 0));
  return windows.map(() => Float32Array.from(logits));
}

function equalIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

/** The logits of the last position of each row, copied off the engine. */
async function lastLogits(
  { parameters, config }: LanguageModel,
  rows: readonly (readonly number[])[],
  cache?: Cache,
): Promise<Float32Array[]> {
  const logits: tf.Tensor3D = forward(parameters, config, rows, { cache, positions: "last" });
  try {
    const values = (await logits.data()) as Float32Array;
    const size = config.vocab_size;
    return rows.map((_, row) => values.slice(row * size, (row + 1) * size));
  } finally {
    logits.dispose();
  }
}

/** Runs `compute` for the sequences of each window start, and gives the results in the sequences' order. */
async function byStart(
  sequences: readonly Sequence[],
  compute: (start: number, group: readonly Sequence[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const results: Float32Array[] = new Array(sequences.length);
  for (const start of new Set(sequences.map((sequence) => sequence.start))) {
    const indices = [...sequences.keys()].filter((i) => sequences[i].start === start);
    const logits = await compute(
      start,
      indices.map((i) => sequences[i]),
    );
    for (const [row, i] of indices.entries()) results[i] = logits[row];
  }
  return results;
}
