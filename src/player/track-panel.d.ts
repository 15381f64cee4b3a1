import { type PlayerSession } from "./session.js";
export interface TrackPanel {
    readonly element: HTMLElement;
    /** Lists the tracks of the piece. */
    load(): void;
    update(): void;
}
/** The list of tracks: colour, name, instrument, mute, solo and volume of each. */
export declare function createTrackPanel(session: PlayerSession): TrackPanel;
//# sourceMappingURL=track-panel.d.ts.map