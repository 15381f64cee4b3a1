import type { Note, Score, ScoreTrack } from "../midi/index.js";

/** The voices that the chorale tokenizer knows, highest first, and about where each is sung. */
const VOICES = [
  { name: "Soprano", pitch: 70 },
  { name: "Alto", pitch: 64 },
  { name: "Tenor", pitch: 57 },
  { name: "Bass", pitch: 48 },
] as const;

/** Whether a score is four voices already: four tracks with notes, or tracks that have voices' names. */
export function isInVoices({ tracks }: Score): boolean {
  const sounding = tracks.filter(({ isDrum, notes }) => !isDrum && notes.length > 0);
  const isNamed = ({ name }: ScoreTrack): boolean =>
    VOICES.some((voice) =>
      [voice.name, voice.name[0]].some((one) => one.toLowerCase() === name.trim().toLowerCase()),
    );
  const names = new Set(sounding.map(({ name }) => name.trim().toLowerCase()));
  return sounding.length === VOICES.length || (sounding.every(isNamed) && names.size === sounding.length);
}

/**
 * A score as four voices of one note at a time, for a model that knows nothing else: a tune alone is the soprano's; of
 * notes that begin together the highest four and lowest stay, each in the voice that it is nearest to, without crossing. A note
 * ends where its voice goes on. Drums are left out.
 */
export function inVoices(score: Score): Score {
  const notes = score.tracks
    .filter(({ isDrum }) => !isDrum)
    .flatMap((track) => track.notes)
    .sort((a, b) => a.start - b.start || b.pitch - a.pitch);
  const voices: Note[][] = VOICES.map(() => []);
  if (isTune(notes)) voices[0].push(...notes);
  else for (const chord of chordsOf(notes)) sing(voices, chord);
  return {
    ...score,
    tracks: VOICES.map(
      ({ name }, voice): ScoreTrack => ({
        name,
        program: score.tracks.find(({ isDrum }) => !isDrum)?.program ?? 0,
        isDrum: false,
        channel: voice,
        notes: voices[voice].map((note, i) => endBefore(note, voices[voice][i + 1])),
        controls: [],
        pitchBends: [],
      }),
    ),
  };
}

/** Whether there is one note at a time; a played note may ring a little into the next. */
function isTune(notes: readonly Note[]): boolean {
  return notes.every((note, i) => {
    const next = notes[i + 1];
    return next === undefined || next.start >= note.start + note.duration * 0.8;
  });
}

/** Notes that begin together, highest first: at most four of them, the lowest among these. */
function chordsOf(notes: readonly Note[]): Note[][] {
  const chords: Note[][] = [];
  for (const note of notes) {
    const chord = chords.at(-1);
    if (chord === undefined || chord[0].start !== note.start) chords.push([note]);
    else if (chord[chord.length - 1].pitch !== note.pitch) chord.push(note);
  }
  return chords.map((chord) =>
    chord.length <= VOICES.length ? chord : [...chord.slice(0, VOICES.length - 1), ...chord.slice(-1)],
  );
}

/** Gives a chord to the voices that are free, or to all where too few are, in the way that moves them least. */
function sing(voices: readonly Note[][], chord: readonly Note[]): void {
  const { start } = chord[0];
  const all = voices.map((_, voice) => voice);
  const free = all.filter((voice) => {
    const last = voices[voice].at(-1);
    return last === undefined || last.start + last.duration <= start;
  });
  const from = (voice: number): number => voices[voice].at(-1)?.pitch ?? VOICES[voice].pitch;
  const moved = (chosen: readonly number[]): number =>
    chosen.reduce((sum, voice, i) => sum + Math.abs(from(voice) - chord[i].pitch), 0);
  const choices = chooseFrom(free.length >= chord.length ? free : all, chord.length);
  const best = choices.reduce((least, choice) => (moved(choice) < moved(least) ? choice : least));
  for (const [i, voice] of best.entries()) voices[voice].push(chord[i]);
}

/** All ways to take `count` of the items, in their order. */
function chooseFrom(items: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => chooseFrom(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}

function endBefore(note: Note, next: Note | undefined): Note {
  if (next === undefined || note.start + note.duration <= next.start) return note;
  return { ...note, duration: Math.max(1, next.start - note.start) };
}
