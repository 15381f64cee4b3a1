/** As far as a pointer may move in a click. */
const clickSlack = 4;
/**
 * Listens to mouse, pen, touch and wheel: drag pans, two fingers or ctrl and wheel zoom, a click chooses, a drag on the
 * ruler moves the playhead, and one with shift marks a loop. Gives the function that ends it.
 */
export function followGestures(stage, ruler, target) {
    const ends = new AbortController();
    const { signal } = ends;
    followStage(stage, target, signal);
    followRuler(ruler, target, signal);
    for (const surface of [stage, ruler])
        surface.addEventListener("wheel", (event) => turnWheel(event, surface, target), {
            passive: false,
            signal,
        });
    return () => ends.abort();
}
function placeOf(event, surface) {
    const { left, top } = surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
}
function followStage(stage, target, signal) {
    const pointers = new Map();
    let start;
    let isLoop = false;
    let isDrag = false;
    stage.addEventListener("pointerdown", (event) => {
        if (event.button !== 0)
            return;
        const place = placeOf(event, stage);
        pointers.set(event.pointerId, place);
        stage.setPointerCapture(event.pointerId);
        start = pointers.size === 1 ? place : undefined;
        isLoop = event.shiftKey;
        isDrag = false;
        target.point(undefined);
    }, { signal });
    stage.addEventListener("pointermove", (event) => {
        const place = placeOf(event, stage);
        const before = pointers.get(event.pointerId);
        if (before === undefined) {
            if (event.pointerType === "mouse")
                target.point(place);
            return;
        }
        pointers.set(event.pointerId, place);
        if (pointers.size === 2) {
            const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
            const factor = spread(place, other) / spread(before, other);
            target.zoom(factor, (place.x + other.x) / 2);
            target.pan((before.x - place.x) / 2, 0);
            return;
        }
        if (start === undefined)
            return;
        isDrag ||= Math.hypot(place.x - start.x, place.y - start.y) > clickSlack;
        if (!isDrag)
            return;
        stage.classList.add("moving");
        if (isLoop)
            target.markLoop(start.x, place.x);
        else
            target.pan(before.x - place.x, before.y - place.y);
    }, { signal });
    const release = (event) => {
        if (!pointers.delete(event.pointerId))
            return;
        stage.classList.remove("moving");
        if (start !== undefined && !isDrag && event.type === "pointerup")
            target.press(placeOf(event, stage));
        start = undefined;
    };
    stage.addEventListener("pointerup", release, { signal });
    stage.addEventListener("pointercancel", release, { signal });
    stage.addEventListener("pointerleave", () => target.point(undefined), { signal });
}
/** How far two fingers are apart in time; never 0. */
function spread(one, two) {
    return Math.max(16, Math.hypot(one.x - two.x, one.y - two.y));
}
function followRuler(ruler, target, signal) {
    let start;
    ruler.addEventListener("pointerdown", (event) => {
        if (event.button !== 0)
            return;
        const { x } = placeOf(event, ruler);
        start = { x, isLoop: event.shiftKey };
        ruler.setPointerCapture(event.pointerId);
        if (!start.isLoop)
            target.scrub(x, true);
    }, { signal });
    ruler.addEventListener("pointermove", (event) => {
        if (start === undefined)
            return;
        const { x } = placeOf(event, ruler);
        if (start.isLoop)
            target.markLoop(start.x, x);
        else
            target.scrub(x, true);
    }, { signal });
    const release = (event) => {
        if (start !== undefined && !start.isLoop)
            target.scrub(placeOf(event, ruler).x, false);
        else if (start !== undefined && Math.abs(placeOf(event, ruler).x - start.x) <= clickSlack)
            target.markLoop(start.x, start.x);
        start = undefined;
    };
    ruler.addEventListener("pointerup", release, { signal });
    ruler.addEventListener("pointercancel", release, { signal });
}
const linePixels = 16;
function turnWheel(event, surface, target) {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? linePixels : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        target.zoom(Math.exp(-Math.max(-120, Math.min(120, dy)) / 240), placeOf(event, surface).x);
    }
    else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) {
        event.preventDefault();
        target.pan(event.shiftKey && dx === 0 ? dy : dx, 0);
    }
    else if (target.canScrollDown(dy)) {
        event.preventDefault();
        target.pan(0, dy);
    }
}
//# sourceMappingURL=roll-gestures.js.map