/**
 * To and from the `Midi` objects of `@tonejs/midi`, which web players and editors speak. Nothing is imported from
 * it: the types here say as much of its classes as is needed, and the caller hands over the class.
 */
import { invalid } from "../errors.js";
import { byTick } from "./by-tick.js";
import { DRUM_CHANNEL, MAX_TICK } from "./file.js";
import type { Score, ScoreTrack, TextEvent } from "./score.js";

/** As much of a `Midi` object as is read here. */
export interface ToneMidi {
  readonly header: {
    readonly ppq: number;
    readonly tempos: readonly { readonly ticks: number; readonly bpm: number }[];
    readonly timeSignatures: readonly { readonly ticks: number; readonly timeSignature: readonly number[] }[];
    readonly keySignatures: readonly {
      readonly ticks: number;
      readonly key: string;
      readonly scale: string;
    }[];
    readonly meta: readonly { readonly ticks: number; readonly type: string; readonly text: string }[];
  };
  readonly tracks: readonly ToneTrack[];
}

export interface ToneTrack {
  readonly name: string;
  readonly channel: number;
  readonly instrument: { readonly number: number };
  readonly notes: readonly ToneNote[];
  /** By controller number; values from 0 to 1. */
  readonly controlChanges: { readonly [controller: number]: readonly ToneValue[] | undefined };
  /** −1 to 1. */
  readonly pitchBends: readonly ToneValue[];
}

/** Velocities are 0 to 1. */
export interface ToneNote {
  readonly midi: number;
  readonly ticks: number;
  readonly durationTicks: number;
  readonly velocity: number;
  readonly noteOffVelocity: number;
}

export interface ToneValue {
  readonly ticks: number;
  readonly value: number;
}

/** As much of a new `Midi` object as is filled in here. */
export interface WritableToneMidi {
  readonly header: {
    fromJSON(json: {
      name: string;
      ppq: number;
      meta: { ticks: number; type: string; text: string }[];
      tempos: { ticks: number; bpm: number }[];
      timeSignatures: { ticks: number; timeSignature: number[] }[];
      keySignatures: { ticks: number; key: string; scale: string }[];
    }): void;
  };
  addTrack(): WritableToneTrack;
}

export interface WritableToneTrack {
  name: string;
  channel: number;
  readonly instrument: { number: number };
  addNote(note: ToneNote): unknown;
  addCC(control: ToneValue & { readonly number: number }): unknown;
  addPitchBend(bend: ToneValue): unknown;
}

/** From 7 flats to 7 sharps; a minor key goes by the name of its major one. */
const KEYS = ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"];

const TONE_TEXTS: Record<TextEvent["kind"], string> = {
  text: "text",
  copyright: "copyrightNotice",
  lyric: "lyrics",
  marker: "marker",
  cue: "cuePoint",
};

/**
 * A `Midi` object of `@tonejs/midi` with the score's content.
 *
 * @example
 * import tone from "@tonejs/midi"; // CommonJS: Node finds no names in it
 * const midi = toneFromScore(score, tone.Midi);
 */
export function toneFromScore<ToneObject extends WritableToneMidi>(
  score: Score,
  Midi: new () => ToneObject,
): ToneObject {
  const midi = new Midi();
  midi.header.fromJSON({
    name: "",
    ppq: score.ticksPerQuarter,
    meta: score.texts.map(({ tick, kind, text }) => ({ ticks: tick, type: TONE_TEXTS[kind], text })),
    tempos: score.tempos.map(({ tick, microsecondsPerQuarter }) => ({
      ticks: tick,
      bpm: 60_000_000 / microsecondsPerQuarter,
    })),
    timeSignatures: score.timeSignatures.map(({ tick, numerator, denominator }) => ({
      ticks: tick,
      timeSignature: [numerator, denominator],
    })),
    keySignatures: score.keySignatures.map(({ tick, sharps, minor }) => ({
      ticks: tick,
      key: KEYS[sharps + 7],
      scale: minor ? "minor" : "major",
    })),
  });
  for (const track of score.tracks) fillTrack(midi.addTrack(), track);
  return midi;
}

