import { invalid } from "../errors.js";
import type { Note, ScoreTrack } from "../midi/index.js";

/** The four voices, highest first. */
export const VOICE_NAMES = ["Soprano", "Alto", "Tenor", "Bass"] as const;

/**
 * The notes of the four voices of a score. Where every track with notes is named after a voice (`Soprano`, `alto`,
 * `S.`, …), the names decide, and a voice without a track is silent. Else there must be exactly four tracks
 * with notes, and the voices are those tracks in order of mean pitch, the highest first: files list voices from above
 * or from below, and the order of the tracks tells nothing.
 *
 * @throws AttaccaError `invalid` where the tracks aren't four voices.
 */
export function assignVoices(tracks: readonly ScoreTrack[]): readonly (readonly Note[])[] {
  const sounding = tracks.filter((track) => !track.isDrum && track.notes.length > 0);
  const named = sounding.map((track) => voiceOfName(track.name));
  if (named.every((voice) => voice !== undefined) && new Set(named).size === named.length) {
    return VOICE_NAMES.map((_, voice) => sounding[named.indexOf(voice)]?.notes ?? []);
  }
  if (sounding.length !== VOICE_NAMES.length) {
    throw invalid("chorale", `${sounding.length} tracks with notes`, "four voices, one a track");
  }
  return sounding
    .map((track, order) => ({ notes: track.notes, order, pitch: meanPitch(track.notes) }))
    .sort((a, b) => b.pitch - a.pitch || a.order - b.order)
    .map((voice) => voice.notes);
}

function voiceOfName(name: string): number | undefined {
  const word = name.trim().toLowerCase().replace(/\.$/, "");
  const voice = VOICE_NAMES.findIndex((full) => {
    const lower = full.toLowerCase();
    return word === lower || word === lower[0];
  });
  return voice === -1 ? undefined : voice;
}

function meanPitch(notes: readonly Note[]): number {
  return notes.reduce((sum, note) => sum + note.pitch, 0) / notes.length;
}
