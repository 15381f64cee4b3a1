import { type RollMotion } from "./draw-moving.js";
import type { RollLook } from "./draw-notes.js";
import type { RollLayout } from "./roll-layout.js";
/** The canvases of a roll: what is still, what moves over it, bar numbers, and the keyboard. */
export declare class RollCanvases {
    #private;
    readonly still: HTMLCanvasElement;
    readonly moving: HTMLCanvasElement;
    readonly ruler: HTMLCanvasElement;
    readonly keys: HTMLCanvasElement;
    /** Forgets what was drawn from a tick on. */
    invalidate(fromTick?: number): void;
    /** Gives the canvases the device pixels that they need. Sizes in pixels of the page. */
    resize(width: number, height: number, ratio: number): void;
    draw(layout: RollLayout, look: RollLook, motion: RollMotion): void;
}
//# sourceMappingURL=roll-canvases.d.ts.map