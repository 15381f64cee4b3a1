import type { BarMap } from "../midi/index.js";
/** A vertical line of the roll. */
export interface GridLine {
    readonly tick: number;
    readonly kind: "bar" | "beat";
    /** For the lines that carry one: the bar's number, from 1. */
    readonly label?: string;
}
/**
 * The bar and beat lines from tick `from` (included) to `to` (not). Where bars crowd, every second, fourth, eighth… has a
 * line, counted from the piece's start, so that neighbouring windows agree. There are never more lines than one per
 * eight pixels and change of meter, whatever the meters of a file are.
 */
export declare function gridLines(bars: BarMap, from: number, to: number, pixelsPerTick: number): GridLine[];
//# sourceMappingURL=grid.d.ts.map