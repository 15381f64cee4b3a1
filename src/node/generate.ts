import { access, constants, stat } from "node:fs/promises";
import { dirname, format, parse, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { gridFit, isPoorFit, parseMeter } from "../dataset/index.js";
import { invalid, naming, unknown, unsupported } from "../errors.js";
import {
  type BeamSettings,
  type Continuation,
  type ContinuationOptions,
  continueScore,
  type DecodeMode,
  defaultDecodeMode,
  type MusicConstraints,
  type PromptPreparation,
  type SamplingOptions,
  type Verification,
  verify,
  windowRuleOf,
} from "../generate/index.js";
import { readScore, type Score, writeScore } from "../midi/index.js";
import { generationMemory, type WeightForm } from "../model/index.js";
import { exists, fileError, readBytes, writeAtomic } from "./files.js";
import { checkMemory } from "./memory.js";
import { type LoadedModel, loadModel } from "./model.js";
import { packageVersion } from "./version.js";

/** From a checkpoint and a prompt's file to new files. */
export interface GenerateRun extends SamplingOptions, Partial<BeamSettings> {
  /** A checkpoint's folder, or a training run's. */
  readonly checkpoint: string;
  /** The file to write; several samples get -1, -2, … in front of its extension. */
  readonly out: string;
  /** A MIDI file to go on from. */
  readonly prompt?: string;
  readonly promptBars?: number;
  readonly bars?: number;
  readonly tokens?: number;
  readonly allowEnd?: boolean;
  /** Quarters a minute, without a prompt. */
  readonly tempo?: number;
  readonly align?: PromptPreparation["align"];
  /** The prompt's meter where its file is wrong about it: `3/4`. */
  readonly timeSignature?: string;
  readonly decode?: DecodeMode;
  /** Guess up to so many ids ahead; the music stays the same. */
  readonly speculate?: number;
  readonly seed?: number;
  readonly count?: number;
  /** What new notes keep to, a melody excepted: that is a file. */
  readonly constraints?: Omit<MusicConstraints, "keep">;
  /** A MIDI file whose notes stay as they are, and get others around them. */
  readonly keep?: string;
  /** Names or numbers (from 1) of the file's tracks that are kept; default: all. */
  readonly keepTracks?: readonly string[];
  readonly verify?: boolean;
  readonly backend?: string;
  /** Form of the weights; "f32" unless given. */
  readonly weights?: WeightForm;
  /** Whether files that are there are replaced. */
  readonly force?: boolean;
  /** Version of this package, for the files' text. Default: this one. */
  readonly attacca?: string;
  readonly signal?: { readonly aborted: boolean };
  /** Called once everything is loaded. */
  readonly onStart?: (model: LoadedModel) => void;
  /** Called as the work goes on; `share` is 0 to 1. */
  readonly onProgress?: (phase: "generate" | "verify", share: number, text: string) => void;
}

/** What was generated, and what it took. */
export interface GenerateResult {
  readonly decode: DecodeMode;
  readonly continuation: Continuation;
  /** Written files, one for each sample. */
  readonly files: readonly string[];
  readonly tokens: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly backend: string;
  readonly checkpoint: string;
  readonly checkpointHash: string;
  /** Of all streams together. */
  readonly verification?: Verification;
  readonly interrupted: boolean;
  readonly warnings: readonly string[];
}

/**
 * Generates and writes one MIDI file for each sample. Where `signal` is aborted, what is there by then is written.
 *
 * @throws AttaccaError before anything is computed where a file is in the way or an input is wrong
 */
export async function generateFiles(run: GenerateRun): Promise<GenerateResult> {
  const targets = targetFiles(run.out, run.count ?? 1);
  await checkTargets(targets, run.force ?? false);
  const prompt = run.prompt === undefined ? undefined : await readPrompt(run.prompt);
  const melody = run.keep === undefined ? undefined : await readMelody(run.keep, run.keepTracks);
  const preparation = preparationOf(run);
  const model = await loadModel(run.checkpoint, run.backend, run.weights);
  try {
    if (run.verify && model.config.attention === "full") {
      const hint = "It is decoded by recompute only: there is nothing to compare";
      throw unsupported("verify", "a model with full attention", "causal attention, or by bars", hint);
    }
    const { beams } = run;
    const count = beams ?? run.count ?? 1;
    checkMemory(
      generationMemory(model.config, count).total,
      model.backend.name,
      `${count} ${beams ? "beams" : "samples"} at once`,
      beams ? "Use fewer --beams" : "Use a smaller --count: a sample is the same whatever the count",
    );
    run.onStart?.(model);
    const { continuation, tokens, seconds } = await runContinuation(run, model, {
      prompt: prompt?.score,
      preparation,
      constraints: run.constraints || melody ? { ...run.constraints, keep: melody?.score } : undefined,
    });
    const interrupted = continuation.samples.some(({ stopped }) => stopped === "aborted");
    const files = tokens > 0 ? targets.slice(0, continuation.samples.length) : [];
    for (const [sample, file] of files.entries()) {
      await writeAtomic(file, writeScore(continuation.samples[sample].score));
    }
    const verification =
      run.verify && !interrupted ? await verifyContinuation(run, model, continuation) : undefined;
    return {
      continuation,
      decode: run.decode ?? defaultDecodeMode(model.config),
      files,
      tokens,
      seconds,
      tokensPerSecond: tokens / Math.max(seconds, 1e-9),
      backend: model.backend.name,
      checkpoint: model.folder,
      checkpointHash: model.hash,
      verification,
      interrupted: interrupted || run.signal?.aborted === true,
      warnings: [...(prompt?.warnings ?? []), ...(melody?.warnings ?? []), ...continuation.warnings],
    };
  } finally {
    model.dispose();
  }
}

/** What a continuation is given, read from its files. */
interface MusicGiven {
  readonly prompt: ContinuationOptions["prompt"];
  readonly preparation: PromptPreparation;
  readonly constraints: MusicConstraints | undefined;
}

async function runContinuation(
  run: GenerateRun,
  model: LoadedModel,
  given: MusicGiven,
): Promise<{ continuation: Continuation; tokens: number; seconds: number }> {
  let tokens = 0;
  const breathe = breather();
  const started = performance.now();
  const secondsSince = (): number => (performance.now() - started) / 1000;
  const continuation = await continueScore({
    ...run,
    ...model,
    ...given,
    provenance: { version: run.attacca ?? packageVersion(), checkpoint: `sha256:${model.hash}` },
    async onStep(progress) {
      tokens = progress.tokens;
      const speed = `· ${Math.round(tokens / secondsSince())} tokens/s`;
      run.onProgress?.("generate", progress.share, speed);
      await breathe();
    },
  });
  return { continuation, tokens, seconds: secondsSince() };
}

async function verifyContinuation(
  run: GenerateRun,
  model: LoadedModel,
  { streams }: Continuation,
): Promise<Verification | undefined> {
  const breathe = breather();
  let all: Verification | undefined;
  for (const [index, stream] of streams.entries()) {
    const one = await verify({
      ...model,
      ...windowRuleOf(model.tokenizer),
      ...stream,
      signal: run.signal,
      async onProgress(done, total) {
        run.onProgress?.("verify", (index + done / total) / streams.length, "");
        await breathe();
      },
    });
    const worse = all === undefined || one.maxDifference > all.maxDifference ? one : all;
    all = {
      ...worse,
      positions: one.positions + (all?.positions ?? 0),
      slides: one.slides + (all?.slides ?? 0),
    };
  }
  return run.signal?.aborted ? undefined : all;
}

/** Lets the event loop run now and then, so that Ctrl-C is heard: the engines compute without ever leaving the thread. */
export function breather(everyMilliseconds = 20): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < everyMilliseconds) return;
    await setImmediate();
    last = performance.now();
  };
}

