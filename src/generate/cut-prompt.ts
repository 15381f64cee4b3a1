import { prepareScore } from "../dataset/index.js";
import { invalid } from "../errors.js";
import type { Score } from "../midi/index.js";
import { cutAt, findSeam } from "./cut.js";
import { type PromptPreparation, preparationFor } from "./preparation.js";

/** What is gone on from. */
export interface PromptOptions {
  /** Left out, or without notes, a piece begins from nothing. */
  readonly prompt?: Score;
  /** Only the prompt's first bars, 1 or more; default: all. */
  readonly promptBars?: number;
  /** How the prompt's beats are found; the result stands where the prompt stood. Default: `{ align: "auto" }`. */
  readonly preparation?: PromptPreparation;
  /** Quarters a minute of a piece from nothing; default 120. */
  readonly tempo?: number;
}

/** A file of sixty bytes can have millions of bars, and each would be written as ids. */
const MOST_PROMPT_BARS = 100_000;

/** A prompt cut at its seam, as it is and as the model hears it. */
export interface CutPrompt {
  readonly kept: Score;
  readonly seam: number;
  /** Absent where there are no notes. */
  readonly heard?: Score;
  readonly heardSeam: number;
}

/**
 * Cuts a prompt for a continuation.
 *
 * @param warnings gets what people should know
 * @throws AttaccaError `invalid` where it has more bars than anyone's music
 */
export function cutPrompt(options: PromptOptions, warnings: string[]): CutPrompt {
  const { prompt, promptBars, preparation = { align: "auto" } } = options;
  const nothing = (kept: Score): CutPrompt => ({ kept: { ...kept, tracks: [] }, seam: 0, heardSeam: 0 });
  const isSilent = ({ tracks }: Score): boolean => tracks.every(({ notes }) => notes.length === 0);
  if (prompt === undefined) return nothing(emptyScore(options.tempo ?? 120));
  if (isSilent(prompt)) {
    warnings.push("the prompt has no notes: the piece begins from nothing, in the prompt's tempo and meter");
    return nothing(prompt);
  }
  const aligned = prepareScore(prompt, preparationFor(prompt, preparation, warnings));
  const { tick: heardSeam, bars, barsThere } = findSeam(aligned.score, promptBars);
  if (bars > MOST_PROMPT_BARS) {
    const found = `${bars.toLocaleString("en-GB")} bars`;
    throw invalid(
      "prompt",
      found,
      `${MOST_PROMPT_BARS.toLocaleString("en-GB")} at most`,
      "Take only its first bars",
    );
  }
  if (promptBars !== undefined && promptBars > barsThere) {
    warnings.push(`the prompt has ${barsThere} bars, not ${promptBars}: all of them are taken`);
  }
  const heard = cutAt(aligned.score, heardSeam);
  if (isSilent(heard)) {
    warnings.push(`the prompt's first ${bars} bars have no notes: the piece begins from nothing`);
    return nothing(prompt);
  }
  const seam = heardSeam - aligned.shift.ticks;
  return { kept: cutAt(prompt, seam), seam, heard, heardSeam };
}

function emptyScore(tempo: number): Score {
  return {
    ticksPerQuarter: 480,
    tempos: [{ tick: 0, microsecondsPerQuarter: Math.round(60e6 / tempo) }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [],
    texts: [],
    tracks: [],
  };
}
