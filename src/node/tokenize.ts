import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Piscina } from "piscina";
import {
  buildDataset,
  checkPairs,
  type DatasetFiles,
  defaultSplitShares,
  type EncodedPiece,
  type FileOutcome,
  type Preparation,
  readChorales,
  type SkippedFile,
  type SplitShares,
} from "../dataset/index.js";
import { invalid, missing } from "../errors.js";
import { type ChoraleTokenizer, tokenizerFromJSON } from "../tokens/index.js";
import { fileError, readJson } from "./files.js";
import { findSourceFiles, type Part, partOf, type SourceFile } from "./tokenize-files.js";
import type { WorkerSetup } from "./tokenize-worker.js";
import { packageVersion } from "./version.js";

/** Files that a worker takes at a time. */
const FILES_A_TASK = 8;

/** What is encoded, and how. */
export interface TokenizeOptions {
  /** Folders and files. */
  readonly paths: readonly string[];
  /** The tokenizer's JSON. */
  readonly tokenizer: Record<string, unknown>;
  readonly preparation: Preparation;
  /** Where annotated beats are, for `preparation.align` of `beats`: a file, or a folder with `NAME.txt` for `NAME.mid`. */
  readonly beats?: string;
  /** Default: 90 to learn from, 5 to validate, 5 to test. */
  readonly shares?: SplitShares;
  /** Worker threads. Default: one a core. */
  readonly workers?: number;
  readonly part?: Part;
  /** Version of this package, for the manifest. Default: this one. */
  readonly attacca?: string;
  readonly signal?: AbortSignal;
  /** Called once, before the first file. */
  onStart?(files: number, threads: number): void;
  /** Called as files are done. */
  onProgress?(done: number): void;
}

/** What a run of `tokenize` made. */
export interface Tokenized {
  readonly dataset: DatasetFiles;
  /** Files (and pieces of JSON files) that were looked at. */
  readonly files: number;
  /** Files in which the reader had to pass over something. */
  readonly filesWithWarnings: number;
}

/**
 * Encodes files on worker threads and lays them out as a dataset folder, in memory. The bytes don't depend on the
 * number of workers, on the order in which they finish, or on where the files lie.
 *
 * @throws AttaccaError where there is no file, none could be encoded, or the tokenizer can't keep a melody apart; whatever `signal` was aborted with
 */
export async function tokenize(options: TokenizeOptions): Promise<Tokenized> {
  if (options.preparation.melody !== undefined) checkPairs(tokenizerFromJSON(options.tokenizer));
  const found = await findSourceFiles(options.paths);
  if (found.midi.length === 0 && found.json.length === 0) {
    throw missing("MIDI files", `.mid or .midi files in ${options.paths.join(", ")}`, "Check the paths");
  }
  const pieces: EncodedPiece[] = [];
  const skipped: SkippedFile[] = [];
  for (const file of found.json) {
    const read = await readJsonCorpus(file, options.tokenizer);
    pieces.push(...partOf(read.pieces, options.part));
    skipped.push(...partOf(read.skipped, options.part));
  }
  const midi = partOf(found.midi, options.part);
  let filesWithWarnings = 0;
  for (const outcome of await encodeAll(midi, options)) {
    if ("skipped" in outcome) skipped.push(outcome.skipped);
    else {
      pieces.push(outcome.piece);
      if (outcome.warnings > 0) filesWithWarnings++;
    }
  }
  if (pieces.length === 0 && options.part === undefined) {
    throw invalid(
      "input",
      `none of ${skipped.length} files could be encoded`,
      "at least one",
      skipped[0]?.reason,
    );
  }
  const dataset = buildDataset({
    attacca: options.attacca ?? packageVersion(),
    tokenizer: options.tokenizer,
    preparation: options.preparation,
    shares: options.shares ?? defaultSplitShares,
    part: options.part,
    pieces,
    skipped,
  });
  return { dataset, files: pieces.length + skipped.length, filesWithWarnings };
}

async function readJsonCorpus(
  file: SourceFile,
  json: Record<string, unknown>,
): Promise<ReturnType<typeof readChorales>> {
  const tokenizer = tokenizerFromJSON(json);
  if (tokenizer.name !== "chorale") {
    throw invalid(file.source, `a JSON file for the tokenizer ${tokenizer.name}`, "--tokenizer chorale");
  }
  return readChorales(await readJson(file.path), file.source, tokenizer as ChoraleTokenizer);
}

async function encodeAll(files: readonly SourceFile[], options: TokenizeOptions): Promise<FileOutcome[]> {
  if (files.length === 0) return [];
  const setup: WorkerSetup = {
    tokenizer: options.tokenizer,
    preparation: options.preparation,
    beats: await beatsPlace(files, options),
  };
  const tasks: (readonly SourceFile[])[] = [];
  for (let i = 0; i < files.length; i += FILES_A_TASK) tasks.push(files.slice(i, i + FILES_A_TASK));
  const threads = Math.min(options.workers ?? availableParallelism(), tasks.length);
  const pool = new Piscina({
    filename: new URL("./tokenize-worker.js", import.meta.url).href,
    name: "encodeFiles",
    minThreads: threads,
    maxThreads: threads,
    workerData: setup,
  });
  options.onStart?.(files.length, threads);
  let done = 0;
  // One listener for all tasks; what they were doing is thrown away.
  const stop = (): void => void pool.destroy();
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    options.signal?.throwIfAborted();
    const outcomes = await Promise.all(
      tasks.map(async (task) => {
        const result = await runTask(pool, task, options.signal);
        done += task.length;
        options.onProgress?.(done);
        return result;
      }),
    );
    return outcomes.flat();
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await pool.destroy();
  }
}

async function beatsPlace(
  files: readonly SourceFile[],
  { beats, preparation }: TokenizeOptions,
): Promise<WorkerSetup["beats"]> {
  if (preparation.align !== "beats" || beats === undefined) return undefined;
  const isFolder = await stat(beats).then(
    (found) => found.isDirectory(),
    (error) => Promise.reject(fileError(beats, error)),
  );
  if (isFolder || files.length === 1) return { path: resolve(beats), isFolder };
  throw invalid(
    beats,
    `one file of beats for ${files.length} MIDI files`,
    "a folder with NAME.txt for NAME.mid",
  );
}

/** A worker that dies takes its task with it: then the files are tried one by one, so that only the cause is lost. */
async function runTask(
  pool: Piscina<readonly SourceFile[], FileOutcome[]>,
  task: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<FileOutcome[]> {
  try {
    return await pool.run(task);
  } catch (error) {
    if (signal?.aborted) throw error;
    if (task.length > 1) {
      const outcomes: FileOutcome[] = [];
      for (const file of task) outcomes.push(...(await runTask(pool, [file], signal)));
      return outcomes;
    }
    const reason = `the worker that read it stopped: ${(error as Error).message}`;
    return [{ skipped: { source: task[0].source, kind: "unreadable", reason } }];
  }
}
