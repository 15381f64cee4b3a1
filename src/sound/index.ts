export type { Seat, SoundEvent, SoundMessage } from "../synth/index.js";
export { chase, resets } from "./chase.js";
export { type RenderOptions, renderScore } from "./render.js";
export { type SoundSchedule, scheduleOf } from "./schedule.js";
export type { SeatedInstrument } from "./seats.js";
export { encodeWav, type StereoAudio } from "./wav.js";
