import {
  type ControlChange,
  DRUM_CHANNEL,
  instrumentName,
  type KeySignature,
  type Note,
  type PitchBend,
  type Score,
  type ScoreTrack,
  type Tempo,
  type TimeSignature,
} from "../midi/index.js";
import { roundHalfUp } from "./rounding.js";

/** A track while it is filled. Order of appending doesn't matter but among events at one tick. */
export interface TrackDraft {
  program: number;
  isDrum: boolean;
  readonly notes: Note[];
  readonly pedals: { readonly tick: number; readonly duration: number }[];
  readonly pitchBends: PitchBend[];
}

/** A score while it is filled. */
export interface ScoreDraft {
  readonly ticksPerQuarter: number;
  readonly tempos: Tempo[];
  readonly timeSignatures: TimeSignature[];
  readonly keySignatures: KeySignature[];
  readonly tracks: TrackDraft[];
}

/** A track draft of a program; −1 is drums. */
export function draftTrack(program: number, isDrum = program === -1): TrackDraft {
  return { program: Math.max(program, 0), isDrum, notes: [], pedals: [], pitchBends: [] };
}

/** The finished score: everything sorted, a tempo and a meter at tick 0, pedals as controller 64. */
export function finishScore(draft: ScoreDraft, defaultTempo: number): Score {
  const tempos = [...draft.tempos];
  if (tempos[0]?.tick !== 0) {
    tempos.unshift({ tick: 0, microsecondsPerQuarter: roundHalfUp(60_000_000 / defaultTempo) });
  }
  const timeSignatures = [...draft.timeSignatures];
  if (timeSignatures[0]?.tick !== 0) timeSignatures.unshift({ tick: 0, numerator: 4, denominator: 4 });
  return {
    ticksPerQuarter: draft.ticksPerQuarter,
    tempos: sorted(tempos, (tempo) => tempo.tick),
    timeSignatures: sorted(timeSignatures, (signature) => signature.tick),
    keySignatures: sorted(draft.keySignatures, (signature) => signature.tick),
    texts: [],
    tracks: draft.tracks.map(finishTrack),
  };
}

function finishTrack(draft: TrackDraft, index: number): ScoreTrack {
  // One channel is for drums; the other fifteen are dealt out in turn.
  const turn = index % 15;
  const channel = draft.isDrum ? DRUM_CHANNEL : turn < DRUM_CHANNEL ? turn : turn + 1;
  const controls: ControlChange[] = draft.pedals.flatMap(({ tick, duration }) => [
    { tick, controller: 64, value: 127 },
    { tick: tick + duration, controller: 64, value: 0 },
  ]);
  return {
    name: instrumentName(draft),
    program: draft.program,
    isDrum: draft.isDrum,
    channel,
    notes: sorted(draft.notes, (note) => note.start),
    controls: sorted(controls, (control) => control.tick),
    pitchBends: sorted(draft.pitchBends, (bend) => bend.tick),
  };
}

function sorted<T>(events: readonly T[], tickOf: (event: T) => number): T[] {
  return [...events].sort((a, b) => tickOf(a) - tickOf(b));
}
