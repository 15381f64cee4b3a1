import { VOICE_NAMES } from "./chorale-voices.js";
import type { GrammarState } from "./tokenizer.js";

/** What the ids of a chorale mean: four special ones, and pitches from the lowest on. */
export const CHORALE_IDS = { pad: 0, begin: 1, end: 2, rest: 3, firstPitch: 4 } as const;
/** Time is a grid of 16ths. Pickups are not told apart in this data: bars are counted from the first step, as if in 4/4. */
export const CHORALE_GRID = { stepsPerBar: 16, stepsPerBeat: 4 } as const;
/** Choir aahs, in General MIDI counted from 0. */
export const CHOIR = 52;

interface ChoralePlace {
  /** Pitches and rests so far. */
  readonly written: number;
  readonly ended: boolean;
  /** The ids of the newest step of each voice. */
  readonly sounding: readonly number[];
}

/** Any pitch or rest may follow anywhere; a piece ends only behind a whole step; behind its end stands padding. */
export function choraleGrammar(
  range: { readonly lowestPitch: number; readonly highestPitch: number },
  from: ChoralePlace,
): GrammarState {
  let { written, ended } = from;
  const sounding = [...from.sounding];
  const { pad, end, rest, firstPitch } = CHORALE_IDS;
  const voices = VOICE_NAMES.length;
  const idsInBar = voices * CHORALE_GRID.stepsPerBar;
  const size = firstPitch + range.highestPitch - range.lowestPitch + 1;
  const isPitch = (id: number): boolean => id >= firstPitch && id < size;
  return {
    allowed(mask) {
      mask.fill(0);
      if (ended) {
        mask[pad] = 1;
        return;
      }
      mask.fill(1, rest, size);
      if (written > 0 && written % voices === 0) mask[end] = 1;
    },
    push(id) {
      if (ended) return;
      if (id === end) ended = true;
      else if (id === rest || isPitch(id)) sounding[written++ % voices] = id;
    },
    fork: () => choraleGrammar(range, { written, ended, sounding }),
    bars: () => written / idsInBar,
    noteOf(id) {
      if (ended || !isPitch(id)) return undefined;
      const voice = written % voices;
      const pitch = id - firstPitch + range.lowestPitch;
      return { pitch, program: CHOIR, voice: VOICE_NAMES[voice], begins: sounding[voice] !== id };
    },
    grid: () => CHORALE_GRID,
    room: () => idsInBar - (written % idsInBar),
  };
}
