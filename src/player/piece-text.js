import { DEFAULT_MICROSECONDS_PER_QUARTER } from "../midi/index.js";
import { keyName } from "../view/index.js";
import { placeName } from "./note-text.js";
import { spokenTime } from "./time-text.js";
/** Tempo (at a rate), meter, key and place at a tick. */
export function momentText(piece, tick, rate) {
    const { tempos, keySignatures } = piece.score;
    const tempo = lastFrom(tempos, tick)?.microsecondsPerQuarter ?? DEFAULT_MICROSECONDS_PER_QUARTER;
    const key = lastFrom(keySignatures, tick) ?? keySignatures[0];
    const { bar, beat, numerator, denominator } = piece.bars.positionAt(tick);
    return {
        tempo: String(Math.round((60e6 / tempo) * rate)),
        meter: `${numerator}/${denominator}`,
        key: key === undefined ? "" : keyName(key),
        place: `${bar + 1}.${Math.floor(beat + 1e-6) + 1}`,
    };
}
function lastFrom(changes, tick) {
    // Changes are in order; a piece may have thousands, one for each beat.
    let low = 0;
    let high = changes.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (changes[middle].tick <= tick)
            low = middle + 1;
        else
            high = middle;
    }
    return changes[low - 1];
}
/** `bar 3, beat 2, 7 seconds of 24 seconds`: for screen readers. */
export function spokenPlace(piece, tick, seconds) {
    const { bar, beat } = piece.bars.positionAt(tick);
    const place = placeName(piece, piece.bars.barStart(bar));
    const name = beat < 1 ? place : place.replace(/beat .*/, `beat ${Math.floor(beat) + 1}`);
    return `${name}, ${spokenTime(seconds)} of ${spokenTime(piece.endSeconds)}`;
}
//# sourceMappingURL=piece-text.js.map