import type { Note, Score } from "../midi/index.js";
import type { Rows } from "./rows.js";
/** A note, and where it stands in its score. */
export interface NoteReference {
    /** Index into `score.tracks`. */
    readonly track: number;
    /** Index into the track's notes. */
    readonly index: number;
    readonly note: Note;
}
/** All notes of a score, by start, as columns of numbers: fast to search and to draw. */
export interface NoteIndex {
    readonly count: number;
    /** In ticks, ascending. */
    readonly start: Float64Array;
    /** In ticks; a note of no length lasts for one, so that it can be seen. */
    readonly end: Float64Array;
    /** Index into the lines of the roll. */
    readonly row: Int16Array;
    readonly track: Uint32Array;
    readonly velocity: Uint8Array;
    /** Calls `visit` with each note that sounds in the ticks from `from` (included) to `to` (not), by start. */
    forEachIn(from: number, to: number, visit: (index: number) => void): void;
    /** The first note that starts at `tick` or later; `count` if there is none. */
    firstFrom(tick: number): number;
    /** Where a note stands in the score. */
    reference(index: number): NoteReference;
    /** The index of a note of the score; −1 if there is none. */
    indexOf(track: number, index: number): number;
}
/** The notes of a score. Of notes that start together the first track's comes first. */
export declare function noteIndexOf(score: Pick<Score, "tracks">, rows: Rows): NoteIndex;
//# sourceMappingURL=note-index.d.ts.map