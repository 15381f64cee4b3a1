import type { Note } from "attacca";
import { type Chord, modulo } from "./notation.js";
import type { Style } from "./tune.js";

/** Where an accompaniment stands: times in ticks, chords sorted by start. */
export interface Harmony {
  readonly chords: readonly { readonly start: number; readonly chord: Chord }[];
  readonly end: number;
  readonly ticksPerBar: number;
  readonly ticksPerBeat: number;
  /** True where a beat divides into three (6/8, 3/8). */
  readonly compound: boolean;
}

const bassVelocity = 64;
const chordVelocity = 54;
const bassLowest = 40;
const chordLowest = 52;
const chordHighest = 67;

/**
 * Bass and chords from `from` to `to` (ticks) in one style:
 *
 * - `held`: bass and chord last as long as the harmony, at most a bar.
 * - `beat`: the bass lasts, the chord sounds on every beat.
 * - `offbeat`: bass and chord by turns ("oom-pah").
 * - `arpeggio`: the bass, then the chord's notes one after the other, two a beat (three in compound meters).
 */
export function accompany(harmony: Harmony, from: number, to: number, style: Style): Note[] {
  const notes: Note[] = [];
  let voicing: readonly number[] = [55, 60, 64];
  const add = (start: number, end: number, pitches: readonly number[], velocity: number) => {
    for (const pitch of pitches) notes.push({ start, duration: Math.min(end, to) - start, pitch, velocity });
  };
  for (const { start, end, chord } of spans(harmony, from, to)) {
    voicing = voiceChord(chord, voicing);
    const root = bassLowest + modulo(chord.root - bassLowest, 12);
    const fifth = root + 7 > chordLowest - 1 ? root - 5 : root + 7;
    const bass = (at: number, until: number, pitch = root) => add(at, until, [pitch], bassVelocity);
    if (style === "held") {
      bass(start, end);
      add(start, end, voicing, chordVelocity);
    } else if (style === "beat") {
      bass(start, end);
      for (const [at, until] of steps(start, end, harmony.ticksPerBeat))
        add(at, until, voicing, chordVelocity);
    } else if (style === "arpeggio") {
      const order = [0, 1, 2, 1];
      const step = harmony.ticksPerBeat / (harmony.compound ? 3 : 2);
      let index = -1;
      for (const [at, until] of steps(start, end, step)) {
        if (index < 0) bass(at, until);
        else add(at, until, [voicing[order[index % 4]]], chordVelocity);
        index += 1;
      }
    } else {
      offbeat(harmony, start, end, bass, (at, until) => add(at, until, voicing, chordVelocity), fifth);
    }
  }
  return notes;
}

function offbeat(
  { ticksPerBar, ticksPerBeat, compound }: Harmony,
  start: number,
  end: number,
  bass: (at: number, until: number, pitch?: number) => void,
  chord: (at: number, until: number) => void,
  fifth: number,
): void {
  const beats = ticksPerBar / ticksPerBeat;
  for (const [at, until] of steps(start, end, ticksPerBeat)) {
    const beat = Math.floor((at % ticksPerBar) / ticksPerBeat);
    const second = at === start ? undefined : fifth;
    if (compound || beats === 2) {
      // Both within a beat: bass on it, chord on its last part.
      const after = at + (compound ? (ticksPerBeat * 2) / 3 : ticksPerBeat / 2);
      bass(at, Math.min(after, until), second);
      if (after < until) chord(after, until);
    } else {
      const strong = beats === 3 ? beat === 0 : beat % 2 === 0;
      if (strong || at === start) bass(at, until, second);
      if (!strong) chord(at, at + (until - at) / 2);
    }
  }
}

/** The stretches of one chord within one bar. */
function* spans({ chords, ticksPerBar }: Harmony, from: number, to: number) {
  for (const [index, { start, chord }] of chords.entries()) {
    const first = Math.max(start, from);
    const last = Math.min(chords[index + 1]?.start ?? to, to);
    for (let at = first; at < last; ) {
      const end = Math.min(last, (Math.floor(at / ticksPerBar) + 1) * ticksPerBar);
      yield { start: at, end, chord };
      at = end;
    }
  }
}

/** Cuts a stretch at the multiples of `size`. */
function* steps(start: number, end: number, size: number): Generator<readonly [number, number]> {
  for (let at = start; at < end; ) {
    const next = Math.min(end, (Math.floor(at / size) + 1) * size);
    yield [at, next];
    at = next;
  }
}

/** Three notes of a chord, the arrangement that moves least from the one before. */
export function voiceChord({ root, intervals }: Chord, previous: readonly number[]): readonly number[] {
  // A seventh chord keeps root, third and seventh: the fifth is what it can spare.
  const kept = intervals.length > 3 ? [intervals[0], intervals[1], intervals[3]] : intervals;
  let best: readonly number[] = previous;
  let leastCost = Number.POSITIVE_INFINITY;
  const octaves = kept.map((interval) => {
    const lowest = chordLowest + modulo(root + interval - chordLowest, 12);
    return lowest + 12 <= chordHighest ? [lowest, lowest + 12] : [lowest];
  });
  for (const low of octaves[0]) {
    for (const middle of octaves[1]) {
      for (const high of octaves[2]) {
        const pitches = [low, middle, high].sort((one, other) => one - other);
        const movement = pitches.reduce((sum, pitch, index) => sum + Math.abs(pitch - previous[index]), 0);
        const cost = movement + Math.max(0, pitches[2] - pitches[0] - 10);
        if (cost < leastCost) {
          leastCost = cost;
          best = pitches;
        }
      }
    }
  }
  return best;
}
