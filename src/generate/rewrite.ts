import { invalid } from "../errors.js";
import { permutation } from "../random.js";

/** Which part of a selection is written anew. */
export interface RewriteOptions {
  /** Above 0, at most 1: about which share of the selection's ids. Default: 1, all of them. */
  readonly rewrite?: number;
  readonly seed?: number;
}

/**
 * The positions of some of the notes (and rests) of a selection, drawn by the seed: whole notes, one after the other, until they have
 * the share that is asked for. A single masked id within a held note would only be filled with that note again.
 *
 * @param positions on a grid of `idsPerStep` ids a step, in ascending order
 * @throws AttaccaError `invalid` for a share that isn't above 0 and at most 1
 */
export function rewrittenPositions(
  ids: ArrayLike<number>,
  positions: readonly number[],
  idsPerStep: number,
  { rewrite = 1, seed = 0 }: RewriteOptions = {},
): readonly number[] {
  if (!(rewrite > 0 && rewrite <= 1)) {
    throw invalid("share to rewrite", String(rewrite), "above 0, and 1 at most");
  }
  if (rewrite === 1) return positions;
  const notes = notesOf(ids, positions, idsPerStep);
  const wanted = rewrite * positions.length;
  const chosen: number[] = [];
  for (const index of permutation(notes.length, seed, "rewrite", 0)) {
    if (chosen.length >= wanted) break;
    chosen.push(...notes[index]);
  }
  return chosen.sort((a, b) => a - b);
}

/** The positions of each note: the same id, step after step. */
function notesOf(ids: ArrayLike<number>, positions: readonly number[], idsPerStep: number): number[][] {
  const byEnd = new Map<number, number[]>();
  const notes: number[][] = [];
  for (const at of positions) {
    const held = ids[at] === ids[at - idsPerStep] ? byEnd.get(at - idsPerStep) : undefined;
    const note = held ?? [];
    if (held === undefined) notes.push(note);
    note.push(at);
    byEnd.set(at, note);
  }
  return notes;
}
