import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkpointFileNames, checkpointHash, decodeCheckpoint } from "../checkpoint/index.js";
import {
  estimateOffset,
  type GridFit,
  isPoorFit,
  type Preparation,
  type SplitName,
  splitNames,
} from "../dataset/index.js";
import { invalid, naming } from "../errors.js";
import { type MidiWarning, readMidi, type Score, scoreFromMidi } from "../midi/index.js";
import { type ModelConfig, parameterCount } from "../model/index.js";
import { tokenizerFromJSON } from "../tokens/index.js";
import { describeScore, type ScoreDescription } from "../view/index.js";
import { findCheckpoint, readCheckpoint } from "./checkpoint.js";
import { readDatasetFolder } from "./dataset.js";
import { exists, fileError, readBytes } from "./files.js";

/** What a path holds: plain data, but for the score. */
export type Inspection = MidiInspection | DatasetInspection | CheckpointInspection;

/** What a MIDI file holds. */
export interface MidiInspection {
  readonly kind: "midi";
  readonly path: string;
  readonly bytes: number;
  readonly format: 0 | 1 | 2;
  readonly description: ScoreDescription;
  readonly grid: GridInspection;
  readonly warnings: readonly MidiWarning[];
  readonly score: Score;
}

/** How onsets lie on the file's own grid of 16ths. */
export interface GridInspection extends GridFit {
  /** Whether a tokenizer on beats would hear another rhythm. */
  readonly isPoor: boolean;
  /** The mean distance that a constant offset would leave, and that offset in ticks. */
  readonly distanceWithOffset: number;
  readonly offsetTicks: number;
}

/** What a dataset folder holds. Counts of tokens include begin and end tokens. */
export interface DatasetInspection {
  readonly kind: "dataset";
  readonly path: string;
  readonly attacca: string;
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly preparation: Preparation;
  readonly splits: Readonly<Record<SplitName, { readonly pieces: number; readonly tokens: number }>>;
  /** Ids in a piece, over all splits. */
  readonly pieceLength: { readonly shortest: number; readonly median: number; readonly longest: number };
  /** Ids of the melodies, where they are kept apart. */
  readonly melodyTokens?: number;
  /** Files that were left out, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** What a checkpoint holds. */
export interface CheckpointInspection {
  readonly kind: "checkpoint";
  /** For a training run's folder: its best checkpoint. */
  readonly path: string;
  readonly bytes: number;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly hash: string;
  /** Absent where the folder has none. */
  readonly tokenizer?: string;
  readonly resumable: boolean;
  readonly training?: Readonly<Record<string, unknown>>;
}

/**
 * Looks at a MIDI file, a dataset folder, or a checkpoint (or a training run, and then at its best checkpoint).
 *
 * @throws AttaccaError naming the path
 */
export async function inspect(path: string): Promise<Inspection> {
  const found = await stat(path).catch((error) => {
    throw fileError(path, error);
  });
  if (!found.isDirectory()) return inspectMidi(path);
  if (await exists(join(path, "manifest.json"))) return inspectDataset(path);
  const isCheckpoint = await findCheckpoint(path).catch(() => undefined);
  if (isCheckpoint !== undefined) return inspectCheckpoint(path);
  const midi = (await readdir(path)).find((name) => /\.midi?$/i.test(name));
  throw invalid(
    path,
    midi === undefined ? "a folder without a dataset or checkpoint in it" : "a folder of MIDI files",
    "a MIDI file, a dataset, a checkpoint or a training run",
    midi === undefined ? undefined : `Look at one of them, such as ${join(path, midi)}`,
  );
}

async function inspectMidi(path: string): Promise<MidiInspection> {
  const bytes = await readBytes(path);
  const file = naming(path, () => readMidi(bytes));
  const score = scoreFromMidi(file);
  const { before, after, offsetTicks } = estimateOffset(score);
  return {
    kind: "midi",
    path,
    bytes: bytes.length,
    format: file.format,
    description: describeScore(score),
    grid: {
      ...before,
      isPoor: isPoorFit(before),
      distanceWithOffset: after.meanDistance,
      offsetTicks,
    },
    warnings: file.warnings,
    score,
  };
}

async function inspectDataset(path: string): Promise<DatasetInspection> {
  const { dataset, skipped } = await readDatasetFolder(path);
  const { manifest, tokenizer } = dataset;
  const lengths = manifest.pieces.map(({ length }) => length).sort((a, b) => a - b);
  return {
    kind: "dataset",
    path,
    attacca: manifest.attacca,
    tokenizer: tokenizer.name,
    vocabularySize: tokenizer.vocabulary.size,
    preparation: manifest.preparation,
    splits: Object.fromEntries(splitNames.map((name) => [name, manifest.splits[name]])) as Record<
      SplitName,
      { pieces: number; tokens: number }
    >,
    pieceLength: {
      shortest: lengths[0] ?? 0,
      median: lengths[Math.floor(lengths.length / 2)] ?? 0,
      longest: lengths[lengths.length - 1] ?? 0,
    },
    ...(manifest.preparation.melody !== undefined && {
      melodyTokens: manifest.pieces.reduce((sum, { melody }) => sum + (melody?.length ?? 0), 0),
    }),
    skipped: countSkipped(skipped),
  };
}

function countSkipped(lines: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines.split("\n")) {
    const kind = /"kind":\s*"([a-z]+)"/.exec(line)?.[1];
    if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function inspectCheckpoint(path: string): Promise<CheckpointInspection> {
  const { folder, files } = await readCheckpoint(path, Object.values(checkpointFileNames));
  return naming(folder, () => {
    const { config, training, optimizer } = decodeCheckpoint(files);
    const tokenizer = files.get(checkpointFileNames.tokenizer);
    return {
      kind: "checkpoint",
      path: folder,
      bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
      config,
      parameters: parameterCount(config),
      hash: checkpointHash(files),
      // As text: the order of fields matters in MidiTok's files, and JSON.parse doesn't keep it.
      tokenizer: tokenizer && tokenizerFromJSON(new TextDecoder().decode(tokenizer)).name,
      resumable: optimizer !== undefined,
      training,
    };
  });
}
