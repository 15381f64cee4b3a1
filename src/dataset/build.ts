import { invalid } from "../errors.js";
import { bytesHash, contentHash, type SplitShares, splitOfHash } from "./content.js";
import {
  DATASET_FORMAT_VERSION,
  type DatasetManifest,
  formatManifest,
  type PieceRecord,
  type ShardRecord,
  type SplitName,
  splitNames,
} from "./manifest.js";
import type { Preparation } from "./prepare.js";
import { idsToBytes, MOST_IDS_IN_SHARD } from "./shards.js";

/** One file that was encoded. */
export interface EncodedPiece {
  /** The file's name, relative to the folder it was found in. Pieces are ordered by it. */
  readonly source: string;
  /** Framed streams: each begins with the begin token and ends with the end token. */
  readonly streams: readonly Uint16Array[];
  /** The melody that the one stream is written to, framed too, where the two are kept apart. */
  readonly melody?: Uint16Array;
  /** The split that the corpus itself puts the piece in; absent: the content's hash decides. */
  readonly split?: SplitName;
}

/** A file that is left out, and why. */
export interface SkippedFile {
  readonly source: string;
  readonly kind: "unreadable" | "empty" | "unfit" | "duplicate";
  readonly reason: string;
  /** For a duplicate: the content that is there already. */
  readonly hash?: string;
}

/** What goes into a dataset folder. */
export interface DatasetContent {
  /** Version of this package. */
  readonly attacca: string;
  /** The tokenizer's JSON. */
  readonly tokenizer: Record<string, unknown>;
  /** How scores were made ready. */
  readonly preparation: Preparation;
  readonly shares: SplitShares;
  readonly part?: { readonly index: number; readonly count: number };
  readonly pieces: readonly EncodedPiece[];
  readonly skipped: readonly SkippedFile[];
  /** Ids in a shard file at most; a longer piece gets a file to itself. Default: 2²⁴. */
  readonly mostIdsInShard?: number;
}

