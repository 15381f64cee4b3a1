import type { MidiTokName, TokenizerOptions } from "../../src/tokens/index.js";
import { pipelineConfig } from "../../src/tokens/index.js";

export const miditokNames: readonly MidiTokName[] = ["remi", "tsd", "midilike"];

/** Everything that can be written is. */
export const everything: TokenizerOptions = {
  usePrograms: true,
  useTempos: true,
  useTimeSignatures: true,
  useKeySignatures: true,
  useRests: true,
  useSustainPedals: true,
  usePitchBends: true,
};

/** Configs that switch each rule of the grammar on and off. */
export const grammarConfigs: Readonly<Record<string, TokenizerOptions>> = {
  default: {},
  pipeline: pipelineConfig,
  everything,
  "program changes": { ...everything, programChanges: true },
  "tracks apart": { ...everything, usePrograms: false },
  "tracks apart, with programs": { ...everything, oneTokenStreamForPrograms: false },
  "tracks apart, program first": { ...everything, oneTokenStreamForPrograms: false, programChanges: true },
  "pedals with durations": { ...everything, useRests: false, sustainPedalDuration: true },
  "no meters": { useTimeSignatures: false, useRests: true },
  "no velocities, no duplicates": { ...everything, useVelocities: false, removeDuplicatedNotes: true },
  "few programs": {
    usePrograms: true,
    programs: [-1, 0, 40],
    deleteEqualSuccessiveTempoChanges: true,
    useTempos: true,
  },
  "durations for some": { usePrograms: true, programs: [-1, 0, 40], useNoteDurationPrograms: [0] },
  "no durations": { useNoteDurationPrograms: [] },
  "drums by pitch": { usePrograms: true, programs: [-1, 0], usePitchdrumTokens: false },
  "bar ends": { useBarEndTokens: true, addTrailingBars: true, useTempos: true },
  "coarse grid": {
    beatRes: [{ from: 0, to: 2, resolution: 4 }],
    useRests: true,
    beatResRest: [{ from: 0, to: 2, resolution: 2 }],
  },
};
