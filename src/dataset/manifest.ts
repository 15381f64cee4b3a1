import { z } from "zod";
import { invalid, unsupported } from "../errors.js";

/** The splits that a piece can be in, in the order of the files. */
export const splitNames = ["train", "val", "test"] as const;
/** A split's name. */
export type SplitName = (typeof splitNames)[number];

/** The latest version of the folder's layout: the second has melodies apart from what is written to them. */
export const DATASET_FORMAT_VERSION = 2;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const length = z.number().int().min(2).max(Number.MAX_SAFE_INTEGER);
const share = z.number().min(0).max(1e9);
const splitCounts = z.object({ pieces: count, tokens: count });
const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const pieceRecord = z.object({
  /** SHA-256 of the streams of the file that the piece is from. */
  hash,
  /** The file, relative to the folder it was found in, with `/` between folders. */
  source: z.string(),
  /** Which stream of the file; 0 for tokenizers that write all programs into one. */
  stream: count,
  split: z.enum(splitNames),
  /** Index into `shards`. */
  shard: count,
  /** The place of the begin token in the shard, in ids. */
  offset: count,
  /** In ids, begin and end tokens included. */
  length,
  /** Where the melody is that the piece is written to, in datasets that keep the two apart; laid out as the piece is. */
  melody: z.object({ shard: count, offset: count, length }).optional(),
});

const shardRecord = z.object({
  file: z
    .string()
    .regex(/^(train|val|test)(-melody)?-[0-9]+\.bin$/, 'expected a name such as "train-000.bin"'),
  tokens: count,
  sha256: hash,
});

const manifestSchema = z.object({
  format: z.literal("attacca-dataset"),
  formatVersion: z.union([z.literal(1), z.literal(DATASET_FORMAT_VERSION)]),
  /** The version of this package that wrote the folder. */
  attacca: z.string(),
  tokenizer: z.record(z.string(), z.unknown()),
  /** How scores were made ready before they were encoded. */
  preparation: z.object({
    align: z.enum(["none", "offset", "beats"]),
    timeSignature: z
      .object({ numerator: z.number().int().min(1).max(255), denominator: z.number().int().min(1).max(128) })
      .optional(),
    /** The track that was encoded apart from all others. */
    melody: z.string().optional(),
  }),
  /** Shares of train, val and test by which pieces were split that have no split of their own. */
  shares: z.tuple([share, share, share]),
  /** Which part of a corpus this is, where the work was shared out; `index` counts from 1. */
  part: z.object({ index: z.number().int().min(1), count: z.number().int().min(1) }).optional(),
  splits: z.object({ train: splitCounts, val: splitCounts, test: splitCounts }),
  skipped: count,
  shards: z.array(shardRecord),
  pieces: z.array(pieceRecord),
});

/** What a manifest says of a piece: a stream of one file. */
export type PieceRecord = z.output<typeof pieceRecord>;
/** What a manifest says of a shard file. */
export type ShardRecord = z.output<typeof shardRecord>;
/** What `manifest.json` of a dataset folder says. Counts of tokens include begin and end tokens. */
export type DatasetManifest = z.output<typeof manifestSchema>;

/**
 * Checks that data read from JSON is a manifest whose parts agree with each other.
 *
 * @throws AttaccaError `invalid`, naming the field, or `unsupported` for a layout of another version.
 */
export function parseManifest(json: unknown): DatasetManifest {
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === "number" && version > DATASET_FORMAT_VERSION) {
    throw unsupported("dataset format version", String(version), `${DATASET_FORMAT_VERSION} at most`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue.path.length === 0 ? "" : `, ${issue.path.join(".")}`;
    throw invalid(`dataset manifest${field}`, issue.message, "what attacca tokenize writes");
  }
  checkPieces(parsed.data);
  return parsed.data;
}

function checkPlace(
  subject: string,
  place: Pick<PieceRecord, "shard" | "offset" | "length">,
  shards: readonly ShardRecord[],
): void {
  const shard = shards[place.shard];
  if (shard === undefined) throw invalid(subject, `shard ${place.shard}`, `0 to ${shards.length - 1}`);
  const end = place.offset + place.length;
  if (end <= shard.tokens) return;
  throw invalid(subject, `ids up to ${end}`, `at most the ${shard.tokens} of ${shard.file}`);
}

function checkPieces({ pieces, shards, splits, preparation }: DatasetManifest): void {
  const apart = preparation.melody !== undefined;
  const found = {
    train: { pieces: 0, tokens: 0 },
    val: { pieces: 0, tokens: 0 },
    test: { pieces: 0, tokens: 0 },
  };
  const files = new Set(shards.map((shard) => shard.file));
  if (files.size !== shards.length) {
    throw invalid("dataset manifest, shards", "a file that is listed twice", "each file once");
  }
  pieces.forEach((piece, i) => {
    const subject = `dataset manifest, pieces.${i}`;
    checkPlace(subject, piece, shards);
    if ((piece.melody !== undefined) !== apart) {
      const expected = apart
        ? "each with its melody, as preparation.melody says"
        : "none without preparation.melody";
      throw invalid(subject, apart ? "no melody" : "a melody", expected);
    }
    if (piece.melody !== undefined) checkPlace(`${subject}.melody`, piece.melody, shards);
    found[piece.split].pieces++;
    found[piece.split].tokens += piece.length;
  });
  for (const name of splitNames) {
    const { pieces: pieceCount, tokens } = splits[name];
    if (pieceCount !== found[name].pieces || tokens !== found[name].tokens) {
      throw invalid(
        `dataset manifest, splits.${name}`,
        `${pieceCount} pieces, ${tokens} tokens`,
        `the ${found[name].pieces} pieces, ${found[name].tokens} tokens that are listed`,
      );
    }
  }
}

/** The manifest as JSON, one piece and one shard a line, so that it can be read and compared. */
export function formatManifest(manifest: DatasetManifest): string {
  const { shards, pieces, ...head } = manifest;
  const list = (rows: readonly unknown[]): string =>
    rows.length === 0 ? "[]" : `[\n    ${rows.map((row) => JSON.stringify(row)).join(",\n    ")}\n  ]`;
  const text = JSON.stringify(head, undefined, 2);
  return `${text.slice(0, -2)},\n  "shards": ${list(shards)},\n  "pieces": ${list(pieces)}\n}\n`;
}
