// A block is skipped as a whole where its last end lies before the window.
const blockLength = 64;
/** The notes of a score. Of notes that start together the first track's comes first. */
export function noteIndexOf(score, rows) {
    const count = score.tracks.reduce((sum, { notes }) => sum + notes.length, 0);
    const trackOf = new Uint32Array(count);
    const placeOf = new Uint32Array(count);
    const startOf = new Float64Array(count);
    let next = 0;
    score.tracks.forEach(({ notes }, track) => {
        for (let index = 0; index < notes.length; index++) {
            trackOf[next] = track;
            placeOf[next] = index;
            startOf[next++] = notes[index].start;
        }
    });
    const order = Uint32Array.from(trackOf.keys()).sort((a, b) => startOf[a] - startOf[b] || a - b);
    const start = Float64Array.from(order, (each) => startOf[each]);
    const track = Uint32Array.from(order, (each) => trackOf[each]);
    const place = Uint32Array.from(order, (each) => placeOf[each]);
    const end = new Float64Array(count);
    const row = new Int16Array(count);
    const velocity = new Uint8Array(count);
    const blockEnds = new Float64Array(Math.ceil(count / blockLength));
    for (let index = 0; index < count; index++) {
        const { isDrum, notes } = score.tracks[track[index]];
        const note = notes[place[index]];
        end[index] = note.start + Math.max(1, note.duration);
        row[index] = rows.rowOf(isDrum, note.pitch);
        velocity[index] = note.velocity;
        const block = Math.floor(index / blockLength);
        blockEnds[block] = Math.max(blockEnds[block], end[index]);
    }
    const firstFrom = (tick) => {
        let low = 0;
        let high = count;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (start[middle] < tick)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    };
    return {
        count,
        start,
        end,
        row,
        track,
        velocity,
        firstFrom,
        forEachIn(from, to, visit) {
            const last = firstFrom(to);
            for (let block = 0; block * blockLength < last; block++) {
                if (blockEnds[block] <= from)
                    continue;
                const stop = Math.min(last, (block + 1) * blockLength);
                for (let index = block * blockLength; index < stop; index++)
                    if (end[index] > from)
                        visit(index);
            }
        },
        reference: (index) => ({
            track: track[index],
            index: place[index],
            note: score.tracks[track[index]].notes[place[index]],
        }),
        indexOf(wantedTrack, wantedPlace) {
            const note = score.tracks[wantedTrack]?.notes[wantedPlace];
            if (note === undefined)
                return -1;
            for (let index = firstFrom(note.start); index < count && start[index] === note.start; index++)
                if (track[index] === wantedTrack && place[index] === wantedPlace)
                    return index;
            return -1;
        },
    };
}
//# sourceMappingURL=note-index.js.map