import type { TickRange } from "./draw-moving.js";
import type { Palette } from "./palette.js";
import type { PlayerSession } from "./session.js";
export interface Overview {
    readonly element: HTMLElement;
    /** Draws the whole piece anew. */
    redraw(palette: Palette): void;
    /** Shows which part of the piece the roll shows, and the loop. */
    showRange(visible: TickRange, loop: TickRange | undefined, promptEnd: number | undefined): void;
    /** Shows the time: at every frame. */
    tick(): void;
    resize(): boolean;
}
/** The whole piece as a slider: where in it one is, and which part the roll shows. */
export declare function createOverview(session: PlayerSession): Overview;
//# sourceMappingURL=overview.d.ts.map