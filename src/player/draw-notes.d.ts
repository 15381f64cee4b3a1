import { type Palette } from "./palette.js";
import type { Piece } from "./piece.js";
/** What decides where everything of a roll lies. */
export interface RollGeometry {
    readonly piece: Piece;
    readonly pixelsPerTick: number;
    /** Pixels. */
    readonly rowHeight: number;
}
/** What decides how the still part of a roll looks, wherever one scrolls to. */
export interface RollLook extends RollGeometry {
    readonly palette: Palette;
    /** The tick at which the prompt ends. */
    readonly promptEnd?: number;
    /** Whether a track's notes are heard. */
    isHeard(track: number): boolean;
}
/** A rectangle of the roll in its own pixels: 0, 0 is the first tick on the highest line. */
export interface RollArea {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}
/** The rectangle of a note, in the roll's pixels. */
export declare function noteArea({ piece, pixelsPerTick, rowHeight }: RollGeometry, index: number): RollArea;
/** Adds a note's outline to the path. */
export declare function traceNote(context: CanvasRenderingContext2D, area: RollArea, isDrum: boolean): void;
/** Draws an area of the roll: paper, lines, notes. The context's origin is the area's corner, its unit a pixel. */
export declare function drawArea(context: CanvasRenderingContext2D, look: RollLook, area: RollArea): void;
//# sourceMappingURL=draw-notes.d.ts.map