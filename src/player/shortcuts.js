const key = (name, keys, label, does, shift) => ({ name, keys, label, does, ...(shift !== undefined && { shift }) });
/** All keys. They count only while the focus is in the player (WCAG 2.2, 2.1.4). */
export const shortcutGroups = [
    {
        title: "Playing",
        shortcuts: [
            key("toggle", [" ", "k", "K"], "Space or K", "play or pause"),
            key("beatBack", ["ArrowLeft"], "←", "a beat back", false),
            key("beatOn", ["ArrowRight"], "→", "a beat on", false),
            key("barBack", ["ArrowLeft"], "Shift ←", "a bar back", true),
            key("barOn", ["ArrowRight"], "Shift →", "a bar on", true),
            key("start", ["Home"], "Home", "to the start"),
            key("end", ["End"], "End", "to the end"),
            key("continuation", ["j", "J"], "J", "to where the prompt ends"),
        ],
    },
    {
        title: "Tempo and loop",
        shortcuts: [
            key("slower", [","], ",", "slower by 5 %"),
            key("faster", ["."], ".", "faster by 5 %"),
            key("normalTempo", ["/"], "/", "the piece's own tempo"),
            key("loopStart", ["["], "[", "loop from here"),
            key("loopEnd", ["]"], "]", "loop up to here"),
            key("loop", ["l"], "L", "loop on or off"),
            key("loopClear", ["L"], "Shift L", "loop the whole piece"),
        ],
    },
    {
        title: "View",
        shortcuts: [
            key("zoomIn", ["+", "="], "+", "zoom in"),
            key("zoomOut", ["-", "_"], "−", "zoom out"),
            key("fit", ["0"], "0", "the whole piece"),
            key("up", ["ArrowUp"], "↑", "higher pitches", false),
            key("down", ["ArrowDown"], "↓", "lower pitches", false),
            key("higherRows", ["ArrowUp"], "Shift ↑", "higher lines", true),
            key("lowerRows", ["ArrowDown"], "Shift ↓", "lower lines", true),
            key("follow", ["f", "F"], "F", "follow the playhead, or not"),
        ],
    },
    {
        title: "Notes and tracks",
        shortcuts: [
            key("noteNext", ["n"], "N", "read the next note"),
            key("notePrevious", ["N", "p", "P"], "P", "read the note before"),
            key("noteGo", ["Enter"], "Enter", "go to that note"),
            key("dismiss", ["Escape"], "Esc", "choose no note"),
            key("mute", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "1 to 9", "mute a track, or not", false),
            key("solo", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "Shift 1 to 9", "solo a track, or not", true),
            key("tracks", ["t", "T"], "T", "show or hide the tracks"),
            key("sound", ["s", "S"], "S", "show or hide the sound's settings"),
            key("help", ["?"], "?", "these keys"),
        ],
    },
];
const all = shortcutGroups.flatMap(({ shortcuts }) => shortcuts);
/** What a pressed key does, and for a track's key the track's index; undefined for a key without meaning here. */
export function shortcutFor(pressed) {
    // Keys with these belong to the browser and to screen readers.
    if (pressed.ctrlKey || pressed.altKey || pressed.metaKey)
        return undefined;
    if (/^[1-9]$/.test(pressed.key))
        return { name: "mute", track: Number(pressed.key) - 1 };
    const found = all.find(({ name, keys, shift }) => name !== "mute" &&
        name !== "solo" &&
        keys.includes(pressed.key) &&
        (shift === undefined || shift === pressed.shiftKey));
    if (found !== undefined)
        return { name: found.name };
    // With shift a digit's key writes another character, a different one on each keyboard.
    const digit = pressed.shiftKey ? /^Digit([1-9])$/.exec(pressed.code)?.[1] : undefined;
    return digit === undefined ? undefined : { name: "solo", track: Number(digit) - 1 };
}
//# sourceMappingURL=shortcuts.js.map