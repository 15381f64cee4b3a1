import { type RollLook } from "./draw-notes.js";
/** The still part of a roll, drawn once in squares and copied from then on. */
export interface TileCache {
    /** Forgets what was drawn from a tick on (all, by default). */
    invalidate(fromTick?: number): void;
    /**
     * Copies the part of the roll at `x`, `y` (in pixels of the roll, on whole device pixels) onto a canvas, and draws what
     * of it isn't drawn yet. Gives the number of squares that were drawn.
     */
    paint(context: CanvasRenderingContext2D, look: RollLook, window: TileWindow): number;
}
/** Which part of a roll a canvas shows. In pixels of the page; `ratio` is device pixels in one of them. */
export interface TileWindow {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly ratio: number;
}
/** A cache for one roll. A change of scale, ratio or colours must be followed by `invalidate()`. */
export declare function createTileCache(): TileCache;
//# sourceMappingURL=tiles.d.ts.map