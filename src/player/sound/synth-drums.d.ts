import type { Context } from "tone/build/esm/core/context/Context.js";
import type { Gain } from "tone/build/esm/core/context/Gain.js";
/** A drum kit without samples. */
export interface SynthDrums {
    /** @param pitch a key of General MIDI's drum map */
    hit(pitch: number, velocity: number, at: number): void;
    dispose(): void;
}
/** Drums of different keys sound together; two hits of one key at the same time are one. */
export declare function createSynthDrums(context: Context, output: Gain): SynthDrums;
//# sourceMappingURL=synth-drums.d.ts.map