import { barMap, notesEnd, tempoMap } from "../midi/index.js";
import { noteIndexOf } from "./note-index.js";
import { rowsOf } from "./rows.js";
/** Prepares a score to be shown. */
export function pieceOf(score) {
    const rows = rowsOf(score);
    const bars = barMap(score);
    const endTick = notesEnd(score);
    const tempo = tempoMap(score);
    return {
        score,
        tempo,
        bars,
        rows,
        notes: noteIndexOf(score, rows),
        extent: { ticks: barEnd(bars, endTick, score.ticksPerQuarter), ticksPerQuarter: score.ticksPerQuarter },
        endTick,
        endSeconds: tempo.secondsAt(endTick),
    };
}
function barEnd(bars, tick, ticksPerQuarter) {
    const { barStart, ticksPerBar } = bars.positionAt(Math.max(0, tick - 1e-6));
    const end = barStart + ticksPerBar;
    // A bar of a hostile meter may be smaller than a tick or longer than the piece by far.
    return end >= tick && end <= tick + 16 * ticksPerQuarter
        ? Math.max(end, 1)
        : Math.max(tick, ticksPerQuarter);
}
/**
 * The first tick from which two pieces look different; infinite where they don't. What lies before it needs no new
 * drawing when one replaces the other.
 */
export function firstDifference(before, after) {
    if (before.score.ticksPerQuarter !== after.score.ticksPerQuarter)
        return 0;
    if (before.rows.list.length !== after.rows.list.length)
        return 0;
    if (before.rows.list.some(({ kind, pitch }, index) => {
        const other = after.rows.list[index];
        return kind !== other.kind || pitch !== other.pitch;
    }))
        return 0;
    const meters = JSON.stringify(before.score.timeSignatures) === JSON.stringify(after.score.timeSignatures);
    if (!meters)
        return 0;
    const [one, two] = [before.notes, after.notes];
    const shared = Math.min(one.count, two.count);
    for (let index = 0; index < shared; index++) {
        const isSame = one.start[index] === two.start[index] &&
            one.end[index] === two.end[index] &&
            one.row[index] === two.row[index] &&
            one.track[index] === two.track[index] &&
            one.velocity[index] === two.velocity[index];
        if (!isSame)
            return Math.min(one.start[index], two.start[index]);
    }
    if (one.count === two.count)
        return Number.POSITIVE_INFINITY;
    return one.count > shared ? one.start[shared] : two.start[shared];
}
//# sourceMappingURL=piece.js.map