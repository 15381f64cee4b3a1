import { type RollLook } from "./draw-notes.js";
import { type Viewport } from "./viewport.js";
/** Ticks from `from` to `to`. */
export interface TickRange {
    readonly from: number;
    readonly to: number;
}
/** What moves over the still part of a roll. */
export interface RollMotion {
    /** The playhead; in ticks. */
    readonly tick: number;
    readonly loop?: TickRange;
    /** Indices of the note that is pointed at, and of the one that is chosen. */
    readonly hovered?: number;
    readonly selected?: number;
}
/** Height of the strip of bar numbers, and width of that of note names; in pixels. */
export declare const rulerHeight = 26;
export declare const keysWidth = 46;
/** Draws playhead, sounding notes and loop onto a cleared canvas whose unit is a pixel; `top` is the highest pixel seen. */
export declare function drawMotion(context: CanvasRenderingContext2D, look: RollLook, view: Viewport, top: number, height: number, motion: RollMotion): void;
/** Draws the strip of bar numbers: bars, meters where they change, loop, where the prompt ends, and the playhead's head. */
export declare function drawRuler(context: CanvasRenderingContext2D, look: RollLook, view: Viewport, motion: RollMotion): void;
/** Draws the keyboard: a key for each pitch, names where there is room, the keys of sounding notes in their track's colour. */
export declare function drawKeys(context: CanvasRenderingContext2D, { palette, piece, rowHeight }: RollLook, top: number, height: number, sounding: ReadonlyMap<number, number>): void;
//# sourceMappingURL=draw-moving.d.ts.map