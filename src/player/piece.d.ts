import { type BarMap, type Score, type TempoMap } from "../midi/index.js";
import { type NoteIndex } from "./note-index.js";
import { type Rows } from "./rows.js";
import type { Extent } from "./viewport.js";
/** A score with what is needed to show it: computed once. */
export interface Piece {
    readonly score: Score;
    readonly tempo: TempoMap;
    readonly bars: BarMap;
    readonly rows: Rows;
    readonly notes: NoteIndex;
    readonly extent: Extent;
    /** Ticks and seconds until the last note ends. */
    readonly endTick: number;
    readonly endSeconds: number;
}
/** Prepares a score to be shown. */
export declare function pieceOf(score: Score): Piece;
/**
 * The first tick from which two pieces look different; infinite where they don't. What lies before it needs no new
 * drawing when one replaces the other.
 */
export declare function firstDifference(before: Piece, after: Piece): number;
//# sourceMappingURL=piece.d.ts.map