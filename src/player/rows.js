import { pitchName } from "../view/index.js";
import { drumName } from "./drum-names.js";
const leastPitches = 24;
const air = 2;
const blackKeys = new Set([1, 3, 6, 8, 10]);
/** The lines that a score needs: two octaves at least, with some air above and below its notes. */
export function rowsOf(score) {
    let lowest = 128;
    let highest = -1;
    const drums = new Set();
    for (const { isDrum, notes } of score.tracks) {
        for (const { pitch } of notes) {
            if (isDrum)
                drums.add(pitch);
            else {
                if (pitch < lowest)
                    lowest = pitch;
                if (pitch > highest)
                    highest = pitch;
            }
        }
    }
    const list = [];
    if (highest >= 0 || drums.size === 0)
        list.push(...pitchRows(lowest, highest));
    if (drums.size > 0) {
        if (list.length > 0)
            list.push({ kind: "gap", pitch: -1, name: "", isBlackKey: false });
        for (const pitch of [...drums].sort((a, b) => b - a))
            list.push({ kind: "drum", pitch, name: drumName(pitch), isBlackKey: false });
    }
    const pitchIndex = new Int16Array(128).fill(-1);
    const drumIndex = new Int16Array(128).fill(-1);
    list.forEach(({ kind, pitch }, index) => {
        if (kind === "pitch")
            pitchIndex[pitch] = index;
        if (kind === "drum")
            drumIndex[pitch] = index;
    });
    return { list, rowOf: (isDrum, pitch) => (isDrum ? drumIndex : pitchIndex)[pitch] };
}
function pitchRows(lowest, highest) {
    let from = highest < 0 ? 48 : lowest - air;
    let to = highest < 0 ? 72 : highest + air;
    const short = leastPitches - (to - from + 1);
    if (short > 0) {
        from -= Math.floor(short / 2);
        to += Math.ceil(short / 2);
    }
    const rows = [];
    for (let pitch = Math.min(127, to); pitch >= Math.max(0, from); pitch--)
        rows.push({
            kind: "pitch",
            pitch,
            name: pitchName(pitch),
            isBlackKey: blackKeys.has(pitch % 12),
        });
    return rows;
}
//# sourceMappingURL=rows.js.map