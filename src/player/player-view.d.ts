import { PianoRoll } from "./piano-roll.js";
import type { PlayerSession } from "./session.js";
export type PanelName = "tracks" | "sound";
/** What the view asks of the element. */
export interface ViewActions {
    takeFile(file: File): void;
    fail(error: unknown): void;
    /** At every frame in which the time is shown. */
    frame(): void;
}
/** All that is seen of a player. */
export interface PlayerView {
    readonly element: HTMLElement;
    readonly roll: PianoRoll;
    readonly help: HTMLDialogElement;
    setTitle(title: string): void;
    setPromptEnd(tick: number | undefined): void;
    showError(text: string | undefined): void;
    /** Has a screen reader say something. */
    say(text: string): void;
    togglePanel(name: PanelName): void;
    toggleFollow(): void;
    nameSoundfont(name: string): void;
    refreshTheme(): void;
    dispose(): void;
}
/** Builds what is seen, and keeps it as the session is. */
export declare function createPlayerView(session: PlayerSession, actions: ViewActions): PlayerView;
//# sourceMappingURL=player-view.d.ts.map