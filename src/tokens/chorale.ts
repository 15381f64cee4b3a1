import { invalid } from "../errors.js";
import type { Note, Score, ScoreTrack } from "../midi/index.js";
import { CHOIR, CHORALE_GRID, CHORALE_IDS, choraleGrammar } from "./chorale-grammar.js";
import { assignVoices, VOICE_NAMES, voiceTracks } from "./chorale-voices.js";
import type { DecodeOptions, Tokenizer, Vocabulary } from "./tokenizer.js";
import { vocabularyOf } from "./vocabulary.js";

/** Voices in a step, in the order of their ids: soprano, alto, tenor, bass. */
const VOICES = 4;
const STEPS_PER_QUARTER = CHORALE_GRID.stepsPerBeat;
const TICKS_PER_QUARTER = 480;
/** 6,250 bars of 4/4. A file of a few bytes can place a note at tick 2²⁸; the grid is only laid up to here. */
const MOST_STEPS = 100_000;
const VELOCITY = 80;
/** 100 quarters a minute. */
const MICROSECONDS_PER_QUARTER = 600_000;

const { pad: PAD, begin: BEGIN, end: END, rest: REST, firstPitch: FIRST_PITCH } = CHORALE_IDS;

/** The pitches that the vocabulary has, both ends included. */
export interface ChoraleOptions {
  readonly lowestPitch: number;
  readonly highestPitch: number;
}

/**
 * The chorales of the literature lie between 36 and 81. A tritone more on both sides lets each of them stand in all
 * twelve keys.
 */
export const defaultChoraleOptions: ChoraleOptions = { lowestPitch: 30, highestPitch: 87 };

/** A tokenizer of four-voice pieces, with what a grid of pitches needs beside a score. */
export interface ChoraleTokenizer extends Tokenizer {
  readonly name: "chorale";
  /**
   * The stream of a grid: `steps[step][voice]` is a MIDI pitch or −1 (silence), in the order S, A, T, B.
   *
   * @throws AttaccaError `invalid` where a step hasn't four pitches or one is outside the vocabulary.
   */
  encodeSteps(steps: readonly (readonly number[])[]): Uint16Array;
}

/**
 * The serialisation that the literature on the JSB chorales uses (Huang et al. 2018): time is a grid of 16th notes,
 * and each step is four ids, soprano, alto, tenor and bass, each the pitch that sounds or a rest. Which voice an
 * id is follows from its place alone. A held note and a repeated one look the same; decoding takes equal
 * neighbours for one held note.
 */
export function createChoraleTokenizer(options: Partial<ChoraleOptions> = {}): ChoraleTokenizer {
  const range = { ...defaultChoraleOptions, ...options };
  checkRange(range);
  const vocabulary = choraleVocabulary(range);
  const idOfPitch = (pitch: number): number => {
    if (pitch === -1) return REST;
    if (Number.isInteger(pitch) && pitch >= range.lowestPitch && pitch <= range.highestPitch) {
      return pitch - range.lowestPitch + FIRST_PITCH;
    }
    throw invalid("chorale pitch", String(pitch), `${range.lowestPitch} to ${range.highestPitch}, or a rest`);
  };
  const isPitch = (id: number): boolean => id >= FIRST_PITCH && id < vocabulary.size;

  return {
    name: "chorale",
    vocabulary,
    special: { pad: PAD, begin: BEGIN, end: END },
    // A quarter: a position in the window then tells the voice and the place in the beat.
    windowUnit: VOICES * STEPS_PER_QUARTER,
    idsPerStep: VOICES,
    voices: VOICE_NAMES,
    voiceTracks: (score) => voiceTracks(score.tracks),
    encode: (score) => [encodeScore(score, idOfPitch)],
    encodeSteps(steps) {
      const ids = new Uint16Array(steps.length * VOICES);
      steps.forEach((step, at) => {
        if (step.length !== VOICES) {
          throw invalid(`step ${at}`, `${step.length} pitches`, "four, S A T B, -1 for silence");
        }
        for (let voice = 0; voice < VOICES; voice++) ids[at * VOICES + voice] = idOfPitch(step[voice]);
      });
      return ids;
    },
    decode: (streams, decodeOptions) => decodeStreams(streams, isPitch, range.lowestPitch, decodeOptions),
    transpose(ids, semitones) {
      const moved = Uint16Array.from(ids);
      for (let i = 0; i < moved.length; i++) {
        if (!isPitch(moved[i])) continue;
        const id = moved[i] + semitones;
        if (!isPitch(id)) return undefined;
        moved[i] = id;
      }
      return moved;
    },
    grammar: () => choraleGrammar(range, { written: 0, ended: false, sounding: [] }),
    toJSON: () => ({
      tokenization: "Chorale",
      config: { pitch_range: [range.lowestPitch, range.highestPitch + 1] },
    }),
    isBoundary: (id) => id === BEGIN,
    boundaryAt: (_ids, index) => index % (VOICES * STEPS_PER_QUARTER) === 0,
    // Quarters begin behind the begin token.
    unitStart: (index) => (index === 0 ? 0 : index - ((index - 1) % (VOICES * STEPS_PER_QUARTER))),
    isNote: isPitch,
  };
}

