import type { Piece } from "./piece.js";
import { type Viewport } from "./viewport.js";
export declare const tallestRow = 28;
export declare const lowestRow = 3;
/** Which part of a piece a roll shows, and where on it everything lies. Knows no page: only sizes in pixels. */
export declare class RollLayout {
    #private;
    piece: Piece;
    /** False until the roll has a size. */
    isReady: boolean;
    view: Viewport;
    height: number;
    /** The pixel of the roll at the upper edge; negative where the roll is higher than its notes, which stand in the middle. */
    top: number;
    constructor(piece: Piece);
    /** Shows another piece, from its beginning, or a longer version of the same one where the view stands. */
    setPiece(piece: Piece, isContinued: boolean): void;
    resize(width: number, height: number): void;
    /** Height of a line in pixels. */
    get rowHeight(): number;
    get pixelsPerTick(): number;
    /** Whether the whole length of the piece is seen. */
    get isFit(): boolean;
    /** Whether there are lines above or below. */
    get isTall(): boolean;
    fit(): void;
    /** Zooms in time so that what stands at pixel `x` stays there. */
    zoom(factor: number, x: number): void;
    /** Makes lines higher or lower; the middle stays where it is. */
    zoomPitches(factor: number): void;
    scrollBy(dx: number, dy: number): void;
    scrollTo(tick: number): void;
    /** Whether scrolling by `dy` pixels would move anything. */
    canScrollDown(dy: number): boolean;
    follow(tick: number, manner: "smooth" | "page"): void;
    /** The tick at a pixel of the view; within the piece. */
    tickAt(x: number): number;
    /** The beat nearest to a pixel of the view, in ticks. */
    beatAt(x: number): number;
    /** The note at a place of the view, or the nearest one within a few pixels; its index. */
    noteAt(x: number, y: number): number | undefined;
}
//# sourceMappingURL=roll-layout.d.ts.map