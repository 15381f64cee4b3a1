/** The part of a roll that is seen: how large a tick is drawn, and which one stands at the left edge. */
export interface Viewport {
    /** Pixels. */
    readonly width: number;
    readonly pixelsPerTick: number;
    /** The tick at the left edge; with a fraction. */
    readonly left: number;
}
/** What a viewport looks at. */
export interface Extent {
    /** Ticks from the start to the end of the last bar; more than 0. */
    readonly ticks: number;
    readonly ticksPerQuarter: number;
}
/** The scale at which all of the piece is seen. */
export declare function fitScale({ ticks }: Extent, width: number): number;
/** All of the piece, or its beginning where the notes would be too small. */
export declare function initialViewport(extent: Extent, width: number): Viewport;
/** The nearest viewport that is allowed: not smaller than the whole piece, and not before its start or past its end. */
export declare function clampViewport(extent: Extent, { width, pixelsPerTick, left }: Viewport): Viewport;
/** Zooms by a factor so that the tick at pixel `x` stays there. */
export declare function zoomViewport(extent: Extent, view: Viewport, factor: number, x: number): Viewport;
/**
 * The viewport in which the playhead is well seen. `smooth` holds it at a third of the width and moves the roll;
 * `page` turns to the next page when it reaches the end of this one.
 */
export declare function followViewport(extent: Extent, view: Viewport, tick: number, manner: "smooth" | "page"): Viewport;
/** The pixel of a tick. */
export declare function xOfTick({ left, pixelsPerTick }: Viewport, tick: number): number;
/** The tick of a pixel, with its fraction. */
export declare function tickAtX({ left, pixelsPerTick }: Viewport, x: number): number;
//# sourceMappingURL=viewport.d.ts.map