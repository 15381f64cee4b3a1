import { invalid } from "../errors.js";
import { specialNames, type TokenizerConfig } from "./config.js";
import {
  geomspace,
  linspace,
  pythonFloat,
  pythonSetOrder,
  roundCentsExact,
  roundCentsScaled,
} from "./rounding.js";
import { timeTuples } from "./time-grid.js";
import { Kind, type TokenTables } from "./token-tables.js";
import type { TokenizerName, Vocabulary } from "./tokenizer.js";

/** The vocabulary of one of MidiTok's tokenizers under a config: same names, same ids. */
export function buildTables(name: TokenizerName, config: TokenizerConfig): TokenTables {
  const names: string[] = [];
  const kinds: number[] = [];
  const values: number[] = [];
  const add = (kind: Kind, value: number, token: string): void => {
    names.push(token);
    kinds.push(kind);
    values.push(value);
  };
  const addRange = (kind: Kind, type: string, low: number, high: number): void => {
    for (let value = low; value <= high; value++) add(kind, value, `${type}_${value}`);
  };
  const addEach = (kind: Kind, type: string, labels: readonly string[]): void => {
    for (const [index, label] of labels.entries()) add(kind, index, `${type}_${label}`);
  };
  const onOff = name === "midilike";
  const durations = timeTuples(config.beatRes);
  const rests = config.useRests ? timeTuples(config.beatResRest) : [];
  const velocities = config.useVelocities
    ? linspace(0, 127, config.numVelocities + 1)
        .slice(1)
        .map(Math.floor)
    : [];
  const tempos = config.useTempos ? [...new Set(tempoValues(config))] : [];
  const meters = config.useTimeSignatures
    ? config.timeSignatureRange.flatMap(({ denominator, numerators }) =>
        [...new Set(numerators)].map((numerator) => ({ numerator, denominator })),
      )
    : [{ numerator: 4, denominator: 4 }];
  const finest = Math.max(...config.beatRes.map((range) => range.resolution));
  const hasDurations = config.useNoteDurationPrograms.length > 0;
  const [low, high] = config.pitchRange;

  for (const token of specialNames(config.specialTokens)) add(Kind.Special, 0, token);
  if (name === "remi") {
    if (config.maxBarEmbedding === null) add(Kind.Bar, 0, "Bar_None");
    else addRange(Kind.Bar, "Bar", 0, config.maxBarEmbedding - 1);
    if (config.useBarEndTokens) add(Kind.BarEnd, 0, "Bar_End");
  }
  addRange(Kind.Note, onOff ? "NoteOn" : "Pitch", low, high);
  if (onOff && hasDurations) addRange(Kind.NoteEnd, "NoteOff", low, high);
  for (const velocity of velocities) add(Kind.Velocity, velocity, `Velocity_${velocity}`);
  if ((!onOff && hasDurations) || config.sustainPedalDuration) {
    addEach(
      Kind.Duration,
      "Duration",
      durations.map((tuple) => tuple.join(".")),
    );
  }
  if (name === "remi") {
    const longest = Math.max(...meters.map((meter) => meter.numerator));
    addRange(Kind.Position, "Position", 0, finest * longest - 1);
  } else {
    addEach(
      Kind.TimeShift,
      "TimeShift",
      durations.map((tuple) => tuple.join(".")),
    );
  }
  if (config.usePitchdrumTokens) {
    const [lowDrum, highDrum] = config.drumsPitchRange;
    addRange(Kind.Drum, onOff ? "DrumOn" : "PitchDrum", lowDrum, highDrum);
    if (onOff) addRange(Kind.DrumEnd, "DrumOff", lowDrum, highDrum);
  }
  addEach(
    Kind.Rest,
    "Rest",
    rests.map((tuple) => tuple.join(".")),
  );
  addEach(Kind.Tempo, "Tempo", tempos.map(pythonFloat));
  const programs = pythonSetOrder(config.programs);
  if (config.usePrograms) for (const program of programs) add(Kind.Program, program, `Program_${program}`);
  if (config.useTimeSignatures) {
    addEach(
      Kind.Meter,
      "TimeSig",
      meters.map(({ numerator, denominator }) => `${numerator}/${denominator}`),
    );
  }
  if (config.useKeySignatures) {
    for (let key = -7; key <= 7; key++) {
      for (const tonality of [0, 1]) add(Kind.Key, key * 2 + tonality, `KeySig_${key}:${tonality}`);
    }
  }
  if (config.useSustainPedals) {
    const owners = config.usePrograms ? programs : [0];
    for (const program of owners) add(Kind.Pedal, program, `Pedal_${program}`);
    if (!config.sustainPedalDuration)
      for (const program of owners) add(Kind.PedalOff, program, `PedalOff_${program}`);
  }
  const [lowest, highest, count] = config.pitchBendRange;
  const bends = config.usePitchBends ? [...new Set(linspace(lowest, highest, count).map(Math.floor))] : [];
  for (const bend of bends) add(Kind.PitchBend, bend, `PitchBend_${bend}`);

  const firstOf = new Int32Array(19).fill(-1);
  const countOf = new Int32Array(19);
  kinds.forEach((kind, id) => {
    if (firstOf[kind] < 0) firstOf[kind] = id;
    countOf[kind]++;
  });
  const byProgram = (kind: Kind): Int32Array => {
    const ids = new Int32Array(129).fill(-1);
    for (let i = 0; i < countOf[kind]; i++) ids[values[firstOf[kind] + i] + 1] = firstOf[kind] + i;
    return ids;
  };
  const vocabulary = vocabularyOf(names);
  const special = (token: string): number => vocabulary.idOf(token) ?? -1;
  return {
    vocabulary,
    pad: special("PAD_None"),
    begin: special("BOS_None"),
    end: special("EOS_None"),
    kinds: Uint8Array.from(kinds),
    values: Int32Array.from(values),
    firstOf,
    countOf,
    durations,
    rests,
    velocities,
    tempos,
    meters,
    common: meters.findIndex(({ numerator, denominator }) => numerator === 4 && denominator === 4),
    bends,
    programs,
    programIds: byProgram(Kind.Program),
    pedalIds: byProgram(Kind.Pedal),
    pedalOffIds: byProgram(Kind.PedalOff),
  };
}

/** Streams and shards hold ids in 16 bits. */
const MOST_IDS = 2 ** 16;

/**
 * Ids ⇄ names, for names in the order of their ids.
 *
 * @throws AttaccaError `invalid` where there are more than 65,536
 */
export function vocabularyOf(names: readonly string[]): Vocabulary {
  if (names.length > MOST_IDS) throw invalid("vocabulary", `${names.length} ids`, `at most ${MOST_IDS}`);
  const ids = new Map(names.map((token, id) => [token, id]));
  return {
    size: names.length,
    names,
    nameOf(id) {
      const name = names[id];
      if (name === undefined) throw invalid("id", String(id), `0 to ${names.length - 1}`);
      return name;
    },
    idOf: (token) => ids.get(token),
  };
}

function tempoValues(config: TokenizerConfig): number[] {
  const [slowest, fastest] = config.tempoRange;
  const space = config.logTempos ? geomspace : linspace;
  return space(slowest, fastest, config.numTempos).map(roundCentsScaled);
}

/** Index in `tempos` of the token that MidiTok writes for a tempo of whole microseconds a quarter, or −1. */
export function tempoIndex(tempos: readonly number[], microsecondsPerQuarter: number): number {
  return tempos.indexOf(roundCentsExact(60_000_000 / microsecondsPerQuarter));
}
