import type * as Attacca from "attacca";

/** What of attacca is exercised: handed over, so that tests take the sources and the script takes the build. */
export type MidiFunctions = Pick<
  typeof Attacca,
  "AttaccaError" | "readMidi" | "readScore" | "scoreFromMidi" | "writeMidi" | "writeScore"
>;

/**
 * Puts a file through all that the MIDI room does with one. Any bytes may be refused, with an AttaccaError; what
 * is read must be written, and must be the same when it is read again.
 *
 * @returns whether the file was readable in lenient mode.
 * @throws whatever goes wrong: then there is a defect.
 */
export function exercise(bytes: Uint8Array, midi: MidiFunctions): boolean {
  const isStrict = isAccepted(midi, () => midi.readMidi(bytes, { mode: "strict" }));
  const isLenient = isAccepted(midi, () => midi.readMidi(bytes, { mode: "lenient" }));
  if (isStrict && !isLenient) throw new Error("strict mode reads what lenient mode refuses");
  if (!isLenient) {
    if (isAccepted(midi, () => midi.readScore(bytes)))
      throw new Error("readScore reads what readMidi refuses");
    return false;
  }
  const file = midi.readMidi(bytes);
  if (isStrict && file.warnings.length > 0) throw new Error("warnings on what strict mode accepts");
  const written = midi.writeMidi(file);
  const again = midi.readMidi(written);
  if (!isSame(midi.writeMidi(again), written)) throw new Error("the events changed by writing and reading");

  const { score } = midi.readScore(bytes);
  const viaEvents = midi.writeScore(midi.scoreFromMidi(file));
  if (!isSame(viaEvents, midi.writeScore(score))) throw new Error("readScore and scoreFromMidi differ");
  const scoreAgain = midi.readScore(viaEvents, { mode: "strict" }).score;
  if (noteCount(scoreAgain) !== noteCount(score)) throw new Error("notes were lost by writing and reading");
  return true;
}

function isAccepted(midi: MidiFunctions, read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof midi.AttaccaError) return false;
    throw error;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function noteCount(score: Attacca.Score): number {
  return score.tracks.reduce((sum, track) => sum + track.notes.length, 0);
}
