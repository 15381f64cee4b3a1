import { readFile, stat } from "node:fs/promises";
import { workerData } from "piscina";
import { encodeFile, type FileOutcome } from "../dataset/index.js";
import { tokenizerFromJSON } from "../tokens/index.js";
import { fileError } from "./files.js";
import type { SourceFile } from "./tokenize-files.js";

/** Largest MIDI file that is read; real ones are below 1 MiB, and memory for the whole file is needed. */
const MOST_BYTES = 64 * 2 ** 20;

/** What every worker thread is started with. */
export interface WorkerSetup {
  readonly tokenizer: Record<string, unknown>;
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
    return encodeFile(await readFile(path), source, tokenizer);
  } catch (error) {
    // The path would make the list depend on where the files lie.
    return { skipped: { source, kind: "unreadable", reason: fileError(source, error).message } };
  }
}
