/** The player: a custom element that shows and plays MIDI files, and its piano roll alone. For pages. */
export { AttaccaPlayer, defineAttaccaPlayer } from "./element.js";
export { PianoRoll } from "./piano-roll.js";
export { createSound } from "./sound/index.js";
export { themeColours, themeRule, themeShapes, themeVariable, } from "./theme.js";
//# sourceMappingURL=index.js.map