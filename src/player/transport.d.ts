import { type PlayerSession } from "./session.js";
/** What the row of controls asks of the player beyond the session. */
export interface TransportActions {
    zoom(factor: number): void;
    fit(): void;
    toggleFollow(): void;
    togglePanel(name: "tracks" | "sound"): void;
    help(): void;
}
export interface Transport {
    readonly element: HTMLElement;
    readonly panelButtons: Readonly<Record<"tracks" | "sound", HTMLButtonElement>>;
    /** Shows the session as it is now, but for the time. */
    update(isFollowing: boolean): void;
    /** Shows the time: at every frame. */
    tick(): void;
}
/** The row of controls under the roll. */
export declare function createTransport(session: PlayerSession, actions: TransportActions): Transport;
//# sourceMappingURL=transport.d.ts.map