/** The tokenizer that `toJSON` described. @throws AttaccaError `invalid` where the JSON isn't one of a chorale tokenizer. */
export function choraleFromJSON(json: Readonly<Record<string, unknown>>): ChoraleTokenizer {
  const config = json.config as { pitch_range?: unknown } | null | undefined;
  const range = config?.pitch_range;
  if (!Array.isArray(range) || range.length !== 2) {
    throw invalid("chorale tokenizer, config.pitch_range", JSON.stringify(range) ?? "nothing", "two pitches");
  }
  return createChoraleTokenizer({ lowestPitch: Number(range[0]), highestPitch: Number(range[1]) - 1 });
}

function checkRange({ lowestPitch, highestPitch }: ChoraleOptions): void {
  const whole = Number.isInteger(lowestPitch) && Number.isInteger(highestPitch);
  if (whole && lowestPitch >= 0 && highestPitch <= 127 && lowestPitch <= highestPitch) return;
  throw invalid(
    "chorale pitch range",
    `${lowestPitch} to ${highestPitch}`,
    "MIDI pitches, the lower one first",
  );
}

function choraleVocabulary({ lowestPitch, highestPitch }: ChoraleOptions): Vocabulary {
  const names = ["PAD_None", "BOS_None", "EOS_None", "Rest"];
  for (let pitch = lowestPitch; pitch <= highestPitch; pitch++) names.push(`Pitch_${pitch}`);
  return vocabularyOf(names);
}

/**
 * Onsets and ends go to the nearest 16th (a note keeps at least one). Where notes of a voice overlap, the later
 * one sounds; of notes that begin together, the highest.
 */
function encodeScore(score: Score, idOfPitch: (pitch: number) => number): Uint16Array {
  const voices = assignVoices(score.tracks);
  const stepOf = (tick: number): number => Math.round((tick * STEPS_PER_QUARTER) / score.ticksPerQuarter);
  const endOf = (note: Note): number => Math.max(stepOf(note.start) + 1, stepOf(note.start + note.duration));
  let steps = 0;
  for (const notes of voices) for (const note of notes) steps = Math.max(steps, endOf(note));
  if (steps > MOST_STEPS) throw invalid("chorale", `${steps} 16ths`, `at most ${MOST_STEPS}`);
  const ids = new Uint16Array(steps * VOICES).fill(REST);
  voices.forEach((notes, voice) => {
    const order = [...notes].sort((a, b) => stepOf(a.start) - stepOf(b.start) || a.pitch - b.pitch);
    order.forEach((note, at) => {
      const id = idOfPitch(note.pitch);
      const next = order[at + 1];
      const end = next === undefined ? endOf(note) : Math.min(endOf(note), stepOf(next.start));
      for (let step = stepOf(note.start); step < end; step++) ids[step * VOICES + voice] = id;
    });
  });
  return ids;
}

function decodeStreams(
  streams: readonly ArrayLike<number>[],
  isPitch: (id: number) => boolean,
  lowestPitch: number,
  options: DecodeOptions = {},
): Score {
  if (streams.length > 1) throw invalid("chorale", `${streams.length} streams`, "one");
  const stepTicks = TICKS_PER_QUARTER / STEPS_PER_QUARTER;
  const voices: Note[][] = VOICE_NAMES.map(() => []);
  const ids = streams[0] ?? [];
  let written = 0;
  for (let i = 0; i < ids.length && ids[i] !== END; i++) {
    const id = ids[i];
    if (id !== REST && !isPitch(id)) continue;
    const notes = voices[written % VOICES];
    const start = Math.floor(written / VOICES) * stepTicks;
    written++;
    if (id === REST) continue;
    const pitch = id - FIRST_PITCH + lowestPitch;
    const last = notes.at(-1);
    if (last !== undefined && last.pitch === pitch && last.start + last.duration === start) {
      notes[notes.length - 1] = { ...last, duration: last.duration + stepTicks };
    } else {
      notes.push({ start, duration: stepTicks, pitch, velocity: VELOCITY });
    }
  }
  const { program, isDrum } = options.programs?.[0] ?? { program: CHOIR, isDrum: false };
  const tracks = VOICE_NAMES.map(
    (name, channel): ScoreTrack => ({
      name,
      program,
      isDrum,
      channel,
      notes: voices[channel],
      controls: [],
      pitchBends: [],
    }),
  );
  return {
    ticksPerQuarter: TICKS_PER_QUARTER,
    tempos: [{ tick: 0, microsecondsPerQuarter: MICROSECONDS_PER_QUARTER }],
    timeSignatures: [{ tick: 0, numerator: 4, denominator: 4 }],
    keySignatures: [],
    texts: [],
    tracks,
  };
}
