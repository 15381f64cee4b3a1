import { invalid } from "../../errors.js";
import { barMap, type Note, type Score, type ScoreTrack } from "../../midi/index.js";
import type { Tokenizer } from "../../tokens/index.js";
import { cutAt } from "../cut.js";
import { namedVoices } from "./keep.js";

/**
 * A generated score in which a melody that was kept stands as it was, note for note, in tracks of its own, instead of as the tokenizer
 * wrote it.
 *
 * @param seam the tick of the score at which the melody begins
 */
export function joinMelody(score: Score, seam: number, melody: Score, { voices }: Tokenizer): Score {
  const scale = score.ticksPerQuarter / melody.ticksPerQuarter;
  const sounding = melody.tracks.filter(({ notes }) => notes.length > 0);
  const names = voices && namedVoices(melody, voices).map(({ name }) => name);
  const moved = sounding.map((track) => ({
    ...track,
    notes: track.notes.map((note) => {
      const start = seam + Math.round(note.start * scale);
      const end = seam + Math.round((note.start + note.duration) * scale);
      return { ...note, start, duration: Math.max(end - start, 1) };
    }),
    controls: track.controls.map((event) => ({ ...event, tick: seam + Math.round(event.tick * scale) })),
    pitchBends: track.pitchBends.map((event) => ({ ...event, tick: seam + Math.round(event.tick * scale) })),
  }));
  const isSame = (track: ScoreTrack, index: number): boolean =>
    names !== undefined
      ? track.name === names[index]
      : track.isDrum === moved[index].isDrum && track.program === moved[index].program;
  const cleared = score.tracks.map((track) => {
    const own = moved.filter((_, index) => isSame(track, index)).flatMap(({ notes }) => notes);
    const stays = (note: Note): boolean => note.start < seam || !own.some((kept) => overlaps(note, kept));
    return own.length === 0 ? track : { ...track, notes: track.notes.filter(stays) };
  });
  const rest = cleared.filter(({ notes }, i) => notes.length > 0 || score.tracks[i].notes.length === 0);
  return {
    ...score,
    tracks: [...moved.map((track) => ({ ...track, channel: channelFor(track, rest) })), ...rest],
  };
}

function overlaps(a: Note, b: Note): boolean {
  return a.pitch === b.pitch && a.start < b.start + b.duration && b.start < a.start + a.duration;
}

/** The track's own channel, or a free one where another instrument plays on it. */
function channelFor(track: ScoreTrack, others: readonly ScoreTrack[]): number {
  const taken = new Set(others.filter(({ isDrum }) => isDrum === track.isDrum).map(({ channel }) => channel));
  if (track.isDrum || !taken.has(track.channel)) return track.channel;
  const free = Array.from({ length: 16 }, (_, i) => i).find((i) => i !== 9 && !taken.has(i));
  return free ?? track.channel;
}

/** A melody's first bars; notes that ring past them end there. */
export function firstBars(melody: Score, bars: number): Score {
  const end = Math.round(barMap(melody).barStart(bars));
  const cut = cutAt(melody, end);
  const within = (note: Note): Note => ({ ...note, duration: Math.min(note.duration, end - note.start) });
  return { ...cut, tracks: cut.tracks.map((track) => ({ ...track, notes: track.notes.map(within) })) };
}

/**
 * A melody's bar lines must be those of what it is put into.
 *
 * @throws AttaccaError `invalid` where the meters differ
 */
export function checkMeter(melody: Score, score: Score, seam: number): void {
  const own = barMap(melody).positionAt(0);
  const there = barMap(score).positionAt(Math.max(0, seam - 1));
  if (own.numerator === there.numerator && own.denominator === there.denominator) return;
  throw invalid(
    "melody to keep",
    `a meter of ${own.numerator}/${own.denominator}`,
    `the prompt's, ${there.numerator}/${there.denominator}`,
  );
}
