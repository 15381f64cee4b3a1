/** What a key can do. */
export type ShortcutName = "toggle" | "beatBack" | "beatOn" | "barBack" | "barOn" | "start" | "end" | "continuation" | "loopStart" | "loopEnd" | "loop" | "loopClear" | "slower" | "faster" | "normalTempo" | "zoomIn" | "zoomOut" | "fit" | "higherRows" | "lowerRows" | "up" | "down" | "follow" | "noteNext" | "notePrevious" | "noteGo" | "dismiss" | "tracks" | "sound" | "mute" | "solo" | "help";
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
/** All keys. They count only while the focus is in the player (WCAG 2.2, 2.1.4). */
export declare const shortcutGroups: readonly ShortcutGroup[];
/** What a keyboard event says of its key. */
export interface PressedKey {
    readonly key: string;
    readonly code: string;
    readonly shiftKey: boolean;
    readonly ctrlKey: boolean;
    readonly altKey: boolean;
    readonly metaKey: boolean;
}
/** What a pressed key does, and for a track's key the track's index; undefined for a key without meaning here. */
export declare function shortcutFor(pressed: PressedKey): {
    readonly name: ShortcutName;
    readonly track?: number;
} | undefined;
//# sourceMappingURL=shortcuts.d.ts.map