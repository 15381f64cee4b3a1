import { invalid } from "../errors.js";
import type { Meter, Score } from "../midi/index.js";
import { estimateOffset } from "./align.js";
import { type AnnotatedBeat, alignToBeats } from "./beats.js";
import { type AlignedScore, alignScore, overrideTimeSignature } from "./retime.js";

/** What is done to a score before it is encoded. Plain data, kept in a dataset's manifest. */
export interface Preparation {
  /**
   * `none`: the file's ticks are the beats; `offset`: a constant offset is estimated and taken away; `beats`: annotated
   * beats are followed.
   */
  readonly align: "none" | "offset" | "beats";
  /** The meter that takes the place of the file's. */
  readonly timeSignature?: Meter;
  /** The track (see `namedTrack`) that is encoded apart from all others; absent: all tracks together. */
  readonly melody?: string;
}

/**
 * A score made ready for a tokenizer. `shift` says how to bring what is generated on its grid back to the file's time
 * (see `restoreOffset`); beats that were followed aren't brought back, since they have no end.
 *
 * @param beats annotated beats, needed where `preparation.align` is `beats`
 * @throws AttaccaError `invalid` where they are needed and aren't there
 */
export function prepareScore(
  score: Score,
  preparation: Preparation,
  beats?: readonly AnnotatedBeat[],
): AlignedScore {
  const { align, timeSignature } = preparation;
  const unmoved = { ticks: 0, ticksPerQuarter: score.ticksPerQuarter };
  if (align === "beats") {
    if (beats === undefined) throw invalid("beats", "none", "annotated beats of the file");
    return { score: alignToBeats(score, beats, timeSignature), shift: unmoved };
  }
  const aligned =
    align === "offset" ? alignScore(score, estimateOffset(score, timeSignature)) : { score, shift: unmoved };
  if (timeSignature === undefined) return aligned;
  return { ...aligned, score: overrideTimeSignature(aligned.score, timeSignature) };
}

/** Reads `4/4`. @throws AttaccaError `invalid` where it is no meter that MIDI can say. */
export function parseMeter(text: string): Meter {
  const [, numerator, denominator] = /^([0-9]{1,3})\/([0-9]{1,3})$/.exec(text)?.map(Number) ?? [];
  if (numerator >= 1 && numerator <= 255 && denominator <= 128 && Math.log2(denominator) % 1 === 0) {
    return { numerator, denominator };
  }
  throw invalid("time signature", text, "a meter such as 4/4 or 6/8");
}
