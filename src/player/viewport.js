const widestQuarter = 480;
const usualQuarter = 36;
/** The scale at which all of the piece is seen. */
export function fitScale({ ticks }, width) {
    return Math.max(1, width) / ticks;
}
/** All of the piece, or its beginning where the notes would be too small. */
export function initialViewport(extent, width) {
    const scale = Math.max(fitScale(extent, width), usualQuarter / extent.ticksPerQuarter);
    return clampViewport(extent, { width, pixelsPerTick: scale, left: 0 });
}
/** The nearest viewport that is allowed: not smaller than the whole piece, and not before its start or past its end. */
export function clampViewport(extent, { width, pixelsPerTick, left }) {
    const fit = fitScale(extent, width);
    const scale = Math.min(Math.max(pixelsPerTick, fit), Math.max(fit, widestQuarter / extent.ticksPerQuarter));
    const last = Math.max(0, extent.ticks - width / scale);
    return { width, pixelsPerTick: scale, left: Math.min(Math.max(left, 0), last) };
}
/** Zooms by a factor so that the tick at pixel `x` stays there. */
export function zoomViewport(extent, view, factor, x) {
    const anchor = tickAtX(view, x);
    const { pixelsPerTick } = clampViewport(extent, { ...view, pixelsPerTick: view.pixelsPerTick * factor });
    return clampViewport(extent, { ...view, pixelsPerTick, left: anchor - x / pixelsPerTick });
}
/** Where the playhead of a moving roll stands, as a share of the width. */
const restingShare = 0.35;
/**
 * The viewport in which the playhead is well seen. `smooth` holds it at a third of the width and moves the roll;
 * `page` turns to the next page when it reaches the end of this one.
 */
export function followViewport(extent, view, tick, manner) {
    const share = ((tick - view.left) * view.pixelsPerTick) / view.width;
    if (manner === "page" && share >= 0 && share <= 0.92)
        return view;
    const target = manner === "page" ? 0.08 : restingShare;
    return clampViewport(extent, { ...view, left: tick - (target * view.width) / view.pixelsPerTick });
}
/** The pixel of a tick. */
export function xOfTick({ left, pixelsPerTick }, tick) {
    return (tick - left) * pixelsPerTick;
}
/** The tick of a pixel, with its fraction. */
export function tickAtX({ left, pixelsPerTick }, x) {
    return left + x / pixelsPerTick;
}
//# sourceMappingURL=viewport.js.map