import {
  barMap,
  DEFAULT_MICROSECONDS_PER_QUARTER,
  instrumentName,
  type Note,
  notesEnd,
  type Score,
  type ScoreTrack,
  tempoMap,
} from "../midi/index.js";
import { keyName, trackLabel } from "./names.js";
import { lastTick } from "./roll-window.js";

/** What a score holds, in words and numbers; plain and serialisable. Bars count from 1. */
export interface ScoreDescription {
  readonly ticksPerQuarter: number;
  /** Bars in which a note sounds, or that stand before one of those. */
  readonly bars: number;
  /** Until the last note ends. */
  readonly seconds: number;
  readonly notes: number;
  /** In quarter notes a minute, to a thousandth. Where a tempo doesn't change anything it is left out. */
  readonly tempos: readonly { readonly bar: number; readonly quartersPerMinute: number }[];
  readonly meters: readonly { readonly bar: number; readonly meter: string }[];
  readonly keys: readonly { readonly bar: number; readonly key: string }[];
  readonly texts: number;
  readonly tracks: readonly TrackDescription[];
}

/** What a track holds. */
export interface TrackDescription {
  /** The track's name, or what it plays where it has none. */
  readonly name: string;
  readonly program: number;
  readonly instrument: string;
  readonly isDrum: boolean;
  /** MIDI channel, 1 to 16 as musicians count. */
  readonly channel: number;
  readonly notes: number;
  /** MIDI pitches; absent in a track without notes. */
  readonly lowestPitch?: number;
  readonly highestPitch?: number;
  /** The most notes that sound at once. */
  readonly polyphony: number;
  readonly controls: number;
  readonly pitchBends: number;
}

/** Describes a score for people and programs; what holds by default (120 quarters a minute, 4/4) is said too. */
export function describeScore(score: Score): ScoreDescription {
  const bars = barMap(score);
  const end = notesEnd(score);
  const last = bars.positionAt(lastTick(score));
  const barAt = (tick: number) => bars.positionAt(tick).bar + 1;
  const tempos = held(score.tempos, {
    tick: 0,
    microsecondsPerQuarter: DEFAULT_MICROSECONDS_PER_QUARTER,
  }).map((tempo) => ({
    bar: barAt(tempo.tick),
    quartersPerMinute: Math.round(60e9 / tempo.microsecondsPerQuarter) / 1000,
  }));
  const meters = held(score.timeSignatures, { tick: 0, numerator: 4, denominator: 4 }).map((signature) => ({
    bar: barAt(signature.tick),
    meter: `${signature.numerator}/${signature.denominator}`,
  }));
  const keys = score.keySignatures.map((key) => ({ bar: barAt(key.tick), key: keyName(key) }));
  return {
    ticksPerQuarter: score.ticksPerQuarter,
    bars: last.bar + (last.beat > 0 ? 1 : 0),
    seconds: tempoMap(score).secondsAt(end),
    notes: score.tracks.reduce((sum, { notes }) => sum + notes.length, 0),
    tempos: tempos.filter((each, index) => each.quartersPerMinute !== tempos[index - 1]?.quartersPerMinute),
    meters: meters.filter((each, index) => each.meter !== meters[index - 1]?.meter),
    keys: keys.filter((each, index) => each.key !== keys[index - 1]?.key),
    texts: score.texts.length,
    tracks: score.tracks.map(describeTrack),
  };
}

/** Changes in force: the default first where none stands at the start, and of several at one tick the last. */
function held<Change extends { readonly tick: number }>(
  changes: readonly Change[],
  initial: Change,
): Change[] {
  const inForce = changes.filter(({ tick }, index) => changes[index + 1]?.tick !== tick);
  return inForce[0]?.tick === 0 ? inForce : [initial, ...inForce];
}

function describeTrack(track: ScoreTrack): TrackDescription {
  const { program, isDrum, channel, notes, controls, pitchBends } = track;
  let lowestPitch: number | undefined;
  let highestPitch: number | undefined;
  for (const { pitch } of notes) {
    if (lowestPitch === undefined || pitch < lowestPitch) lowestPitch = pitch;
    if (highestPitch === undefined || pitch > highestPitch) highestPitch = pitch;
  }
  return {
    name: trackLabel(track),
    program,
    instrument: instrumentName(track),
    isDrum,
    channel: channel + 1,
    notes: notes.length,
    lowestPitch,
    highestPitch,
    polyphony: polyphonyOf(notes),
    controls: controls.length,
    pitchBends: pitchBends.length,
  };
}

function polyphonyOf(notes: readonly Note[]): number {
  const starts = Float64Array.from(notes, ({ start }) => start).sort();
  // A note of no length still sounds alone or with others: it lasts for its tick.
  const ends = Float64Array.from(notes, ({ start, duration }) => start + Math.max(1, duration)).sort();
  let most = 0;
  let ended = 0;
  for (const [index, start] of starts.entries()) {
    while (ends[ended] <= start) ended += 1;
    most = Math.max(most, index + 1 - ended);
  }
  return most;
}
