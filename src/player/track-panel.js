import { instrumentName } from "../midi/index.js";
import { trackLabel } from "../view/index.js";
import { makeSlider, setPressed, textButton } from "./controls.js";
import { make } from "./dom.js";
import { loudest } from "./session.js";
import { trackColourName } from "./theme.js";
/** A file may have thousands of tracks; as many lines would make the page slow. */
const mostLines = 64;
/** The list of tracks: colour, name, instrument, mute, solo and volume of each. */
export function createTrackPanel(session) {
    const list = make("ul", { class: "tracks" });
    const element = make("section", { class: "panel", "aria-label": "Tracks" }, list);
    let lines = [];
    const lineOf = (index) => {
        const track = session.piece.score.tracks[index];
        const label = trackLabel(track);
        const instrument = instrumentName(track);
        const change = (settings) => session.setTrack(index, settings);
        const mute = textButton("M", `Mute ${label}`, () => change({ mute: !session.track(index).mute }));
        const solo = textButton("S", `Solo ${label}`, () => change({ solo: !session.track(index).solo }));
        mute.classList.add("mute");
        solo.classList.add("solo");
        const volume = makeSlider({
            label: `Volume of ${label}`,
            min: 0,
            max: loudest,
            step: 0.01,
            rest: 1,
            change: (value) => change({ volume: value }),
            text: (value) => `${Math.round(100 * value)} %`,
        });
        const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
        swatch.style.setProperty("--swatch", `var(--attacca-${trackColourName(index)})`);
        const count = track.notes.length;
        const detail = [
            ...(label === instrument ? [] : [instrument]),
            `${count} ${count === 1 ? "note" : "notes"}`,
        ].join(" · ");
        const names = make("div", { class: "names" }, make("span", { class: "name", dir: "auto" }, label), make("span", { class: "detail" }, detail));
        const item = make("li", {}, swatch, names, mute, solo, volume.input);
        return { mute, solo, volume, item };
    };
    return {
        element,
        load() {
            const { tracks } = session.piece.score;
            lines = tracks.slice(0, mostLines).map((_, index) => lineOf(index));
            list.replaceChildren(...lines.map(({ item }) => item));
            const more = tracks.length - lines.length;
            if (more > 0)
                list.append(make("li", { class: "more" }, `and ${more} more`));
            if (tracks.length === 0)
                list.append(make("li", { class: "more" }, "No tracks with notes."));
        },
        update() {
            for (const [index, { mute, solo, volume, item }] of lines.entries()) {
                const track = session.track(index);
                if (track === undefined)
                    continue;
                setPressed(mute, track.mute);
                setPressed(solo, track.solo);
                volume.show(track.volume);
                item.classList.toggle("silent", !session.isHeard(index));
            }
        },
    };
}
//# sourceMappingURL=track-panel.js.map