/** The files of a dataset folder by name, and the manifest among them as data. */
export interface DatasetFiles {
  readonly manifest: DatasetManifest;
  readonly skipped: readonly SkippedFile[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

interface HashedPiece extends EncodedPiece {
  readonly hash: string;
}

/**
 * The files of a dataset folder. Pieces of equal content are kept once, under the first of their names; the bytes
 * don't depend on the order in which pieces and skipped files are given.
 */
export function buildDataset(content: DatasetContent): DatasetFiles {
  const { kept, duplicates } = dropDuplicates(content.pieces);
  const skipped = [...content.skipped.map((file) => renewed(file, kept)), ...duplicates];
  skipped.sort((a, b) => compareText(a.source, b.source) || compareText(a.reason, b.reason));

  const files = new Map<string, Uint8Array>();
  const shards: ShardRecord[] = [];
  const pieces: PieceRecord[] = [];
  for (const split of splitNames) {
    const ofSplit = [...kept.values()].filter(
      (piece) => (piece.split ?? splitOfHash(piece.hash, content.shares)) === split,
    );
    const most = content.mostIdsInShard ?? MOST_IDS_IN_SHARD;
    const finish = (writer: ShardWriter): void => {
      for (const { record, bytes } of writer.finish()) {
        shards.push(record);
        files.set(record.file, bytes);
      }
    };
    const melodies = shardWriter(`${split}-melody`, most, shards.length);
    const places = ofSplit.map(({ melody }) =>
      melody === undefined ? {} : { melody: melodies.add(melody) },
    );
    finish(melodies);
    const writer = shardWriter(split, most, shards.length);
    for (const [i, piece] of ofSplit.entries()) {
      piece.streams.forEach((ids, stream) => {
        const place = writer.add(ids);
        pieces.push({ hash: piece.hash, source: piece.source, stream, split, ...place, ...places[i] });
      });
    }
    finish(writer);
  }
  const manifest: DatasetManifest = {
    format: "attacca-dataset",
    // What earlier versions can read is written as they wrote it.
    formatVersion: content.preparation.melody === undefined ? 1 : DATASET_FORMAT_VERSION,
    attacca: content.attacca,
    tokenizer: content.tokenizer,
    preparation: content.preparation,
    shares: [...content.shares],
    ...(content.part === undefined ? {} : { part: { ...content.part } }),
    splits: {
      train: countsOf(pieces, "train"),
      val: countsOf(pieces, "val"),
      test: countsOf(pieces, "test"),
    },
    skipped: skipped.length,
    shards,
    pieces,
  };
  const text = new TextEncoder();
  files.set("skipped.jsonl", text.encode(skipped.map((file) => `${JSON.stringify(file)}\n`).join("")));
  files.set("manifest.json", text.encode(formatManifest(manifest)));
  return { manifest, skipped, files };
}

/** A file that a part of the corpus dropped as a duplicate: which piece is kept is known only among all parts. */
function renewed(file: SkippedFile, kept: ReadonlyMap<string, HashedPiece>): SkippedFile {
  if (file.kind !== "duplicate") return file;
  const original = kept.get(file.hash ?? "");
  if (original === undefined)
    throw invalid(file.source, "a duplicate of nothing", "a piece of the same content");
  return duplicateOf(original, file.source);
}

/** Pieces by hash, in the order of their names. */
function dropDuplicates(pieces: readonly EncodedPiece[]): {
  kept: Map<string, HashedPiece>;
  duplicates: SkippedFile[];
} {
  const hashed = pieces.map((piece): HashedPiece => ({ ...piece, hash: hashOf(piece) }));
  hashed.sort((a, b) => compareText(a.source, b.source) || compareText(a.hash, b.hash));
  const kept = new Map<string, HashedPiece>();
  const duplicates: SkippedFile[] = [];
  for (const piece of hashed) {
    const original = kept.get(piece.hash);
    if (original === undefined) kept.set(piece.hash, piece);
    else duplicates.push(duplicateOf(original, piece.source));
  }
  return { kept, duplicates };
}

/** A melody and what is written to it are one content. */
function hashOf({ streams, melody }: EncodedPiece): string {
  return contentHash(melody === undefined ? streams : [melody, ...streams]);
}

function duplicateOf(original: HashedPiece, source: string): SkippedFile {
  return { source, kind: "duplicate", reason: `the same music as ${original.source}`, hash: original.hash };
}

function countsOf(pieces: readonly PieceRecord[], split: SplitName): { pieces: number; tokens: number } {
  const ofSplit = pieces.filter((piece) => piece.split === split);
  return { pieces: ofSplit.length, tokens: ofSplit.reduce((sum, piece) => sum + piece.length, 0) };
}

/** By UTF-16 code units: the same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

interface ShardWriter {
  add(ids: Uint16Array): { shard: number; offset: number; length: number };
  finish(): { record: ShardRecord; bytes: Uint8Array }[];
}

function shardWriter(name: string, mostIds: number, firstIndex: number): ShardWriter {
  const shards: { parts: Uint16Array[]; tokens: number }[] = [];
  return {
    add(ids) {
      let shard = shards.at(-1);
      if (shard === undefined || shard.tokens + ids.length > mostIds) {
        shard = { parts: [], tokens: 0 };
        shards.push(shard);
      }
      const offset = shard.tokens;
      shard.parts.push(ids);
      shard.tokens += ids.length;
      return { shard: firstIndex + shards.length - 1, offset, length: ids.length };
    },
    finish: () =>
      shards.map(({ parts, tokens }, number) => {
        const bytes = new Uint8Array(tokens * 2);
        let at = 0;
        for (const part of parts) {
          bytes.set(idsToBytes(part), at);
          at += part.length * 2;
        }
        const file = `${name}-${String(number).padStart(3, "0")}.bin`;
        return { record: { file, tokens, sha256: bytesHash(bytes) }, bytes };
      }),
  };
}
