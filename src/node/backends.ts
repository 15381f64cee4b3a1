import * as tf from "@tensorflow/tfjs-core";
import type { BackendName } from "../backend/index.js";
import { AttaccaError } from "../errors.js";
import {
  Cache,
  disposeParameters,
  forward,
  initialParameters,
  modelConfig,
  type Parameters,
} from "../model/index.js";
import { trainingStep, zeroMoments } from "../train/index.js";
import { chooseBackend } from "./backend.js";
import { type StartSimdOptions, startSimd } from "./simd.js";
import { startWebGpu } from "./webgpu.js";

/** What an engine is on this machine. */
export interface BackendReport {
  readonly name: BackendName;
  /** Whether it runs here. */
  readonly runs: boolean;
  /** What it is, or why it doesn't run. */
  readonly what: string;
  /** Threads, limits, optional features: what there is to say. */
  readonly details: Readonly<Record<string, number | string | boolean | readonly string[]>>;
  /** Tokens a second of training a small model, if it was measured. */
  readonly training?: number;
  /** Tokens a second of generating with it, one after the other. */
  readonly generating?: number;
}

/** What is looked at, and how long. */
export interface BackendReportOptions extends StartSimdOptions {
  /** Seconds of each measurement, of two an engine; 0 measures nothing. Each has one round more at first. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** The model that is measured: small, so that the slowest engine is through in seconds. */
const config = modelConfig({ vocab_size: 256, n_positions: 64, n_embd: 128, n_layer: 2, n_head: 2 });
const BATCH = 8;

/** Starts an engine, asks what it is and measures it. It stays the one that computes. */
export async function reportBackend(
  name: BackendName,
  options: BackendReportOptions,
): Promise<BackendReport> {
  let what: string;
  try {
    what = (await chooseBackend(name, options)).why.replace(/; asked for$/, "");
  } catch (error) {
    if (!(error instanceof AttaccaError)) throw error;
    return { name, runs: false, what: error.message, details: {} };
  }
  const details = await detailsOf(name, options);
  if (options.seconds === 0) return { name, runs: true, what, details };
  const parameters = initialParameters(config, 1);
  try {
    const training = await measureTraining(parameters, options);
    const generating = await measureGenerating(parameters, options);
    return { name, runs: true, what, details, training, generating };
  } finally {
    disposeParameters(parameters);
  }
}

async function detailsOf(name: BackendName, options: StartSimdOptions): Promise<BackendReport["details"]> {
  if (name === "webgpu") {
    const { name: device, ...limits } = await startWebGpu({ software: true });
    return { device, ...limits };
  }
  if (name !== "simd") return {};
  const { threads, build, allocator } = await startSimd(options);
  return { threads, build, memoryLimit: allocator.use().limit };
}

/** Tokens a second of what `round` does: so many rounds as fit into the time, one at least, and one before. */
async function measure(
  tokens: number,
  { seconds, signal }: BackendReportOptions,
  round: () => Promise<void>,
): Promise<number> {
  await round();
  signal?.throwIfAborted();
  const start = performance.now();
  let rounds = 0;
  let passed = 0;
  while (rounds === 0 || passed < 1000 * seconds) {
    await round();
    signal?.throwIfAborted();
    rounds++;
    passed = performance.now() - start;
  }
  return (1000 * rounds * tokens) / passed;
}

async function measureTraining(parameters: Parameters, options: BackendReportOptions): Promise<number> {
  const model = { config, parameters, first: zeroMoments(config), second: zeroMoments(config) };
  const length = config.n_positions;
  const ids = Int32Array.from({ length: BATCH * length + 1 }, (_, i) => (i * 7919) % config.vocab_size);
  const batch = { ids: ids.slice(0, -1), targets: ids.slice(1), batchSize: BATCH, length };
  const settings = { seed: 1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, clip: 1, learningRate: 1e-4 };
  let step = 0;
  try {
    return await measure(BATCH * length, options, async () => {
      await trainingStep(model, [batch], { ...settings, step: ++step });
    });
  } finally {
    for (const moments of [model.first, model.second]) disposeParameters(moments);
  }
}

/** Logits are read at every token, as whoever draws the next one does. */
async function measureGenerating(parameters: Parameters, options: BackendReportOptions): Promise<number> {
  const tokens = 16;
  return measure(tokens, options, async () => {
    const cache = new Cache();
    try {
      for (let t = 0; t < tokens; t++) {
        const logits = tf.tidy(() => forward(parameters, config, [[t]], { cache, positions: "last" }));
        await logits.data();
        logits.dispose();
      }
    } finally {
      cache.dispose();
    }
  });
}
