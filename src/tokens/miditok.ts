import { invalid } from "../errors.js";
import type { Score } from "../midi/index.js";
import { type BarOptions, writeBars } from "./bars.js";
import { BarClock, type Clock, type ClockOptions, ShiftClock } from "./clock.js";
import { resolveConfig, type TokenizerConfig, type TokenizerOptions } from "./config.js";
import { type DecodeContext, decodeStreams } from "./decode.js";
import { eventStreams } from "./events.js";
import { createGrammar } from "./grammar.js";
import { type MidiTokName, miditokJSON } from "./miditok-json.js";
import { quantise } from "./quantise.js";
import { closestIndex } from "./rounding.js";
import { writeShifts } from "./shifts.js";
import { tickTables } from "./time-grid.js";
import { Kind } from "./token-tables.js";
import type { DecodeOptions, Tokenizer } from "./tokenizer.js";
import { transposer } from "./transpose.js";
import { buildTables } from "./vocabulary.js";

/** Where every track is a stream, each repeats all bars and meters: a small file can ask for far more than memory. */
const MOST_IDS = 2 ** 24;

/** A tokenizer with MidiTok's tokens; its config has every option filled in. */
export interface MidiTokTokenizer extends Tokenizer {
  readonly name: MidiTokName;
  readonly config: TokenizerConfig;
  /** Every program in one stream, or one stream a track. */
  readonly oneStream: boolean;
}

/**
 * The tokenizer whose ids equal MidiTok's (3.1.0) under the same config.
 *
 * - `remi`: bars, positions in them, notes with durations (Huang & Yang 2020, "Pop Music Transformer").
 * - `tsd`: time shifts, notes with durations (Fradet et al. 2021, "MidiTok").
 * - `midilike`: time shifts, note-ons and note-offs (Oore et al. 2018, "This Time with Feeling").
 *
 * @throws AttaccaError `invalid` where an option is out of its range or unknown.
 */
export function createMidiTokTokenizer(name: MidiTokName, options: TokenizerOptions = {}): MidiTokTokenizer {
  const config = resolveConfig(options);
  const context = contextOf(name, config);
  const { tables } = context;
  const isBar = (id: number): boolean => tables.kinds[id] === Kind.Bar;
  const isShift = (id: number): boolean =>
    tables.kinds[id] === Kind.TimeShift || tables.kinds[id] === Kind.Rest;
  const writeStream = streamWriter(name, config, context);
  return {
    name,
    config,
    vocabulary: tables.vocabulary,
    special: { pad: tables.pad, begin: tables.begin, end: tables.end },
    oneStream: config.oneTokenStreamForPrograms,
    encode(score: Score): Uint16Array[] {
      const quantised = quantise(score, context);
      const streams: Uint16Array[] = [];
      let written = 0;
      for (const events of eventStreams(quantised, context)) {
        const ids = writeStream(events, quantised.ticksPerQuarter);
        // One stream a track names its program once, at its start.
        const track = quantised.tracks[streams.length];
        if (config.programChanges && !config.oneTokenStreamForPrograms && track !== undefined) {
          ids.unshift(tables.programIds[track.program + 1]);
        }
        streams.push(Uint16Array.from(ids));
        written += ids.length;
        if (written > MOST_IDS) throw invalid("score", `more than ${MOST_IDS} ids`, "a piece of music");
      }
      return streams;
    },
    decode: (streams: readonly ArrayLike<number>[], decodeOptions?: DecodeOptions) =>
      decodeStreams(streams, context, decodeOptions),
    transpose: transposer(tables, config),
    grammar: () => createGrammar(context),
    toJSON: () => miditokJSON(name, config),
    isBoundary: name === "remi" ? isBar : isShift,
    isNote: (id) => tables.kinds[id] === Kind.Note || tables.kinds[id] === Kind.Drum,
  };
}

function streamWriter(name: MidiTokName, config: TokenizerConfig, context: DecodeContext) {
  const { tables, finest, restTicks, shiftTicks } = context;
  const rests = config.useRests ? restTicks : undefined;
  if (name !== "remi") {
    const options = { tables, shiftTicks, restTicks: rests };
    return (events: Parameters<typeof writeShifts>[0], ticksPerQuarter: number) =>
      writeShifts(events, ticksPerQuarter, options);
  }
  const options: BarOptions = {
    tables,
    finest,
    numberedBars: config.maxBarEmbedding,
    useBarEnds: config.useBarEndTokens,
    addTrailingBars: config.addTrailingBars,
    useMeters: config.useTimeSignatures,
    restTicks: rests,
  };
  return (events: Parameters<typeof writeBars>[0], ticksPerQuarter: number) =>
    writeBars(events, ticksPerQuarter, options);
}

function contextOf(name: MidiTokName, config: TokenizerConfig): DecodeContext {
  const tables = buildTables(name, config);
  const finest = Math.max(...config.beatRes.map((range) => range.resolution));
  const finestDenominator = Math.max(...tables.meters.map((meter) => meter.denominator));
  const ticksPerQuarter = Math.trunc((finest * finestDenominator) / 4);
  const durationTicks = tickTables(tables.durations);
  const restTicks = tickTables(tables.rests);
  const nearest = Int32Array.from({ length: 128 }, (_, velocity) =>
    tables.velocities.length === 0 ? velocity : tables.velocities[closestIndex(tables.velocities, velocity)],
  );
  const velocityIds = Int32Array.from({ length: 128 }, (_, velocity) => {
    const index = tables.velocities.indexOf(velocity);
    return index < 0 ? -1 : tables.firstOf[Kind.Velocity] + index;
  });
  const clockOptions: ClockOptions = {
    tables,
    ticksPerQuarter,
    finest,
    shiftTicks: durationTicks,
    restTicks,
    restFromHere: name === "midilike",
    numberedBars: config.maxBarEmbedding !== null,
  };
  const defaultTempo =
    tables.tempos.length === 0
      ? 120
      : tables.tempos.reduce((best, tempo) => (Math.abs(tempo - 120) < Math.abs(best - 120) ? tempo : best));
  const barsTellTime = name === "remi";
  return {
    config,
    tables,
    onOff: name === "midilike",
    finest,
    durationTicks,
    shiftTicks: durationTicks,
    restTicks,
    timedPrograms: new Set(config.useNoteDurationPrograms),
    velocity: (velocity) => nearest[velocity],
    velocityIds,
    tempoMicroseconds: tables.tempos.map((tempo) => 60_000_000 / tempo).sort((a, b) => a - b),
    defaultTempo,
    ticksPerQuarter,
    defaultVelocity: 100,
    barsTellTime,
    clock: (meter, counted = false): Clock =>
      barsTellTime
        ? new BarClock(counted ? { ...clockOptions, numberedBars: false } : clockOptions, meter)
        : new ShiftClock(clockOptions, meter),
  };
}