function fillTrack(target: WritableToneTrack, track: ScoreTrack): void {
  target.name = track.name;
  target.channel = track.channel;
  target.instrument.number = track.program;
  for (const { start, duration, pitch, velocity, releaseVelocity = 0 } of track.notes) {
    target.addNote({
      midi: pitch,
      ticks: start,
      durationTicks: duration,
      velocity: velocity / 127,
      noteOffVelocity: releaseVelocity / 127,
    });
  }
  for (const { tick, controller, value } of track.controls) {
    target.addCC({ number: controller, ticks: tick, value: value / 127 });
  }
  for (const { tick, value } of track.pitchBends) target.addPitchBend({ ticks: tick, value: value / 8192 });
}

/**
 * The score of a `Midi` object of `@tonejs/midi`: times rounded to ticks, velocities and values to MIDI's steps.
 * Tempos are given back exactly as the file had them. A release velocity of 0 is taken as none. Texts of other
 * kinds than a score has are left out.
 *
 * @throws AttaccaError of kind `invalid` where a number is out of its range, or not a number.
 */
export function scoreFromTone(midi: ToneMidi): Score {
  const { ppq, tempos, timeSignatures, keySignatures, meta } = midi.header;
  return {
    ticksPerQuarter: whole("ppq", ppq, 1, 32767),
    tempos: byTick(
      tempos.map(({ ticks, bpm }) => ({
        tick: tickOf(ticks),
        microsecondsPerQuarter: whole("bpm, in µs a quarter,", 60_000_000 / bpm, 1, 0xffffff),
      })),
    ),
    timeSignatures: byTick(
      timeSignatures.map(({ ticks, timeSignature: [numerator, denominator] }) => ({
        tick: tickOf(ticks),
        numerator: whole("numerator", numerator, 1, 255),
        denominator: 2 ** whole("denominator, as a power of two,", Math.log2(denominator), 0, 15),
      })),
    ),
    keySignatures: byTick(
      keySignatures.map(({ ticks, key, scale }) => ({
        tick: tickOf(ticks),
        sharps: whole(`key "${key}", in sharps,`, KEYS.indexOf(key) - 7, -7, 7),
        minor: scale === "minor",
      })),
    ),
    texts: byTick(meta.flatMap(({ ticks, type, text }) => textOf(tickOf(ticks), type, text))),
    tracks: midi.tracks.map(scoreTrack),
  };
}

function textOf(tick: number, type: string, text: string): TextEvent[] {
  const kinds = Object.keys(TONE_TEXTS) as TextEvent["kind"][];
  const kind = kinds.find((each) => TONE_TEXTS[each] === type);
  return kind === undefined ? [] : [{ tick, kind, text }];
}

function scoreTrack(track: ToneTrack): ScoreTrack {
  const channel = whole("channel", track.channel, 0, 15);
  const controls = Array.from({ length: 128 }, (_, controller) =>
    (track.controlChanges[controller] ?? []).map(({ ticks, value }) => ({
      tick: tickOf(ticks),
      controller,
      value: whole("controller value, times 127,", value * 127, 0, 127),
    })),
  );
  const notes = track.notes.map((note) => ({
    start: tickOf(note.ticks),
    duration: tickOf(note.durationTicks),
    pitch: whole("pitch", note.midi, 0, 127),
    // A velocity of 0 would close the note instead of starting it.
    velocity: Math.max(1, whole("velocity, times 127,", note.velocity * 127, 0, 127)),
    releaseVelocity: whole("noteOffVelocity, times 127,", note.noteOffVelocity * 127, 0, 127) || undefined,
  }));
  return {
    name: track.name,
    program: whole("instrument number", track.instrument.number, 0, 127),
    isDrum: channel === DRUM_CHANNEL,
    channel,
    notes: notes.sort((a, b) => a.start - b.start),
    controls: byTick(controls.flat()),
    pitchBends: byTick(
      track.pitchBends.map(({ ticks, value }) => ({
        tick: tickOf(ticks),
        value: Math.min(8191, whole("pitch bend, times 8,192,", value * 8192, -8192, 8192)),
      })),
    ),
  };
}

function tickOf(ticks: number): number {
  return whole("ticks", ticks, 0, MAX_TICK);
}

/** The whole number nearest to `value`, which must be from `lowest` to `highest`. */
function whole(subject: string, value: number, lowest: number, highest: number): number {
  const rounded = Math.round(value);
  if (rounded >= lowest && rounded <= highest) return rounded;
  throw invalid(subject, `${value}`, `${lowest} to ${highest}`);
}
