import type { Sound } from "./sound.js";
/** What a sound is made of. */
export interface SoundOptions {
    /** Address or bytes of an .sf2, .sf3 or .dls file; without one, a synthesizer without samples plays. */
    readonly soundfont?: string | URL | ArrayBuffer | Uint8Array;
    /** Where to play; a context of its own unless given, which `dispose` closes. */
    readonly context?: AudioContext;
    /** Address of the worklet's script; `attacca-soundfont.js` beside the module that holds this unless given. */
    readonly worklet?: string | URL;
}
/**
 * Sound for scores in a page. The soundfont is loaded at once and used from when it is there; where it can't be loaded,
 * the synthesizer goes on playing, and `soundfontError` says why.
 *
 * @example
 * const sound = createSound({ soundfont: "sonivox.sf3" });
 * await sound.load(readScore(bytes).score);
 * button.onclick = () => sound.play();
 */
export declare function createSound(options?: SoundOptions): Sound;
//# sourceMappingURL=create-sound.d.ts.map