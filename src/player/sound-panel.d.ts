import type { PlayerSession } from "./session.js";
export interface SoundPanel {
    readonly element: HTMLElement;
    update(): void;
    /** Says which soundfont is used. */
    nameSoundfont(name: string): void;
}
/** Where the sound comes from: a soundfont of the user's, or an instrument at a MIDI output. */
export declare function createSoundPanel(session: PlayerSession, actions: {
    readonly useSoundfont: (file: File) => void;
    readonly fail: (error: unknown) => void;
}): SoundPanel;
//# sourceMappingURL=sound-panel.d.ts.map