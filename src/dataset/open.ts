import { invalid, missing, naming } from "../errors.js";
import { type Tokenizer, tokenizerFromJSON } from "../tokens/index.js";
import { bytesHash } from "./content.js";
import { type DatasetManifest, type PieceRecord, parseManifest, type SplitName } from "./manifest.js";
import { bytesToIds } from "./shards.js";

/** A dataset that is in memory and was checked. */
export interface Dataset {
  readonly manifest: DatasetManifest;
  readonly tokenizer: Tokenizer;
  split(name: SplitName): Split;
}

/** The pieces of one split, in the manifest's order. Each stream of a file is a piece of its own. */
export interface Split {
  readonly name: SplitName;
  readonly tokenizer: Tokenizer;
  readonly pieceCount: number;
  /** Begin and end tokens included. */
  readonly tokenCount: number;
  /** The ids of a piece, begin and end tokens included: a view that must not be written to. */
  piece(index: number): Uint16Array;
  /** What the manifest says of a piece. */
  record(index: number): PieceRecord;
  /** The ids of the melody that a piece is written to, likewise; absent where the two aren't kept apart. */
  melody?(index: number): Uint16Array;
}

/**
 * Opens a dataset from the content of its files: `manifest` is `manifest.json` as parsed JSON, `shards` the `*.bin`
 * files by name.
 *
 * @throws AttaccaError `missing` where a shard isn't there, `invalid` where manifest and shards don't agree or ids
 *   are outside the vocabulary, `unsupported` for a later layout.
 */
export function openDataset(manifest: unknown, shards: ReadonlyMap<string, Uint8Array>): Dataset {
  const checked = parseManifest(manifest);
  const tokenizer = naming("dataset manifest, tokenizer", () => tokenizerFromJSON(checked.tokenizer));
  const ids = checked.shards.map((shard) => {
    const bytes = shards.get(shard.file);
    if (bytes === undefined) throw missing(`dataset shard ${shard.file}`, "the file that the manifest lists");
    if (bytes.byteLength !== shard.tokens * 2) {
      throw invalid(`dataset shard ${shard.file}`, `${bytes.byteLength} bytes`, `${shard.tokens * 2}`);
    }
    if (bytesHash(bytes) !== shard.sha256) {
      throw invalid(
        `dataset shard ${shard.file}`,
        "other content than the manifest's hash says",
        "an unchanged file",
        "Make the dataset again",
      );
    }
    const shardIds = bytesToIds(bytes);
    checkIds(shard.file, shardIds, tokenizer.vocabulary.size);
    return shardIds;
  });
  const { begin, end } = tokenizer.special;
  const isFramed = ({ shard, offset, length }: Pick<PieceRecord, "shard" | "offset" | "length">): boolean =>
    ids[shard][offset] === begin && ids[shard][offset + length - 1] === end;
  for (const piece of checked.pieces) {
    if (isFramed(piece) && (piece.melody === undefined || isFramed(piece.melody))) continue;
    throw invalid(
      `dataset piece ${piece.source}`,
      "ids without begin and end tokens",
      "both around each piece",
    );
  }
  return {
    manifest: checked,
    tokenizer,
    split: (name) => openSplit(name, checked, tokenizer, ids),
  };
}

function openSplit(
  name: SplitName,
  manifest: DatasetManifest,
  tokenizer: Tokenizer,
  shards: readonly Uint16Array[],
): Split {
  const records = manifest.pieces.filter((piece) => piece.split === name);
  const idsAt = ({ shard, offset, length }: Pick<PieceRecord, "shard" | "offset" | "length">): Uint16Array =>
    shards[shard].subarray(offset, offset + length);
  return {
    name,
    tokenizer,
    pieceCount: records.length,
    tokenCount: manifest.splits[name].tokens,
    piece: (index) => idsAt(records[index]),
    record: (index) => records[index],
    ...(manifest.preparation.melody === undefined
      ? {}
      : { melody: (index: number) => idsAt(records[index].melody!) }),
  };
}

function checkIds(file: string, ids: Uint16Array, size: number): void {
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] < size) continue;
    throw invalid(
      `dataset shard ${file}`,
      `id ${ids[i]} at ${i}`,
      `ids below the vocabulary's size, ${size}`,
    );
  }
}
