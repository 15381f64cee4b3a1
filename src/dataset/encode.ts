import { AttaccaError } from "../errors.js";
import { notesEnd, readScore, type Score } from "../midi/index.js";
import type { Tokenizer } from "../tokens/index.js";
import type { EncodedPiece, SkippedFile } from "./build.js";
import { encodePair } from "./pairs.js";

/**
 * The longest piece that is encoded, in quarters: 14 hours at 120 a minute. A file of thirty bytes can place a note
 * past 60 million bars, each of which would become tokens.
 */
const MOST_QUARTERS = 100_000;

/** What becomes of one file. */
export type FileOutcome =
  | { readonly piece: EncodedPiece /** What the reader had to pass over. */; readonly warnings: number }
  | { readonly skipped: SkippedFile };

/**
 * Encodes one MIDI file as a piece of a dataset. What is wrong with the file makes it skipped, and never throws.
 *
 * @param prepare what is done to the score before it is encoded, such as aligning it to its beats
 * @param melody the track that is encoded apart from all others, which the piece's stream then has; see `encodePair`
 */
export function encodeFile(
  bytes: Uint8Array,
  source: string,
  tokenizer: Tokenizer,
  prepare: (score: Score) => Score = (score) => score,
  melody?: string,
): FileOutcome {
  let read: ReturnType<typeof readScore>;
  try {
    read = readScore(bytes);
  } catch (error) {
    return { skipped: skip(source, "unreadable", error) };
  }
  if (read.score.tracks.every((track) => track.notes.length === 0)) {
    return { skipped: { source, kind: "empty", reason: "no notes" } };
  }
  const quarters = notesEnd(read.score) / read.score.ticksPerQuarter;
  if (quarters > MOST_QUARTERS) {
    const reason = `${Math.round(quarters)} quarters long; at most ${MOST_QUARTERS} are encoded`;
    return { skipped: { source, kind: "unfit", reason } };
  }
  try {
    if (melody !== undefined) {
      const pair = encodePair(prepare(read.score), melody, tokenizer);
      const piece = { source, streams: [frame(pair.rest, tokenizer)], melody: frame(pair.melody, tokenizer) };
      return { piece, warnings: read.warnings.length };
    }
    const streams = tokenizer.encode(prepare(read.score)).filter((ids) => ids.length > 0);
    if (streams.length === 0) return { skipped: { source, kind: "empty", reason: "no tokens" } };
    const framed = streams.map((ids) => frame(ids, tokenizer));
    return { piece: { source, streams: framed }, warnings: read.warnings.length };
  } catch (error) {
    return { skipped: skip(source, "unfit", error) };
  }
}

/** A stream between its begin and end tokens. */
export function frame(ids: Uint16Array, tokenizer: Tokenizer): Uint16Array {
  const framed = new Uint16Array(ids.length + 2);
  framed[0] = tokenizer.special.begin;
  framed.set(ids, 1);
  framed[ids.length + 1] = tokenizer.special.end;
  return framed;
}

/** A batch goes on past every file: even what no check foresaw is a reason, and not the end of the run. */
function skip(source: string, kind: SkippedFile["kind"], error: unknown): SkippedFile {
  if (error instanceof AttaccaError) return { source, kind, reason: error.message };
  return { source, kind: "unreadable", reason: `a defect of attacca: ${String(error)}` };
}
