import { join } from "node:path";
import {
  type Continuation,
  type ContinuationOptions,
  continueScore,
  type DecodeMode,
  decodeModes,
  LOGIT_TOLERANCE,
  windowRuleOf,
} from "../generate/index.js";
import { writeScore } from "../midi/index.js";
import { createTokenizer, pipelineConfig } from "../tokens/index.js";
import { writeDataset } from "./dataset.js";
import { writeAtomic } from "./files.js";
import { breather, readPrompt } from "./generate.js";
import { loadModel } from "./model.js";
import { packagePath } from "./package-path.js";
import { tokenize } from "./tokenize.js";
import { type RunEvent, trainRun } from "./train.js";
import { packageVersion } from "./version.js";

export interface DemoRun extends Pick<ContinuationOptions, "bars" | "seed" | "temperature" | "topP"> {
  readonly checkpoint: string;
  /** A MIDI file to go on from. */
  readonly prompt: string;
  /** The file to write; one that is there is replaced. */
  readonly out: string;
  readonly backend?: string;
  readonly signal?: { readonly aborted: boolean };
  readonly onProgress?: (mode: DecodeMode, share: number, text: string) => void;
}

/** What one way of decoding came to. */
export interface DemoTiming {
  readonly tokens: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  /** What this process alone spent: other programs don't count. */
  readonly processorSeconds: number;
}

export interface DemoResult {
  readonly continuation: Continuation;
  readonly out: string;
  readonly backend: string;
  readonly cached: DemoTiming;
  readonly recompute: DemoTiming;
  /** Whether both gave the same ids. */
  readonly sameIds: boolean;
  /** The largest difference of two logits, over all positions; only where the ids are the same. */
  readonly maxDifference?: number;
  /** Whether both are the same within `LOGIT_TOLERANCE`. */
  readonly agrees: boolean;
  /** Times that the window was cut. */
  readonly slides: number;
}

interface DecodedRun extends DemoTiming {
  readonly continuation: Continuation;
  readonly logits: readonly Float32Array[];
  readonly windowStarts: readonly number[];
}

/** Continues a prompt in both ways, compares them, and writes the file. Undefined where `signal` was aborted. */
export async function runDemo(run: DemoRun): Promise<DemoResult | undefined> {
  const { score: prompt } = await readPrompt(run.prompt);
  const model = await loadModel(run.checkpoint, run.backend);
  const provenance = { version: packageVersion(), checkpoint: `sha256:${model.hash}` };
  const options: ContinuationOptions = { ...run, ...model, prompt, provenance };
  try {
    const results = new Map<DecodeMode, DecodedRun>();
    for (const decode of decodeModes) {
      // The first pass of an engine loads and prepares what it needs: that is neither way's cost.
      await continueScore({ ...options, bars: undefined, tokens: 1, decode });
      results.set(decode, await decodeOnce({ ...options, decode }, run));
      if (run.signal?.aborted) return undefined;
    }
    const [cached, recompute] = decodeModes.map((mode) => results.get(mode) as DecodedRun);
    const sameIds =
      String(cached.continuation.samples[0].ids) === String(recompute.continuation.samples[0].ids);
    const maxDifference = sameIds ? largestDifference(cached.logits, recompute.logits) : undefined;
    await writeAtomic(run.out, writeScore(cached.continuation.samples[0].score));
    return {
      continuation: cached.continuation,
      out: run.out,
      backend: model.backend.name,
      cached: timingOf(cached),
      recompute: timingOf(recompute),
      sameIds,
      maxDifference,
      agrees: maxDifference !== undefined && maxDifference <= LOGIT_TOLERANCE,
      slides: new Set(cached.windowStarts).size - 1,
    };
  } finally {
    model.dispose();
  }
}

async function decodeOnce(options: ContinuationOptions, run: DemoRun): Promise<DecodedRun> {
  const logits: Float32Array[] = [];
  const windowStarts: number[] = [];
  const breathe = breather();
  const started = performance.now();
  const startedProcessor = process.cpuUsage();
  const seconds = (): number => (performance.now() - started) / 1000;
  const continuation = await continueScore({
    ...options,
    ...windowRuleOf(options.tokenizer),
    async onStep({ step, share }) {
      logits.push(step.drawn[0].logits);
      windowStarts.push(step.drawn[0].windowStart);
      const speed = `· ${Math.round(logits.length / seconds())} tokens/s`;
      run.onProgress?.(options.decode ?? "cached", share, speed);
      await breathe();
    },
  });
  const spent = seconds();
  const { user, system } = process.cpuUsage(startedProcessor);
  const tokens = logits.length;
  return {
    continuation,
    logits,
    windowStarts,
    tokens,
    seconds: spent,
    tokensPerSecond: tokens / spent,
    processorSeconds: (user + system) / 1e6,
  };
}

function timingOf({ tokens, seconds, tokensPerSecond, processorSeconds }: DecodedRun): DemoTiming {
  return {
    tokens,
    seconds: Number(seconds.toFixed(3)),
    tokensPerSecond: Number(tokensPerSecond.toFixed(1)),
    processorSeconds: Number(processorSeconds.toFixed(3)),
  };
}

function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  for (const [at, logits] of a.entries()) {
    for (let id = 0; id < logits.length; id++) {
      largest = Math.max(largest, Math.abs(logits[id] - b[at][id]));
    }
  }
  return largest;
}

/** Where a demo's training writes, and how long it trains. */
export interface DemoTraining {
  /** Gets `tunes-dataset` and `tunes-model`; what is there of an earlier demo is replaced. */
  readonly folder: string;
  readonly steps: number;
  readonly backend?: string;
  readonly signal?: AbortSignal;
}

/** Makes a dataset of the bundled tunes and trains a small model on it. */
export async function* trainDemoModel(options: DemoTraining): AsyncGenerator<RunEvent, void, void> {
  const { folder, steps, backend, signal } = options;
  const data = join(folder, "tunes-dataset");
  const tokenizer = createTokenizer("remi", { ...pipelineConfig, numVelocities: 8 });
  const { dataset } = await tokenize({
    paths: [packagePath("data", "tunes")],
    tokenizer: tokenizer.toJSON(),
    preparation: { align: "none" },
    shares: [90, 10, 0],
    signal,
  });
  await writeDataset(data, dataset.files, { force: true, signal });
  yield* trainRun({
    data,
    out: join(folder, "tunes-model"),
    force: true,
    signal,
    options: {
      layers: 2,
      heads: 4,
      width: 96,
      context: 192,
      batchSize: 6,
      steps,
      learningRate: 3e-3,
      dropout: 0,
      evalEvery: Math.max(1, Math.ceil(steps / 4)),
      evalBatches: 8,
      saveEvery: steps,
      label: "tunes",
      backend,
    },
  });
}
