import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { workerData } from "piscina";
import {
  type AnnotatedBeat,
  encodeFile,
  type FileOutcome,
  type Preparation,
  parseBeats,
  prepareScore,
} from "../dataset/index.js";
import { AttaccaError, missing, within } from "../errors.js";
import type { Score } from "../midi/index.js";
import { tokenizerFromJSON } from "../tokens/index.js";
import { fileError } from "./files.js";
import type { SourceFile } from "./tokenize-files.js";

/** Largest MIDI file that is read; real ones are below 1 MiB, and memory for the whole file is needed. */
const MOST_BYTES = 64 * 2 ** 20;

/** What every worker thread is started with. */
export interface WorkerSetup {
  readonly tokenizer: Record<string, unknown>;
  readonly preparation: Preparation;
  /** Where annotated beats are: a file, or a folder of them (`NAME.txt` for `NAME.mid`). */
  readonly beats?: { readonly path: string; readonly isFolder: boolean };
}

const setup = workerData as WorkerSetup;
const tokenizer = tokenizerFromJSON(setup.tokenizer);

/** Encodes a few files. A few: so that passing messages costs nothing beside the work. */
export async function encodeFiles(files: readonly SourceFile[]): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const file of files) outcomes.push(await encodeOne(file));
  return outcomes;
}

async function encodeOne({ path, source }: SourceFile): Promise<FileOutcome> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) {
      return {
        skipped: { source, kind: "unreadable", reason: `${size} bytes; at most ${MOST_BYTES} are read` },
      };
    }
    const beats = setup.beats === undefined ? undefined : await readBeats(source, setup.beats);
    const prepare = (score: Score): Score => {
      if (beats instanceof AttaccaError) throw beats;
      return prepareScore(score, setup.preparation, beats).score;
    };
    return encodeFile(await readFile(path), source, tokenizer, prepare, setup.preparation.melody);
  } catch (error) {
    // The path would make the list depend on where the files lie.
    return { skipped: { source, kind: "unreadable", reason: fileError(source, error).message } };
  }
}

/** The beats of one file, or what is wrong with them: then only this file is skipped. */
async function readBeats(
  source: string,
  { path, isFolder }: { readonly path: string; readonly isFolder: boolean },
): Promise<readonly AnnotatedBeat[] | AttaccaError> {
  const name = source.replace(/\.[^./]*$/, ".txt");
  // The beats may lie in folders as the files do, or all in one.
  const places = isFolder ? [join(path, name), join(path, basename(name))] : [path];
  for (const place of places) {
    const text = await readFile(place, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    try {
      return parseBeats(text);
    } catch (error) {
      if (error instanceof AttaccaError) return within(name, error);
      throw error;
    }
  }
  return missing("annotated beats", `${name} in the folder of beats`);
}
