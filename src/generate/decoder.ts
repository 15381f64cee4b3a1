import type * as tf from "@tensorflow/tfjs-core";
import { invalid, missing, unknown, unsupported } from "../errors.js";
import {
  Cache,
  type ForwardOptions,
  forward,
  isOnePass,
  type ModelConfig,
  type Parameters,
} from "../model/index.js";
import { type DecodeMode, decodeModes } from "./choices.js";
import { refuseEncoder } from "./refuse-encoder.js";
import { type Speculation, speculativeDecoder } from "./speculate.js";
import type { WindowRule } from "./window.js";

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
export interface DecoderOptions extends Pick<WindowRule, "finished"> {
  /** Guess up to so many ids ahead, and compute their logits in one pass; 0, the default, guesses nothing. */
  readonly speculate?: number;
}

/** How a model is decoded where nothing is said: with a cache, if it can be. */
export function defaultDecodeMode({ attention }: Pick<ModelConfig, "attention">): DecodeMode {
  return attention === "full" ? "recompute" : "cached";
}

/**
 * A decoder of either mode; both give the same numbers, with and without guessing (see `speculativeDecoder`).
 *
 * With attention by bars the cache is filled anew at each bar line, when the bars in front of it can be seen in both directions, and
 * kept in between.
 *
 * @throws AttaccaError `unknown` for another mode; `unsupported` for a cache with full attention, where every position changes
 *   with each new id; `invalid` for guesses without a cache or with attention by bars; `missing` without `finished` for the latter
 */
export function createDecoder(
  model: LanguageModel,
  mode: DecodeMode,
  { speculate = 0, finished }: DecoderOptions = {},
): Decoder {
  if (!decodeModes.includes(mode)) throw unknown("decode mode", String(mode), decodeModes);
  const { attention } = model.config;
  refuseMasked(model.config);
  refuseEncoder(model.config);
  if (attention === "full" && mode === "cached") {
    const hint = "With full attention every position changes with each new one: there is nothing to keep";
    throw unsupported("decode mode", "cached for a model with full attention", "recompute", hint);
  }
  if (attention === "bar" && finished === undefined) {
    throw missing("finished", "how many ids stand in finished bars, for a model with attention by bars");
  }
  if (!Number.isInteger(speculate) || speculate < 0) {
    throw invalid("speculate", String(speculate), "a whole number from 0");
  }
  if (speculate > 0) {
    if (mode !== "cached")
      throw invalid("speculate", `${speculate} with ${mode} decoding`, "cached decoding");
    if (attention === "bar")
      throw invalid("speculate", `${speculate} with attention by bars`, "causal attention");
    return speculativeDecoder(model, speculate);
  }
  const prefixOf = ({ ids, start }: Sequence): number | undefined => {
    if (isOnePass(attention)) return undefined;
    return attention === "full" ? ids.length - start : finished!(ids, start, ids.length);
  };
  return mode === "cached" ? cachedDecoder(model, prefixOf) : recomputeDecoder(model, prefixOf);
}

/**
 * Refuses a model that only fills gaps.
 *
 * @throws AttaccaError `unsupported`
 */
export function refuseMasked({ attention }: Pick<ModelConfig, "attention">): void {
  if (attention !== "masked") return;
  const hint = "It fills in bars and voices: attacca infill";
  throw unsupported("going on", "a model with masked attention", "causal attention", hint);
}

/** How many of a window's first ids see each other in both directions; undefined where attention is causal. */
type PrefixOf = (sequence: Sequence) => number | undefined;

function recomputeDecoder(model: LanguageModel, prefixOf: PrefixOf): Decoder {
  return {
    next: (sequences) =>
      byKey(
        sequences,
        ({ start }) => start,
        (group) => {
          const prefixes = group.map(prefixOf).filter((prefix) => prefix !== undefined);
          const known = prefixes.length > 0 ? prefixes : undefined;
          return lastLogits(model, windowsOf(group, group[0].start), { prefixes: known });
        },
      ),
    dispose() {},
  };
}

/** The cache of the samples whose windows, and whose prefixes, begin and end at the same places: row i holds `samples[i]`. */
interface Lane {
  readonly cache: Cache;
  readonly samples: readonly number[];
}

/**
 * Rows of one cache have one length, so samples share a cache as long as their windows begin at the same place. Where
 * they are cut at different places, each place gets a cache, and that one is fed its whole windows once. So does each prefix.
 */
function cachedDecoder(model: LanguageModel, prefixOf: PrefixOf): Decoder {
  let lanes = new Map<string, Lane>();
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
      const keyOf = (sequence: Sequence): string => `${sequence.start} ${prefixOf(sequence)}`;
      const logits = await byKey(sequences, keyOf, (group) => {
        const [{ start }] = group;
        const key = keyOf(group[0]);
        const samples = group.map(({ sample }) => sample);
        const lane = before.get(key);
        const rows = group.map(({ sample, parent = sample }) => lane?.samples.indexOf(parent) ?? -1);
        const cache = lane === undefined || rows.includes(-1) ? new Cache() : lane.cache;
        live.add(cache);
        lanes.set(key, { cache, samples });
        if (cache !== lane?.cache) {
          return prime(model, cache, windowsOf(group, start), prefixOf(group[0]));
        }
        cache.reorder(rows);
        return lastLogits(model, windowsOf(group, start + cache.length), { cache });
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
  prefix: number | undefined,
): Promise<Float32Array[]> {
  const [first] = windows;
  if (windows.length === 1 || !windows.every((window) => equalIds(window, first))) {
    const prefixes = prefix === undefined ? undefined : windows.map(() => prefix);
    return lastLogits(model, windows, { cache, prefixes });
  }
  const prefixes = prefix === undefined ? undefined : [prefix];
  const [logits] = await lastLogits(model, [first], { cache, prefixes });
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
  options: Pick<ForwardOptions, "cache" | "prefixes">,
): Promise<Float32Array[]> {
  const logits: tf.Tensor3D = forward(parameters, config, rows, { ...options, positions: "last" });
  try {
    const values = (await logits.data()) as Float32Array;
    const size = config.vocab_size;
    return rows.map((_, row) => values.slice(row * size, (row + 1) * size));
  } finally {
    logits.dispose();
  }
}

/** Runs `compute` for the sequences of each key, and gives the results in the sequences' order. */
async function byKey<Key>(
  sequences: readonly Sequence[],
  keyOf: (sequence: Sequence) => Key,
  compute: (group: readonly Sequence[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const results: Float32Array[] = new Array(sequences.length);
  const keys = sequences.map(keyOf);
  for (const key of new Set(keys)) {
    const indices = [...keys.keys()].filter((i) => keys[i] === key);
    const logits = await compute(indices.map((i) => sequences[i]));
    for (const [row, i] of indices.entries()) results[i] = logits[row];
  }
  return results;
}
