import type { Note, Score } from "../midi/index.js";

/** A note as it was played. */
export interface PlayedNote {
  /** Seconds from the first downbeat; what was played before it counts as on it. */
  readonly start: number;
  readonly duration: number;
  readonly pitch: number;
  readonly velocity: number;
}

const TICKS_PER_QUARTER = 480;

/**
 * What was played, as a score in 4/4 at a tempo. Nothing is brought onto a grid here: the tokenizer does that, as with any
 * file.
 *
 * @param beatsPerMinute 20 to 300
 */
export function recordedScore(notes: readonly PlayedNote[], beatsPerMinute: number): Score {
  const ticks = (seconds: number): number =>
    Math.max(0, Math.round((seconds * beatsPerMinute * TICKS_PER_QUARTER) / 60));
  const placed = notes.map(
    ({ start, duration, pitch, velocity }): Note => ({
      start: ticks(start),
      duration: Math.max(1, ticks(duration)),
      pitch,
      velocity: Math.min(127, Math.max(1, Math.round(velocity))),
    }),
  );
  return {
    ticksPerQuarter: TICKS_PER_QUARTER,
    tempos: [{ tick: 0, microsecondsPerQuarter: Math.round(60e6 / beatsPerMinute) }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [],
    texts: [],
    tracks: [
      {
        name: "Recorded",
        program: 0,
        isDrum: false,
        channel: 0,
        notes: placed.sort((a, b) => a.start - b.start || a.pitch - b.pitch),
        controls: [],
        pitchBends: [],
      },
    ],
  };
}

/** Collects keys that go down and up; times are in seconds of any clock. */
export interface Recorder {
  down(pitch: number, velocity: number, time: number): void;
  up(pitch: number, time: number): void;
  /** What was played, keys that are still down ended at `time`. */
  notes(time: number): PlayedNote[];
}

/**
 * A recorder.
 *
 * @param downbeat the time of the first downbeat; absent: the first key's
 */
export function createRecorder(downbeat?: number): Recorder {
  const played: PlayedNote[] = [];
  const held = new Map<number, { readonly time: number; readonly velocity: number }>();
  let origin = downbeat;
  const finish = (pitch: number, time: number): PlayedNote | undefined => {
    const from = held.get(pitch);
    if (from === undefined) return undefined;
    const start = Math.max(0, from.time - (origin ?? from.time));
    return { start, duration: Math.max(0, time - from.time), pitch, velocity: from.velocity };
  };
  const up = (pitch: number, time: number): void => {
    const note = finish(pitch, time);
    held.delete(pitch);
    if (note !== undefined) played.push(note);
  };
  return {
    down(pitch, velocity, time) {
      origin ??= time;
      // A second down without an up, as a lost message makes it, ends the first.
      up(pitch, time);
      held.set(pitch, { time, velocity });
    },
    up,
    notes: (time) => [...played, ...[...held.keys()].flatMap((pitch) => finish(pitch, time) ?? [])],
  };
}

/** Semitones above the lowest C of the keys of a computer keyboard, by their place (`KeyboardEvent.code`). */
const KEYS: ReadonlyMap<string, number> = new Map(
  [
    ["KeyZ", "KeyS", "KeyX", "KeyD", "KeyC", "KeyV", "KeyG", "KeyB", "KeyH", "KeyN", "KeyJ", "KeyM"],
    [
      "KeyQ",
      "Digit2",
      "KeyW",
      "Digit3",
      "KeyE",
      "KeyR",
      "Digit5",
      "KeyT",
      "Digit6",
      "KeyY",
      "Digit7",
      "KeyU",
    ],
  ].flatMap((row, octave) => row.map((code, semitone): [string, number] => [code, 12 * octave + semitone])),
);
const UPPER_KEYS: ReadonlyMap<string, number> = new Map([
  ["KeyI", 24],
  ["Digit9", 25],
  ["KeyO", 26],
  ["Digit0", 27],
  ["KeyP", 28],
]);

/**
 * The pitch of a key: the lower row of letters is an octave from C on, the upper one the next.
 *
 * @param octave the lower row's, 0 to 8; 4 has middle C
 */
export function pitchOfKey(code: string, octave: number): number | undefined {
  const semitone = KEYS.get(code) ?? UPPER_KEYS.get(code);
  if (semitone === undefined) return undefined;
  const pitch = 12 * (octave + 1) + semitone;
  return pitch <= 127 ? pitch : undefined;
}

/** A message of a MIDI keyboard, as far as recording needs it. */
export function readKeyMessage(
  bytes: ArrayLike<number>,
): { readonly kind: "down" | "up"; readonly pitch: number; readonly velocity: number } | undefined {
  const [status, pitch, velocity] = [bytes[0] & 0xf0, bytes[1], bytes[2]];
  if ((status !== 0x90 && status !== 0x80) || pitch === undefined) return undefined;
  // A note-on of velocity 0 is a note-off (MIDI 1.0).
  return status === 0x90 && velocity > 0
    ? { kind: "down", pitch, velocity }
    : { kind: "up", pitch, velocity: 0 };
}
