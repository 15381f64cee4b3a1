import type { Piece } from "./piece.js";
/** What holds at a tick, in words. */
export interface MomentText {
    /** Quarters a minute, rounded. */
    readonly tempo: string;
    readonly meter: string;
    /** `G major`; empty where the file names no key. */
    readonly key: string;
    /** `3.2`: bar and beat, from 1. */
    readonly place: string;
}
/** Tempo (at a rate), meter, key and place at a tick. */
export declare function momentText(piece: Piece, tick: number, rate: number): MomentText;
/** `bar 3, beat 2, 7 seconds of 24 seconds`: for screen readers. */
export declare function spokenPlace(piece: Piece, tick: number, seconds: number): string;
//# sourceMappingURL=piece-text.d.ts.map