import { estimateOffset, type Preparation } from "../dataset/index.js";
import type { Score } from "../midi/index.js";

/** Onsets further than this from the 16th grid, on average and in 16ths, are off it; 0.25 is chance. */
const POOR_FIT = 0.1;

/**
 * How to prepare a prompt where nobody said: as it is, unless its notes are off their own grid and a constant offset brings them on
 * it, as in recordings to a click.
 */
export function choosePreparation(score: Score, warnings: string[] = []): Preparation {
  const { timeSignatures } = score;
  const meter =
    timeSignatures.length <= 1 ? (timeSignatures[0] ?? { numerator: 4, denominator: 4 }) : undefined;
  const { before, after } = estimateOffset(score, meter);
  const distance = before.meanDistance;
  if (distance <= POOR_FIT) return { align: "none" };
  const off = `the prompt's notes are ${distance.toFixed(2)} of a 16th off its own grid on average`;
  if (after.meanDistance > distance / 2) {
    warnings.push(
      `${off}, and no constant offset explains it: the model hears a rhythm that isn't quite the prompt's`,
    );
    return { align: "none" };
  }
  warnings.push(`${off}: its beats were found by their offset, and the new part keeps to them`);
  return { align: "offset", timeSignature: meter };
}
