import { noteArea } from "./draw-notes.js";
import { clampViewport, fitScale, followViewport, initialViewport, tickAtX, zoomViewport, } from "./viewport.js";
export const tallestRow = 28;
export const lowestRow = 3;
// How near to a note counts as on it: fingers and short notes need it.
const hitSlack = 3;
/** Which part of a piece a roll shows, and where on it everything lies. Knows no page: only sizes in pixels. */
export class RollLayout {
    piece;
    /** False until the roll has a size. */
    isReady = false;
    view = { width: 1, pixelsPerTick: 1, left: 0 };
    height = 1;
    /** The pixel of the roll at the upper edge; negative where the roll is higher than its notes, which stand in the middle. */
    top = 0;
    #rowHeight = "fit";
    constructor(piece) {
        this.piece = piece;
    }
    /** Shows another piece, from its beginning, or a longer version of the same one where the view stands. */
    setPiece(piece, isContinued) {
        const wasFit = this.isFit;
        this.piece = piece;
        if (!isContinued) {
            this.#rowHeight = "fit";
            this.view = initialViewport(piece.extent, this.view.width);
        }
        else {
            const scale = wasFit ? fitScale(piece.extent, this.view.width) : this.view.pixelsPerTick;
            this.view = clampViewport(piece.extent, { ...this.view, pixelsPerTick: scale });
        }
        this.top = this.#clampTop(this.top);
    }
    resize(width, height) {
        const { extent } = this.piece;
        this.height = height;
        if (!this.isReady)
            this.view = initialViewport(extent, width);
        else {
            const scale = this.isFit ? fitScale(extent, width) : this.view.pixelsPerTick;
            this.view = clampViewport(extent, { width, left: this.view.left, pixelsPerTick: scale });
        }
        this.isReady = true;
        this.top = this.#clampTop(this.top);
    }
    /** Height of a line in pixels. */
    get rowHeight() {
        if (this.#rowHeight !== "fit")
            return this.#rowHeight;
        return Math.min(tallestRow, Math.max(lowestRow, this.height / this.piece.rows.list.length));
    }
    get pixelsPerTick() {
        return this.view.pixelsPerTick;
    }
    /** Whether the whole length of the piece is seen. */
    get isFit() {
        return this.view.pixelsPerTick <= fitScale(this.piece.extent, this.view.width) * 1.001;
    }
    /** Whether there are lines above or below. */
    get isTall() {
        return this.rowHeight * this.piece.rows.list.length > this.height + 0.5;
    }
    fit() {
        this.#rowHeight = "fit";
        this.top = this.#clampTop(0);
        const { extent } = this.piece;
        this.view = clampViewport(extent, { ...this.view, pixelsPerTick: fitScale(extent, this.view.width) });
    }
    /** Zooms in time so that what stands at pixel `x` stays there. */
    zoom(factor, x) {
        this.view = zoomViewport(this.piece.extent, this.view, factor, x);
    }
    /** Makes lines higher or lower; the middle stays where it is. */
    zoomPitches(factor) {
        const middle = (this.top + this.height / 2) / this.rowHeight;
        this.#rowHeight = Math.min(tallestRow, Math.max(lowestRow, this.rowHeight * factor));
        this.top = this.#clampTop(middle * this.#rowHeight - this.height / 2);
    }
    scrollBy(dx, dy) {
        this.top = this.#clampTop(this.top + dy);
        this.scrollTo(this.view.left + dx / this.view.pixelsPerTick);
    }
    scrollTo(tick) {
        this.view = clampViewport(this.piece.extent, { ...this.view, left: tick });
    }
    /** Whether scrolling by `dy` pixels would move anything. */
    canScrollDown(dy) {
        return Math.abs(this.#clampTop(this.top + dy) - this.top) > 0.01;
    }
    follow(tick, manner) {
        this.view = followViewport(this.piece.extent, this.view, tick, manner);
    }
    /** The tick at a pixel of the view; within the piece. */
    tickAt(x) {
        return Math.min(this.piece.endTick, Math.max(0, tickAtX(this.view, x)));
    }
    /** The beat nearest to a pixel of the view, in ticks. */
    beatAt(x) {
        const { barStart, beat, ticksPerBar, numerator } = this.piece.bars.positionAt(this.tickAt(x));
        return barStart + (Math.round(beat) * ticksPerBar) / numerator;
    }
    /** The note at a place of the view, or the nearest one within a few pixels; its index. */
    noteAt(x, y) {
        const { notes } = this.piece;
        const [left, top] = [x + this.view.left * this.pixelsPerTick, y + this.top];
        let best;
        let bestDistance = hitSlack;
        notes.forEachIn(tickAtX(this.view, x - tallestRow), tickAtX(this.view, x + tallestRow), (index) => {
            const area = noteArea(this, index);
            const dx = Math.max(area.x - left, 0, left - area.x - area.width);
            const dy = Math.max(area.y - top, 0, top - area.y - area.height);
            const distance = Math.max(dx, dy);
            if (distance < bestDistance)
                [best, bestDistance] = [index, distance];
        });
        return best;
    }
    #clampTop(top) {
        const content = this.rowHeight * this.piece.rows.list.length;
        if (content <= this.height)
            return (content - this.height) / 2;
        return Math.min(Math.max(0, top), content - this.height);
    }
}
//# sourceMappingURL=roll-layout.js.map