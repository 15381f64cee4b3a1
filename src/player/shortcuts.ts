/** What a key can do. */
export type ShortcutName =
  | "toggle"
  | "beatBack"
  | "beatOn"
  | "barBack"
  | "barOn"
  | "start"
  | "end"
  | "continuation"
  | "loopStart"
  | "loopEnd"
  | "loop"
  | "loopClear"
  | "slower"
  | "faster"
  | "normalTempo"
  | "zoomIn"
  | "zoomOut"
  | "fit"
  | "higherRows"
  | "lowerRows"
  | "up"
  | "down"
  | "follow"
  | "noteNext"
  | "notePrevious"
  | "noteGo"
  | "dismiss"
  | "tracks"
  | "sound"
  | "mute"
  | "solo"
  | "help";

/** A key, and what it does. */
export interface Shortcut {
  readonly name: ShortcutName;
  /** As `KeyboardEvent.key` says; several do the same. */
  readonly keys: readonly string[];
  /** Whether shift must be held; where it isn't given, whatever writes the character. */
  readonly shift?: boolean;
  /** As people read it. */
  readonly label: string;
  readonly does: string;
}

/** A group of keys, as the help shows them. */
export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

const key = (
  name: ShortcutName,
  keys: readonly string[],
  label: string,
  does: string,
  shift?: boolean,
): Shortcut => ({ name, keys, label, does, ...(shift !== undefined && { shift }) });

/** All keys. They count only while the focus is in the player (WCAG 2.2, 2.1.4). */
export const shortcutGroups: readonly ShortcutGroup[] = [
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
      key(
        "solo",
        ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "Shift 1 to 9",
        "solo a track, or not",
        true,
      ),
      key("tracks", ["t", "T"], "T", "show or hide the tracks"),
      key("sound", ["s", "S"], "S", "show or hide the sound's settings"),
      key("help", ["?"], "?", "these keys"),
    ],
  },
];

/** What a keyboard event says of its key. */
export interface PressedKey {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const all = shortcutGroups.flatMap(({ shortcuts }) => shortcuts);

/** What a pressed key does, and for a track's key the track's index; undefined for a key without meaning here. */
export function shortcutFor(
  pressed: PressedKey,
): { readonly name: ShortcutName; readonly track?: number } | undefined {
  // Keys with these belong to the browser and to screen readers.
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return undefined;
  if (/^[1-9]$/.test(pressed.key)) return { name: "mute", track: Number(pressed.key) - 1 };
  const found = all.find(
    ({ name, keys, shift }) =>
      name !== "mute" &&
      name !== "solo" &&
      keys.includes(pressed.key) &&
      (shift === undefined || shift === pressed.shiftKey),
  );
  if (found !== undefined) return { name: found.name };
  // With shift a digit's key writes another character, a different one on each keyboard.
  const digit = pressed.shiftKey ? /^Digit([1-9])$/.exec(pressed.code)?.[1] : undefined;
  return digit === undefined ? undefined : { name: "solo", track: Number(digit) - 1 };
}
