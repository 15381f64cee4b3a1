/** What a key plays on a drum channel: `Snare`, or `Drum 12` where General MIDI names none. */
export declare function drumName(key: number): string;
//# sourceMappingURL=drum-names.d.ts.map