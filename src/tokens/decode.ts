import type { Score } from "../midi/index.js";
import type { Clock } from "./clock.js";
import type { QuantiseContext } from "./quantise.js";
import { finishScore, type ScoreDraft } from "./score-builder.js";
import { SoundingNotes } from "./sounding-notes.js";
import { StreamReader } from "./stream-reader.js";
import type { TickTable } from "./time-grid.js";
import type { DecodeOptions } from "./tokenizer.js";

/** What reading ids depends on, past what writing them does. */
export interface DecodeContext extends QuantiseContext {
  readonly ticksPerQuarter: number;
  /** Velocity of notes where there are no velocity tokens. */
  readonly defaultVelocity: number;
  readonly shiftTicks: (ticksPerBeat: number) => TickTable;
  readonly restTicks: (ticksPerBeat: number) => TickTable;
  /** A clock at the start of a stream. Numbered bars move it only if `counted`: MidiTok reads them as nothing. */
  readonly clock: (meter: number, counted?: boolean) => Clock;
  /** `remi`: time is told by bars and positions, not by shifts. */
  readonly barsTellTime: boolean;
}

/** Reads streams of ids as MidiTok does: what makes no sense where it stands is passed over. */
export function decodeStreams(
  streams: readonly ArrayLike<number>[],
  context: DecodeContext,
  options: DecodeOptions = {},
): Score {
  const draft: ScoreDraft = {
    ticksPerQuarter: context.ticksPerQuarter,
    tempos: [],
    timeSignatures: [],
    keySignatures: [],
    tracks: [],
  };
  const sounding = new SoundingNotes();
  const one = context.config.oneTokenStreamForPrograms;
  const read = one ? streams.slice(0, 1) : streams;
  read.forEach((ids, index) => {
    new StreamReader(ids, index, draft, sounding, context, options.programs?.[index]).read();
  });
  return finishScore(draft, context.defaultTempo);
}
