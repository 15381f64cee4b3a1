import { make } from "./dom.js";
import { spokenPlace } from "./piece-text.js";
import { trackColourName } from "./theme.js";
const height = 40;
/** The whole piece as a slider: where in it one is, and which part the roll shows. */
export function createOverview(session) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const band = make("div", { class: "band" });
    const loopBand = make("div", { class: "loop-band", hidden: true });
    const mark = make("div", { class: "prompt-mark", hidden: true });
    const head = make("div", { class: "head" });
    const element = make("div", {
        class: "overview",
        role: "slider",
        tabindex: 0,
        "aria-label": "Position",
        "aria-valuemin": 0,
    });
    element.append(canvas, band, loopBand, mark, head);
    const share = (tick) => Math.min(1, Math.max(0, tick / session.piece.extent.ticks));
    const seekTo = (event) => {
        const { left, width } = element.getBoundingClientRect();
        session.seekTick(((event.clientX - left) / Math.max(1, width)) * session.piece.extent.ticks);
    };
    let isDown = false;
    element.addEventListener("pointerdown", (event) => {
        if (event.button !== 0)
            return;
        isDown = true;
        element.setPointerCapture(event.pointerId);
        seekTo(event);
    });
    element.addEventListener("pointermove", (event) => {
        if (isDown)
            seekTo(event);
    });
    for (const name of ["pointerup", "pointercancel"])
        element.addEventListener(name, () => {
            isDown = false;
        });
    return {
        element,
        resize() {
            const ratio = globalThis.devicePixelRatio || 1;
            const wide = Math.round(element.clientWidth * ratio);
            const high = Math.round(height * ratio);
            if (wide === 0 || (canvas.width === wide && canvas.height === high))
                return false;
            canvas.width = wide;
            canvas.height = high;
            return true;
        },
        redraw(palette) {
            const context = canvas.getContext("2d");
            context.clearRect(0, 0, canvas.width, canvas.height);
            const { notes, rows, extent } = session.piece;
            const scale = canvas.width / extent.ticks;
            const line = Math.max(2, canvas.height / rows.list.length);
            const space = canvas.height - line;
            // From the last track to the first, which lies on top; a pixel that a track has drawn costs nothing again.
            const byTrack = new Map();
            for (let index = 0; index < notes.count; index++) {
                const indices = byTrack.get(notes.track[index]);
                if (indices === undefined)
                    byTrack.set(notes.track[index], [index]);
                else
                    indices.push(index);
            }
            for (const [track, indices] of [...byTrack].sort(([a], [b]) => b - a)) {
                context.fillStyle = session.isHeard(track)
                    ? palette.colour(trackColourName(track))
                    : palette.faint(track);
                const drawnUntil = new Float64Array(rows.list.length).fill(-1);
                for (const index of indices) {
                    const row = notes.row[index];
                    const right = Math.max(notes.start[index] * scale + 1, notes.end[index] * scale);
                    if (right <= drawnUntil[row])
                        continue;
                    const left = Math.max(drawnUntil[row], notes.start[index] * scale);
                    drawnUntil[row] = right;
                    context.fillRect(left, (row / Math.max(1, rows.list.length - 1)) * space, right - left, line);
                }
            }
        },
        showRange(visible, loop, promptEnd) {
            place(band, share(visible.from), share(visible.to));
            band.classList.toggle("whole", share(visible.to) - share(visible.from) > 0.999);
            loopBand.hidden = loop === undefined;
            if (loop !== undefined)
                place(loopBand, share(loop.from), share(loop.to));
            mark.hidden = promptEnd === undefined;
            if (promptEnd !== undefined)
                mark.style.insetInlineStart = `${share(promptEnd) * 100}%`;
        },
        tick() {
            const { piece, position, tick } = session;
            head.style.transform = `translateX(${share(tick) * element.clientWidth}px)`;
            // Once a second: what is read out doesn't change faster, and each change costs the page's tree of names.
            const now = String(Math.floor(position));
            const end = String(Math.ceil(piece.endSeconds));
            if (element.getAttribute("aria-valuemax") !== end)
                element.setAttribute("aria-valuemax", end);
            if (element.getAttribute("aria-valuenow") !== now || !session.isPlaying) {
                element.setAttribute("aria-valuenow", now);
                element.setAttribute("aria-valuetext", spokenPlace(piece, tick, position));
            }
        },
    };
}
function place(element, from, to) {
    element.style.left = `${from * 100}%`;
    element.style.width = `${(to - from) * 100}%`;
}
//# sourceMappingURL=overview.js.map