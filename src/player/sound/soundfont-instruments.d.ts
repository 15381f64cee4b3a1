import type { Instruments } from "./instruments.js";
/** A soundfont, played in the audio thread. */
export interface SoundfontInstruments extends Instruments {
    /** @throws AttaccaError `invalid`; then the soundfont stays what it was */
    useSoundfont(soundfont: Uint8Array): Promise<void>;
    /** Fulfilled when everything that was sent before has been taken. */
    settled(): Promise<void>;
}
/**
 * Loads the worklet and a soundfont into it.
 *
 * @param worklet address of the worklet's script
 * @throws AttaccaError `unsupported` where there are no worklets (pages without https), `invalid` for what can't be loaded
 */
export declare function createSoundfontInstruments(context: BaseAudioContext, output: AudioNode, soundfont: Uint8Array, worklet: string): Promise<SoundfontInstruments>;
//# sourceMappingURL=soundfont-instruments.d.ts.map