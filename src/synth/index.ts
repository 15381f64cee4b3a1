export type { Seat, SoundEvent, SoundMessage } from "./event.js";
export { createSoundfontSynth, type SoundfontSynth } from "./soundfont-synth.js";
