import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import type { BackendChoice } from "../backend/index.js";
import type { KernelTimes, SimdBackend } from "../backend/simd/index.js";
import type { Batch } from "../dataset/index.js";
import { readScore } from "../midi/index.js";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  type ModelConfig,
  modelConfig,
  type Parameters,
  parametersFrom,
  parameterValues,
  type WeightForm,
} from "../model/index.js";
import { createTokenizer, type TokenizerName } from "../tokens/index.js";
import { trainingStep, zeroMoments } from "../train/index.js";
import { chooseBackend } from "./backend.js";
import { readBytes } from "./files.js";

/** Measures of models to time; all have a vocabulary of 512. */
export const benchPresets = {
  tiny: { n_positions: 128, n_embd: 128, n_layer: 2, n_head: 2 },
  small: { n_positions: 256, n_embd: 256, n_layer: 4, n_head: 4 },
  medium: { n_positions: 512, n_embd: 512, n_layer: 8, n_head: 8 },
} as const;

/** The name of a preset. */
export type BenchPreset = keyof typeof benchPresets;

/** What is timed, and how often. */
export interface BenchOptions {
  readonly preset: BenchPreset;
  readonly backend: string;
  readonly threads?: number;
  readonly batchSize: number;
  /** Causal unless given. */
  readonly attention?: "causal" | "lookahead";
  /** Steps of training, or rounds of generating or of tokenizing; one more at first isn't counted. */
  readonly rounds: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** What came out. */
export interface BenchResult {
  readonly backend?: BackendChoice;
  readonly tokensPerSecond: number;
  /** Median of a step of training, or of a token (of each sequence), or of a pass over all files. */
  readonly milliseconds: number;
  /** Billions of multiplications and additions a second in training, estimated from the model's size. */
  readonly gflops?: number;
  /** Peak of the whole process, bytes. */
  readonly peakMemory: number;
  /** What each kernel of the simd engine took, in all rounds. */
  readonly kernels?: ReadonlyMap<string, KernelTimes>;
}

/** Times steps of training: forward, backward, clipping, AdamW. */
export async function benchTrain(
  options: BenchOptions & { readonly profile: boolean },
): Promise<BenchResult> {
  const backend = await chooseBackend(options.backend, { threads: options.threads });
  const config = configOf(options);
  const parameters = initialParameters(config, 1);
  const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
  const batch = batchOf(config, options.batchSize);
  const settings = { seed: 1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, clip: 1, learningRate: 1e-3 };
  let kernels: Map<string, KernelTimes> | undefined;
  let step = 0;
  try {
    const milliseconds = await medianTime(options, async () => {
      if (++step === 2 && options.profile && backend.name === "simd") {
        kernels = new Map();
        (tf.backend() as SimdBackend).profile = kernels;
      }
      await trainingStep(model, [batch], { ...settings, step });
    });
    const tokens = options.batchSize * config.n_positions;
    const flops = tokens * flopsOfToken(config, parameters);
    return {
      backend,
      tokensPerSecond: (1000 * tokens) / milliseconds,
      milliseconds,
      gflops: flops / milliseconds / 1e6,
      peakMemory: peakMemory(),
      kernels,
    };
  } finally {
    if (backend.name === "simd") (tf.backend() as SimdBackend).profile = undefined;
    for (const part of [parameters, model.first, model.second]) disposeParameters(part);
  }
}

/** Times greedy generation with a cache, from one token to a full context; the logits are read at every token. */
export async function benchDecode(
  options: BenchOptions & { readonly weights?: WeightForm },
): Promise<BenchResult> {
  const backend = await chooseBackend(options.backend, { threads: options.threads });
  const config = configOf(options);
  const parameters = await initialWeights(config, options.weights);
  const round = async (): Promise<void> => {
    const cache = new Cache();
    let ids = Array.from({ length: options.batchSize }, (_, i) => [i % config.vocab_size]);
    try {
      for (let t = 0; t < config.n_positions; t++) {
        const logits = forward(parameters, config, ids, { cache, positions: "last" });
        const values = await logits.data();
        logits.dispose();
        ids = ids.map((_, i) => [
          highest(values.subarray(i * config.vocab_size, (i + 1) * config.vocab_size)),
        ]);
      }
    } finally {
      cache.dispose();
    }
  };
  try {
    const milliseconds = (await medianTime(options, round)) / config.n_positions;
    const tokensPerSecond = (1000 * options.batchSize) / milliseconds;
    return { backend, tokensPerSecond, milliseconds, peakMemory: peakMemory() };
  } finally {
    disposeParameters(parameters);
  }
}

/** Times reading and encoding the bundled tunes, one thread. */
export async function benchTokenize(
  options: Pick<BenchOptions, "rounds" | "signal" | "onProgress"> & { readonly tokenizer: TokenizerName },
): Promise<BenchResult> {
  const folder = fileURLToPath(new URL("../../data/tunes", import.meta.url));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mid")).sort();
  const files = await Promise.all(names.map((name) => readBytes(join(folder, name))));
  const tokenizer = createTokenizer(options.tokenizer);
  let tokens = 0;
  const milliseconds = await medianTime(options, async () => {
    tokens = 0;
    for (const bytes of files) {
      for (const ids of tokenizer.encode(readScore(bytes).score)) tokens += ids.length;
    }
  });
  return { tokensPerSecond: (1000 * tokens) / milliseconds, milliseconds, peakMemory: peakMemory() };
}

/** The median of all rounds but the first, which warms up. */
async function medianTime(
  { rounds, signal, onProgress }: Pick<BenchOptions, "rounds" | "signal" | "onProgress">,
  round: () => Promise<void>,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= rounds; i++) {
    signal?.throwIfAborted();
    const start = performance.now();
    await round();
    if (i > 0) times.push(performance.now() - start);
    onProgress?.(i);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

async function initialWeights(config: ModelConfig, weights: WeightForm = "f32"): Promise<Parameters> {
  const floats = initialParameters(config, 1);
  if (weights === "f32") return floats;
  try {
    return parametersFrom(config, await parameterValues(floats), { weights });
  } finally {
    disposeParameters(floats);
  }
}

function configOf({ preset, attention }: Pick<BenchOptions, "preset" | "attention">): ModelConfig {
  return modelConfig({ vocab_size: 512, ...benchPresets[preset], attention });
}

/** Ids without any meaning; which ones they are makes no difference to the time. */
function batchOf(config: ModelConfig, batchSize: number): Batch {
  const length = config.n_positions;
  const ids = Int32Array.from({ length: batchSize * length + 1 }, (_, i) => (i * 7919) % config.vocab_size);
  return { ids: ids.slice(0, -1), targets: ids.slice(1), batchSize, length };
}

/**
 * Kaplan et al. 2020: six for each weight, and those of attention (half of the square is needed). Lookahead keys take as many again, and
 * for each pair of positions the sum over those in between.
 */
function flopsOfToken(config: ModelConfig, parameters: Parameters): number {
  let weights = 0;
  for (const [name, { size }] of parameters) if (name !== "wpe.weight") weights += size;
  const { n_layer: layers, n_positions: time, n_embd: width, n_head: heads } = config;
  const attention = 6 * time * width;
  const lookahead = config.attention === "lookahead" ? attention + heads * time ** 2 : 0;
  return 6 * weights + layers * (attention + lookahead);
}

function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function peakMemory(): number {
  return 1024 * process.resourceUsage().maxRSS;
}
