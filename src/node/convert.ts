import { resolve } from "node:path";
import {
  checkpointFileNames,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  type WeightDtype,
} from "../checkpoint/index.js";
import { invalid, naming } from "../errors.js";
import { isCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";

/** What to convert, and into what. */
export interface ConvertOptions {
  /** A checkpoint, or the folder of a training run: then its best one. */
  readonly checkpoint: string;
  /** Folder to write. */
  readonly out: string;
  /** How the weights are stored. */
  readonly dtype: WeightDtype;
  /** Replace a checkpoint that is in `out`. */
  readonly force?: boolean;
}

/** What was converted. */
export interface ConvertResult {
  /** The checkpoint that was read. */
  readonly checkpoint: string;
  readonly out: string;
  readonly dtype: WeightDtype;
  /** Bytes of all files, of what was read and of what was written. */
  readonly bytesBefore: number;
  readonly bytes: number;
  /** The most that rounding moved a weight; 0 where nothing was rounded. */
  readonly largestChange: number;
  /** SHA-256 of the weights that were written, in hexadecimal. */
  readonly checkpointHash: string;
}

/**
 * Writes a checkpoint anew, to be shipped: configuration, weights of the wanted type, tokenizer and training record, as
 * `transformers` loads them. The optimizer's state and files of other names stay behind, so training can't be resumed
 * from what is written. What is read isn't touched.
 *
 * @throws AttaccaError naming the folder and what is wrong with it; `invalid` where a weight is too large for `f16`
 */
export async function convertCheckpoint({
  checkpoint,
  out,
  dtype,
  force = false,
}: ConvertOptions): Promise<ConvertResult> {
  const found = await readCheckpoint(checkpoint);
  if (resolve(found.folder) === resolve(out)) {
    throw invalid(out, "the checkpoint that is read", "another folder to write");
  }
  if (!force && (await isCheckpoint(out))) {
    throw invalid(out, "a checkpoint that is there already", "a new name", "--force replaces it");
  }
  const { files, largestChange } = naming(found.folder, () => convertFiles(found.files, dtype));
  await writeCheckpoint(out, files);
  return {
    checkpoint: found.folder,
    out,
    dtype,
    bytesBefore: size(found.files),
    bytes: size(files),
    largestChange,
    checkpointHash: checkpointHash(files),
  };
}

function convertFiles(
  files: ReadonlyMap<string, Uint8Array>,
  dtype: WeightDtype,
): { readonly files: ReadonlyMap<string, Uint8Array>; readonly largestChange: number } {
  const { optimizer: _, ...kept } = checkpointFileNames;
  const wanted = new Set<string>(Object.values(kept));
  const read = new Map([...files].filter(([name]) => wanted.has(name)));
  const { config, parameters } = decodeCheckpoint(read);
  const converted = new Map<string, Uint8Array>(encodeCheckpoint({ config, parameters }, { dtype }));
  // As they are: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
  for (const name of [kept.tokenizer, kept.training]) {
    const bytes = read.get(name);
    if (bytes !== undefined) converted.set(name, bytes);
  }
  const after = decodeCheckpoint(converted).parameters;
  let largestChange = 0;
  for (const [name, values] of parameters) {
    const rounded = after.get(name)!;
    for (let i = 0; i < values.length; i++) {
      const change = Math.abs(values[i] - rounded[i]);
      if (change > largestChange) largestChange = change;
    }
  }
  return { files: converted, largestChange };
}

function size(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}
