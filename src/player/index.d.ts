/** The player: a custom element that shows and plays MIDI files, and its piano roll alone. For pages. */
export type { TickRange } from "./draw-moving.js";
export type { RollArea } from "./draw-notes.js";
export { AttaccaPlayer, type AttaccaPlayerEvents, defineAttaccaPlayer } from "./element.js";
export type { NoteReference } from "./note-index.js";
export { type FollowManner, PianoRoll, type PianoRollEvents } from "./piano-roll.js";
export { createSound, type Sound, type SoundOptions } from "./sound/index.js";
export { type ThemeColour, type ThemeColourName, themeColours, themeRule, themeShapes, themeVariable, } from "./theme.js";
//# sourceMappingURL=index.d.ts.map