/** Reads a MIDI file for its music. @throws AttaccaError naming the file. */
export async function readPrompt(path: string): Promise<{ score: Score; warnings: string[] }> {
  const bytes = await readBytes(path);
  const { score, warnings } = naming(path, () => readScore(bytes));
  return { score, warnings: warnings.map(({ message, byte }) => `${path}, byte ${byte}: ${message}`) };
}

/** Reads a MIDI file for a melody: all of its tracks, or some by name or number. */
async function readMelody(
  path: string,
  tracks: readonly string[] | undefined,
): Promise<{ score: Score; warnings: string[] }> {
  const { score, warnings } = await readPrompt(path);
  const fit = gridFit(score);
  if (isPoorFit(fit)) {
    const off = `${fit.meanDistance.toFixed(2)} of a 16th off its own grid on average`;
    warnings.push(`${path}: the melody's notes are ${off}: what is written around them keeps to the grid`);
  }
  if (tracks === undefined) return { score, warnings };
  const named = (one: string): number => {
    const index = score.tracks.findIndex(
      ({ name }) => name.trim().toLowerCase() === one.trim().toLowerCase(),
    );
    return index >= 0 ? index : Number(one) - 1;
  };
  const chosen = tracks.map((one) => {
    const track = score.tracks[named(one)];
    if (track !== undefined) return track;
    const known = score.tracks.map(({ name }, i) => (name === "" ? String(i + 1) : name));
    throw unknown(`track of ${path}`, one, known);
  });
  return { score: { ...score, tracks: chosen }, warnings };
}

function preparationOf({ align = "auto", timeSignature }: GenerateRun): PromptPreparation {
  return { align, timeSignature: timeSignature === undefined ? undefined : parseMeter(timeSignature) };
}

/** `song.mid` for one sample; `song-1.mid`, `song-2.mid`, … for several. */
function targetFiles(out: string, count: number): string[] {
  if (count === 1) return [out];
  const { dir, name, ext, root } = parse(out);
  return Array.from({ length: count }, (_, i) => format({ dir, root, name: `${name}-${i + 1}`, ext }));
}

/** Refuses files that can't be written, or are there already. @throws AttaccaError naming the file */
export async function checkTargets(targets: readonly string[], force: boolean): Promise<void> {
  for (const path of targets) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw invalid(path, "a folder", "the name of a file to write");
    if (found !== undefined && !force) {
      throw invalid(path, "a file that is there already", "a new name", "--force replaces it");
    }
  }
  // A long computation must not end at a folder that can't be written.
  let folder = dirname(resolve(targets[0]));
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  if (!(await stat(folder)).isDirectory())
    throw invalid(folder, "a file where a folder should be", "a folder");
  await access(folder, constants.W_OK).catch((error) => {
    throw fileError(folder, error);
  });
}
