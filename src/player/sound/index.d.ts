export { createSound, type SoundOptions } from "./create-sound.js";
export type { Loop, MidiOutputName, Sound, SoundEventName, SoundKind, TrackSettings, } from "./sound.js";
//# sourceMappingURL=index.d.ts.map