import { instrumentName } from "../midi/index.js";
import { pitchName, trackLabel } from "../view/index.js";
import { drumName } from "./drum-names.js";
/** `bar 3, beat 2.5`; both count from 1. */
export function placeName({ bars }, tick) {
    const { bar, beat } = bars.positionAt(tick);
    return `bar ${bar + 1}, beat ${shortNumber(beat + 1)}`;
}
/** A number with two decimals at most, and none that say nothing. */
export function shortNumber(value) {
    return String(Math.round(value * 100) / 100);
}
/** What a note is, in the lines of a tooltip: its name, where and how long it sounds, who plays it. */
export function noteLines(piece, { track: index, note }) {
    const track = piece.score.tracks[index];
    const name = track.isDrum ? drumName(note.pitch) : pitchName(note.pitch);
    const beats = note.duration / piece.score.ticksPerQuarter;
    const label = trackLabel(track);
    const instrument = instrumentName(track);
    return [
        `${name} (${note.pitch}), velocity ${note.velocity}`,
        `${placeName(piece, note.start)}, ${shortNumber(beats)} ${beats === 1 ? "quarter" : "quarters"}`,
        label === instrument ? label : `${label}, ${instrument}`,
    ];
}
//# sourceMappingURL=note-text.js.map