import "./quiet-tone.js";
import type { Context } from "tone/build/esm/core/context/Context.js";
import type { Instruments } from "./instruments.js";
/** Oscillators and noise: what plays where no soundfont is, or until it is there. */
export declare function createSynthInstruments(context: Context, output: AudioNode): Instruments;
//# sourceMappingURL=synth-instruments.d.ts.map