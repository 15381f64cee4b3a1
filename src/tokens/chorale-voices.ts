import { invalid } from "../errors.js";
import type { Note, ScoreTrack } from "../midi/index.js";

/** The four voices, highest first. */
export const VOICE_NAMES = ["Soprano", "Alto", "Tenor", "Bass"] as const;

/**
 * The track of each voice of a score, as its index; undefined where a voice has none. Where every track with notes is named after a
 * voice (`Soprano`, `alto`, `S.`, …), the names decide, and a voice without a track is silent. Else there must be exactly four tracks
 * with notes, and the voices are those tracks in order of mean pitch, the highest first: files list voices from above
 * or from below, and the order of the tracks tells nothing.
 *
 * @throws AttaccaError `invalid` where the tracks aren't four voices.
 */
export function voiceTracks(tracks: readonly ScoreTrack[]): readonly (number | undefined)[] {
  const sounding = [...tracks.keys()].filter((i) => !tracks[i].isDrum && tracks[i].notes.length > 0);
  const named = sounding.map((index) => voiceOfName(tracks[index].name));
  if (named.every((voice) => voice !== undefined) && new Set(named).size === named.length) {
    return VOICE_NAMES.map((_, voice) => sounding[named.indexOf(voice)]);
  }
  if (sounding.length !== VOICE_NAMES.length) {
    throw invalid("chorale", `${sounding.length} tracks with notes`, "four voices, one a track");
  }
  const pitches = new Map(sounding.map((index) => [index, meanPitch(tracks[index].notes)]));
  return [...sounding].sort((a, b) => pitches.get(b)! - pitches.get(a)! || a - b);
}

/** The notes of the four voices of a score, none where a voice has no track; see `voiceTracks`. */
export function assignVoices(tracks: readonly ScoreTrack[]): readonly (readonly Note[])[] {
  return voiceTracks(tracks).map((index) => (index === undefined ? [] : tracks[index].notes));
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
