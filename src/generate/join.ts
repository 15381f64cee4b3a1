import {
  type ControlChange,
  DRUM_CHANNEL,
  type Note,
  type PitchBend,
  type Score,
  type ScoreTrack,
  type TextEvent,
} from "../midi/index.js";

/** A generated score, and where in it the new part begins. */
export interface NewPart {
  /** Prompt and new part, as the tokenizer decodes them. */
  readonly whole: Score;
  /** The prompt alone, as the tokenizer decodes it. */
  readonly prompt: Score;
  /** The seam in their ticks. */
  readonly seam: number;
  /** The last bar line, in their ticks: new notes ring no longer. Absent where the part ends anywhere. */
  readonly end?: number;
}

export interface JoinOptions {
  /** By track of the score: the notes that the model heard of it, in its ticks and as they would decode. */
  readonly heard: ReadonlyMap<number, readonly Note[]>;
  /** Added to the score's texts. */
  readonly texts?: readonly TextEvent[];
  /** For tokenizers that don't tell how loud notes are: new notes are as loud as the track's last ones. */
  readonly matchVelocity?: boolean;
}

/**
 * A score that was cut at a seam, with a new part behind it. What the score has before the seam stays as it is, note for
 * note; the new part's notes go to the tracks that they continue. Tempo, meter and key that hold at the seam go on holding.
 *
 * A decoded track continues the score's tracks whose notes it has. Where it has those of several (two hands on one piano), each new
 * note goes to the one that last played nearest to it. Notes of an instrument that the score hasn't make a new track.
 *
 * A note that rings past the seam is ended early only where the new part strikes the same key again.
 */
export function joinScores(
  score: Score,
  seam: number,
  parts: readonly NewPart[],
  { heard, texts = [], matchVelocity = false }: JoinOptions,
): Score {
  const additions = parts.flatMap((part) => newTracks(part, score.ticksPerQuarter, seam));
  const continued = assignTracks(additions, heard, score.ticksPerQuarter);
  const tracks = score.tracks.map((track) => ({ ...track, notes: [...track.notes], ...emptyEvents(track) }));
  for (const [index, { track }] of additions.entries()) {
    // Not those made here: the voices of a new chorale are of one instrument, and each is a track.
    const same = tracks
      .slice(0, score.tracks.length)
      .filter((one) => one.isDrum === track.isDrum && one.program === track.program);
    const own = tracks.filter((_, at) => continued.get(at) === index);
    const targets = own.length > 0 ? own : same.slice(0, 1);
    if (targets.length === 0 && hasEvents(track)) {
      const fresh = { ...track, channel: freeChannel(track, tracks), notes: [], ...emptyEvents() };
      tracks.push(fresh);
      targets.push(fresh);
    }
    const registers = targets.map(({ notes }) => meanOfLast(notes, (note) => note.pitch));
    const loudness = targets.map(({ notes }) => Math.round(meanOfLast(notes, (note) => note.velocity)));
    for (const note of track.notes) {
      const target = nearest(registers, note.pitch);
      const velocity = matchVelocity && loudness[target] > 0 ? loudness[target] : note.velocity;
      targets[target].notes.push({ ...note, velocity });
    }
    targets[0]?.controls.push(...track.controls);
    targets[0]?.pitchBends.push(...track.pitchBends);
  }
  return {
    ...score,
    texts: [...score.texts, ...texts].sort((a, b) => a.tick - b.tick),
    tracks: separateChannels(tracks).map((track) => ({
      ...track,
      notes: endBeforeStruckAgain(
        track.notes.sort((a, b) => a.start - b.start),
        seam,
      ),
      controls: track.controls.sort((a, b) => a.tick - b.tick),
      pitchBends: track.pitchBends.sort((a, b) => a.tick - b.tick),
    })),
  };
}

interface Addition {
  /** The prompt's notes as this decoded track has them. */
  readonly prompt: ReadonlySet<string>;
  /** What is new, in the score's ticks. */
  readonly track: ScoreTrack;
}

function emptyEvents(track?: ScoreTrack): { controls: ControlChange[]; pitchBends: PitchBend[] } {
  return { controls: [...(track?.controls ?? [])], pitchBends: [...(track?.pitchBends ?? [])] };
}

/** The part behind the seam of each decoded track, in ticks of the score that it is joined to. */
function newTracks(
  { whole, prompt, seam, end = Infinity }: NewPart,
  ticksPerQuarter: number,
  newSeam: number,
): Addition[] {
  const scale = ticksPerQuarter / whole.ticksPerQuarter;
  const moved = (tick: number): number => newSeam + Math.round((tick - seam) * scale);
  return whole.tracks.map((track, index) => {
    const behind = <Event extends { readonly tick: number }>(events: readonly Event[]): Event[] =>
      events.flatMap((event) => (event.tick < seam ? [] : [{ ...event, tick: moved(event.tick) }]));
    const notes = [...tiedOver(track, prompt.tracks[index], seam), ...track.notes]
      // A note that was begun and at once cut off by the limit of ids has no length.
      .filter(({ start, duration }) => start >= seam && duration > 0)
      .map((note) => {
        const start = moved(note.start);
        return {
          ...note,
          start,
          duration: Math.max(1, moved(Math.min(note.start + note.duration, end)) - start),
        };
      });
    return {
      prompt: signature(
        track.notes.filter(({ start }) => start < seam),
        whole.ticksPerQuarter,
      ),
      track: { ...track, notes, controls: behind(track.controls), pitchBends: behind(track.pitchBends) },
    };
  });
}

