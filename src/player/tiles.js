import { drawArea } from "./draw-notes.js";
const tileWidth = 256;
const tileHeight = 512;
const mostBytes = 64 << 20;
/** A cache for one roll. A change of scale, ratio or colours must be followed by `invalidate()`. */
export function createTileCache() {
    // In order of use: the first is the one that was not used for longest.
    const tiles = new Map();
    const tileAt = (look, column, band, ratio) => {
        const key = `${column} ${band}`;
        const known = tiles.get(key);
        if (known !== undefined) {
            tiles.delete(key);
            tiles.set(key, known);
            return [known, false];
        }
        const canvas = document.createElement("canvas");
        canvas.width = Math.round(tileWidth * ratio);
        canvas.height = Math.round(tileHeight * ratio);
        const context = canvas.getContext("2d", { alpha: false });
        context.scale(ratio, ratio);
        // A whole number of device pixels, whatever that is in pixels of the page: squares join without a seam.
        const [width, height] = [canvas.width / ratio, canvas.height / ratio];
        drawArea(context, look, { x: column * width, y: band * height, width, height });
        const tile = { canvas, endTick: ((column + 1) * width) / look.pixelsPerTick };
        tiles.set(key, tile);
        return [tile, true];
    };
    return {
        invalidate(fromTick = 0) {
            for (const [key, { endTick }] of tiles)
                if (endTick > fromTick)
                    tiles.delete(key);
        },
        paint(context, look, { x, y, width, height, ratio }) {
            let drawn = 0;
            const [wide, high] = [Math.round(tileWidth * ratio), Math.round(tileHeight * ratio)];
            const [left, top] = [Math.round(x * ratio), Math.round(y * ratio)];
            const firstColumn = Math.floor(left / wide);
            const lastColumn = Math.floor((left + Math.ceil(width * ratio) - 1) / wide);
            const firstBand = Math.floor(top / high);
            const lastBand = Math.floor((top + Math.ceil(height * ratio) - 1) / high);
            context.setTransform(1, 0, 0, 1, 0, 0);
            for (let column = firstColumn; column <= lastColumn; column++) {
                for (let band = firstBand; band <= lastBand; band++) {
                    const [tile, isNew] = tileAt(look, column, band, ratio);
                    if (isNew)
                        drawn += 1;
                    context.drawImage(tile.canvas, column * wide - left, band * high - top);
                }
            }
            // The square that scrolling needs next, while there is time: no frame then has to draw a whole column.
            for (let band = firstBand; drawn === 0 && band <= lastBand; band++)
                if (tileAt(look, lastColumn + 1, band, ratio)[1])
                    drawn += 1;
            const inView = (lastColumn - firstColumn + 3) * (lastBand - firstBand + 1);
            const most = Math.max(inView, Math.floor(mostBytes / (wide * high * 4)));
            for (const key of tiles.keys()) {
                if (tiles.size <= most)
                    break;
                tiles.delete(key);
            }
            return drawn;
        },
    };
}
//# sourceMappingURL=tiles.js.map