/** The sheet of the player's shadow root. Widths are the player's own, not the window's. */
export declare const playerSheet: string;
//# sourceMappingURL=player-style.d.ts.map