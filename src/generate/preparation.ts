import { estimateOffset, isPoorFit, type Preparation } from "../dataset/index.js";
import type { Meter, Score } from "../midi/index.js";

/** How a prompt's beats are brought onto the grid for the model. */
export interface PromptPreparation {
  /**
   * `none`: the file's ticks are the beats; `offset`: a constant offset is estimated; `auto`: it is where the notes are off their
   * own grid and an offset explains it.
   */
  readonly align: "auto" | "none" | "offset";
  /** The meter, where the file is wrong about it. */
  readonly timeSignature?: Meter;
}

/** What is to be done to a prompt. `subject` is what warnings call it. */
export function preparationFor(
  score: Score,
  { align, timeSignature }: PromptPreparation,
  warnings: string[] = [],
  subject = "the prompt",
): Preparation {
  if (align === "none") return { align, timeSignature };
  const { timeSignatures } = score;
  // Bar lines are looked for only where one meter holds throughout.
  const own = timeSignatures[0] ?? { numerator: 4, denominator: 4 };
  const meter = timeSignature ?? (timeSignatures.length <= 1 ? own : undefined);
  const moved: Preparation = { align: "offset", timeSignature: meter };
  if (align === "offset") return moved;
  const { before, after } = estimateOffset(score, meter);
  if (!isPoorFit(before)) return { align: "none", timeSignature };
  const distance = before.meanDistance;
  const off = `${subject}'s notes are ${distance.toFixed(2)} of a 16th off its own grid on average`;
  if (after.meanDistance > distance / 2) {
    warnings.push(
      `${off}, and no constant offset explains it: the model hears a rhythm that isn't quite ${subject}'s`,
    );
    return { align: "none", timeSignature };
  }
  warnings.push(`${off}: its beats were found by their offset, and the new part keeps to them`);
  return moved;
}
