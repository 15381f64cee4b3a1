import { make } from "./dom.js";
import { drawKeys, drawMotion, drawRuler, keysWidth, rulerHeight } from "./draw-moving.js";
import { createTileCache } from "./tiles.js";
/** The canvases of a roll: what is still, what moves over it, bar numbers, and the keyboard. */
export class RollCanvases {
    still = make("canvas", { "aria-hidden": "true" });
    moving = make("canvas", { "aria-hidden": "true" });
    ruler = make("canvas", { "aria-hidden": "true" });
    keys = make("canvas", { "aria-hidden": "true" });
    #tiles = createTileCache();
    #ratio = 1;
    #scale = { pixelsPerTick: 0, rowHeight: 0 };
    #place = { left: Number.NaN, top: Number.NaN };
    /** Forgets what was drawn from a tick on. */
    invalidate(fromTick = 0) {
        this.#tiles.invalidate(fromTick);
        this.#place = { left: Number.NaN, top: Number.NaN };
    }
    /** Gives the canvases the device pixels that they need. Sizes in pixels of the page. */
    resize(width, height, ratio) {
        if (ratio !== this.#ratio)
            this.invalidate();
        this.#ratio = ratio;
        this.#place = { left: Number.NaN, top: Number.NaN };
        for (const [canvas, wide, high] of [
            [this.still, width, height],
            [this.moving, width, height],
            [this.ruler, width, rulerHeight],
            [this.keys, keysWidth, height],
        ]) {
            // Setting a size clears a canvas, even where it stays the same.
            const [deviceWidth, deviceHeight] = [Math.round(wide * ratio), Math.round(high * ratio)];
            if (canvas.width !== deviceWidth)
                canvas.width = deviceWidth;
            if (canvas.height !== deviceHeight)
                canvas.height = deviceHeight;
        }
    }
    draw(layout, look, motion) {
        const { pixelsPerTick, rowHeight } = look;
        if (pixelsPerTick !== this.#scale.pixelsPerTick || rowHeight !== this.#scale.rowHeight)
            this.invalidate();
        this.#scale = { pixelsPerTick, rowHeight };
        const { height } = layout;
        // Whole device pixels: copied squares stay sharp, and what is drawn over them meets them.
        const snap = (pixels) => Math.round(pixels * this.#ratio) / this.#ratio;
        const left = snap(layout.view.left * pixelsPerTick);
        const top = snap(layout.top);
        const view = { ...layout.view, left: left / pixelsPerTick };
        if (left !== this.#place.left || top !== this.#place.top) {
            const window = { x: left, y: top, width: view.width, height, ratio: this.#ratio };
            this.#tiles.paint(this.still.getContext("2d", { alpha: false }), look, window);
            this.#place = { left, top };
        }
        const moving = this.#scaled(this.moving, true);
        moving.clearRect(0, 0, view.width, height);
        drawMotion(moving, look, view, top, height, motion);
        drawRuler(this.#scaled(this.ruler, false), look, view, motion);
        drawKeys(this.#scaled(this.keys, false), look, top, height, soundingRows(look, motion.tick));
    }
    #scaled(canvas, alpha) {
        const context = canvas.getContext("2d", { alpha });
        context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
        return context;
    }
}
/** The lines on which a note sounds at a tick, and the track that plays it. */
function soundingRows({ piece: { notes }, isHeard }, tick) {
    const sounding = new Map();
    notes.forEachIn(tick, tick + 1e-3, (index) => {
        if (isHeard(notes.track[index]))
            sounding.set(notes.row[index], notes.track[index]);
    });
    return sounding;
}
//# sourceMappingURL=roll-canvases.js.map