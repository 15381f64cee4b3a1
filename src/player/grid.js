const leastBarPixels = 9;
const leastBeatPixels = 14;
const leastLabelPixels = 44;
/**
 * The bar and beat lines from tick `from` (included) to `to` (not). Where bars crowd, every second, fourth, eighth… has a
 * line, counted from the piece's start, so that neighbouring windows agree. There are never more lines than one per
 * eight pixels and change of meter, whatever the meters of a file are.
 */
export function gridLines(bars, from, to, pixelsPerTick) {
    const lines = [];
    let { bar } = bars.positionAt(Math.max(0, from));
    for (;;) {
        const tick = bars.barStart(bar);
        if (!(tick < to))
            return lines;
        const { ticksPerBar, numerator } = bars.positionAt(tick);
        const barPixels = ticksPerBar * pixelsPerTick;
        const stride = strideFor(leastBarPixels / barPixels);
        if (bar % stride === 0) {
            const isLabelled = bar % strideFor(leastLabelPixels / barPixels) === 0;
            if (tick >= from)
                lines.push({
                    tick,
                    kind: "bar",
                    ...(isLabelled && Number.isSafeInteger(bar) && { label: `${bar + 1}` }),
                });
            const beat = ticksPerBar / numerator;
            if (beat * pixelsPerTick >= leastBeatPixels) {
                const end = Math.min(tick + ticksPerBar, bars.barStart(bar + 1), to);
                for (let line = tick + beat; line < end - beat / 1000; line += beat)
                    if (line >= from)
                        lines.push({ tick: line, kind: "beat" });
            }
        }
        const next = (Math.floor(bar / stride) + 1) * stride;
        // Bars too small for a number to count end the lines rather than the loop.
        if (!(next > bar))
            return lines;
        bar = next;
    }
}
/** The smallest power of two that is at least `value`. */
function strideFor(value) {
    return value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value));
}
//# sourceMappingURL=grid.js.map