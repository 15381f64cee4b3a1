import type { MusicStatistics, PieceSums } from "#built/study/index.js";
import type { SpanKind } from "./infill-spans.js";

/**
 * How a gap is scored: by a causal model that is given what is on the left; by a masked model that is given both sides, id by id from left
 * to right; by the masked model without the right side; and with both sides, in a random order.
 */
export const scorings = ["left", "masked", "blind", "random"] as const;
export type Scoring = (typeof scorings)[number];

/** What is kept of the likelihoods: `docs/study/infill/runs/spans-KIND-SCORING.json`. */
export interface SpansRecord {
  readonly kind: SpanKind;
  readonly scoring: Scoring;
  readonly machine: string;
  readonly model: ModelRecord;
  readonly sources: readonly string[];
  /** Of each piece's gap. */
  readonly sums: PieceSums;
}

/** What is kept of a training that was compared. */
export interface ModelRecord {
  readonly attention: string;
  readonly steps: number;
  readonly parameters: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What came of filling all gaps in one way. */
export interface FilledRecord {
  /** 0 for the music as it was written, and for a causal model that goes on. */
  readonly passes: number;
  /** What the judge makes of the gaps and the bar behind them. */
  readonly judged: PieceSums;
  /** Share of the gaps' ids that are the original's. */
  readonly agreement: number;
  /** Notes that begin, a bar. */
  readonly notes: number;
  readonly statistics: MusicStatistics;
}

/** What is kept of a way to fill gaps: `docs/study/infill/runs/passes-NAME.json`. */
export interface PassesRecord {
  readonly name: string;
  readonly kind: SpanKind;
  readonly machine: string;
  readonly pieces: number;
  readonly filled: readonly FilledRecord[];
}