/**
 * Where a tokenizer holds a note by repeating it (`chorale`), the new part can go on holding the prompt's last note.
 * The prompt's own note stays as long as it is, and the rest is struck at the seam.
 */
function tiedOver(track: ScoreTrack, prompt: ScoreTrack | undefined, seam: number): Note[] {
  return track.notes.flatMap((note) => {
    const end = note.start + note.duration;
    if (note.start >= seam || end <= seam) return [];
    const before = prompt?.notes.find(({ start, pitch }) => start === note.start && pitch === note.pitch);
    if (before === undefined || before.start + before.duration !== seam) return [];
    return end === seam ? [] : [{ ...note, start: seam, duration: end - seam }];
  });
}

function hasEvents({ notes, controls, pitchBends }: ScoreTrack): boolean {
  return notes.length + controls.length + pitchBends.length > 0;
}

/** Onsets, in 16ths, and pitches. */
function signature(notes: readonly Note[], ticksPerQuarter: number): ReadonlySet<string> {
  return new Set(notes.map(({ start, pitch }) => `${Math.round((start * 4) / ticksPerQuarter)} ${pitch}`));
}

/** By track of the score: the addition that has most of its notes. Of equals it is one that has no track yet, or the first. */
function assignTracks(
  additions: readonly Addition[],
  heard: ReadonlyMap<number, readonly Note[]>,
  ticksPerQuarter: number,
): ReadonlyMap<number, number> {
  const assigned = new Map<number, number>();
  for (const [index, notes] of heard) {
    const own = [...signature(notes, ticksPerQuarter)];
    const shared = additions.map(({ prompt }) => own.filter((one) => prompt.has(one)).length);
    const most = Math.max(...shared);
    if (most === 0) continue;
    const best = [...shared.keys()].filter((at) => shared[at] === most);
    const free = best.find((at) => ![...assigned.values()].includes(at));
    assigned.set(index, free ?? best[0]);
  }
  return assigned;
}

/** The mean over a track's last notes; 0 where there are none. */
function meanOfLast(notes: readonly Note[], measure: (note: Note) => number): number {
  const last = notes.slice(-16);
  return last.reduce((sum, note) => sum + measure(note), 0) / Math.max(1, last.length);
}

function nearest(registers: readonly number[], pitch: number): number {
  const distances = registers.map((one) => Math.abs(one - pitch));
  return distances.indexOf(Math.min(...distances));
}

/** A channel that no track uses; the track's own where all are taken. */
function freeChannel(track: ScoreTrack, tracks: readonly ScoreTrack[]): number {
  if (track.isDrum) return DRUM_CHANNEL;
  const taken = new Set(tracks.map(({ channel }) => channel));
  const free = Array.from({ length: 16 }, (_, i) => i).find((i) => i !== DRUM_CHANNEL && !taken.has(i));
  return free ?? track.channel;
}

/** A channel plays one program: tracks of other programs on it, as a change of instrument makes them, get a free one. */
function separateChannels<Track extends ScoreTrack>(tracks: readonly Track[]): Track[] {
  const owners = new Map<number, number>();
  const separated = [...tracks];
  for (const [index, track] of tracks.entries()) {
    if (track.isDrum) continue;
    const owner = owners.get(track.channel) ?? track.program;
    const own = [...owners].find(
      ([channel, program]) => channel !== DRUM_CHANNEL && program === track.program,
    )?.[0];
    const channel = owner === track.program ? track.channel : (own ?? freeChannel(track, separated));
    separated[index] = { ...track, channel };
    if (!owners.has(channel)) owners.set(channel, track.program);
  }
  return separated;
}

/**
 * Ends notes where the same key is struck again behind the seam: two notes of one pitch on one channel can't be told apart in a MIDI
 * file. Of new notes that double each other the first stays.
 */
function endBeforeStruckAgain(notes: readonly Note[], seam: number): Note[] {
  const open = new Map<number, number>();
  const result: (Note | undefined)[] = [];
  for (const note of notes) {
    if (note.start >= seam) {
      const index = open.get(note.pitch);
      const before = index === undefined ? undefined : result[index];
      if (before?.start === note.start) continue;
      if (index !== undefined && before !== undefined && before.start + before.duration > note.start) {
        result[index] = { ...before, duration: note.start - before.start };
      }
    }
    open.set(note.pitch, result.length);
    result.push(note);
  }
  return result.filter((note) => note !== undefined);
}
