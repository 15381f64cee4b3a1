import {
  buildDataset,
  contentHash,
  type DatasetFiles,
  defaultSplitShares,
  type EncodedPiece,
  encodeFile,
  prepareScore,
  type SkippedFile,
  type SplitShares,
  splitOfHash,
} from "../../dataset/index.js";
import { invalid } from "../../errors.js";
import { createTokenizer, pipelineConfig, type TokenizerName } from "../../tokens/index.js";
import { commonFolder } from "../checkpoint-files.js";
import type { GivenFile } from "../protocol.js";

/** Largest MIDI file that is read, as on the command line; real ones are below 1 MiB. */
const MOST_BYTES = 64 * 2 ** 20;
/** With fewer pieces none is put away for testing: nothing in the tab tests. */
const FEW_PIECES = 20;

/** What a dataset is made of, and how its making is followed. */
export interface TrainingData {
  readonly files: readonly GivenFile[];
  readonly tokenizer: TokenizerName;
  /** Version of this package, for the manifest. */
  readonly version: string;
  readonly signal: { readonly aborted: boolean };
  /** Called, and waited for, after each file. */
  onFile(done: number): Promise<void>;
}

/**
 * A dataset of MIDI files: the same, byte for byte, as `attacca tokenize` makes of a folder with twenty or more. Of a few
 * pieces one is kept to validate with.
 *
 * @throws AttaccaError `invalid` where none can be encoded
 */
export async function trainingData(data: TrainingData): Promise<DatasetFiles> {
  const tokenizer = createTokenizer(data.tokenizer, data.tokenizer === "chorale" ? {} : pipelineConfig);
  const root = commonFolder(data.files.map(({ path }) => path));
  const pieces: EncodedPiece[] = [];
  const skipped: SkippedFile[] = [];
  for (const [index, { path, content }] of data.files.entries()) {
    const source = path.slice(root.length);
    if (content.size > MOST_BYTES) {
      const reason = `${content.size} bytes; at most ${MOST_BYTES} are read`;
      skipped.push({ source, kind: "unreadable", reason });
    } else {
      const bytes = new Uint8Array(await content.arrayBuffer());
      const outcome = encodeFile(
        bytes,
        source,
        tokenizer,
        (score) => prepareScore(score, { align: "none" }).score,
      );
      if ("skipped" in outcome) skipped.push(outcome.skipped);
      else pieces.push(outcome.piece);
    }
    await data.onFile(index + 1);
    if (data.signal.aborted) break;
  }
  if (pieces.length === 0) {
    const found =
      data.files.length === 0 ? "no MIDI files" : `none of ${data.files.length} files could be encoded`;
    throw invalid("training data", found, "at least one MIDI file with notes", skipped[0]?.reason);
  }
  const shares: SplitShares = pieces.length < FEW_PIECES ? [90, 10, 0] : defaultSplitShares;
  return buildDataset({
    attacca: data.version,
    tokenizer: tokenizer.toJSON(),
    preparation: { align: "none" },
    shares,
    pieces: withBothSplits(pieces, shares),
    skipped,
  });
}

/** Sees to it that there is something to learn from and, of two pieces or more, something to validate with. */
function withBothSplits(pieces: readonly EncodedPiece[], shares: SplitShares): readonly EncodedPiece[] {
  const hashed = new Map(pieces.map((piece) => [contentHash(piece.streams), piece]));
  const splits = new Set([...hashed.keys()].map((hash) => splitOfHash(hash, shares)));
  if (splits.has("train") && splits.has("val")) return pieces;
  // Equal pieces count as one, and any order that doesn't depend on the files' names will do.
  const last = [...hashed.keys()].sort().at(-1);
  return pieces.map((piece) => {
    const isLast = hashed.size > 1 && contentHash(piece.streams) === last;
    return { ...piece, split: isLast ? "val" : "train" };
  });
}
