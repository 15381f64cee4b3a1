import type { Vocabulary } from "../tokens/index.js";

/**
 * The ids with an end behind them for every note that is still sounding, in tokenizers whose notes have a start and an end:
 * decoding leaves out notes that never end. Other ids come back as they are.
 */
export function closeNotes(ids: readonly number[], vocabulary: Vocabulary): number[] {
  const closed = [...ids];
  // The program that holds, and the ends that are still due: [program id, end id].
  let program: number | undefined;
  const due: [program: number | undefined, end: number][] = [];
  for (const id of ids) {
    const [kind, value] = vocabulary.nameOf(id).split("_");
    if (kind === "Program") program = id;
    else if (kind === "NoteOn" || kind === "DrumOn") {
      const end = vocabulary.idOf(`${kind.replace("On", "Off")}_${value}`);
      if (end !== undefined) due.push([program, end]);
    } else if (kind === "NoteOff" || kind === "DrumOff") {
      const index = due.findIndex(([owner, end]) => owner === program && end === id);
      if (index >= 0) due.splice(index, 1);
    }
  }
  for (const [owner, end] of due) {
    if (owner !== undefined && owner !== program) {
      closed.push(owner);
      program = owner;
    }
    closed.push(end);
  }
  return closed;
}
