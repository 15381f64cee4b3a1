import type { SynthOptions } from "tone/build/esm/instrument/Synth.js";
/** What the synthesizer without samples knows of an instrument. */
export interface Timbre {
    readonly oscillator: "sine" | "triangle" | "square8" | "sawtooth8" | "triangle8" | "sawtooth16";
    /** Seconds, seconds, 0 to 1, seconds. */
    readonly attack: number;
    readonly decay: number;
    readonly sustain: number;
    readonly release: number;
}
/** How a program of General MIDI sounds, 0 to 127. */
export declare function timbreOf(program: number): Pick<SynthOptions, "oscillator" | "envelope">;
//# sourceMappingURL=synth-timbres.d.ts.map