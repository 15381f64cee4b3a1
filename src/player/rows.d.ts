import type { Score } from "../midi/index.js";
/** A line of the roll: a pitch, a drum, or the gap between both. */
export interface Row {
    readonly kind: "pitch" | "drum" | "gap";
    /** MIDI pitch, 0 to 127; −1 for a gap. */
    readonly pitch: number;
    /** `C4`, `F#3`, `Snare`; empty for a gap. */
    readonly name: string;
    readonly isBlackKey: boolean;
}
/** The lines of a roll from top to bottom: pitches, highest first, and below them the drums that are played. */
export interface Rows {
    readonly list: readonly Row[];
    /** The index of the line on which a note lies. */
    rowOf(isDrum: boolean, pitch: number): number;
}
/** The lines that a score needs: two octaves at least, with some air above and below its notes. */
export declare function rowsOf(score: Pick<Score, "tracks">): Rows;
//# sourceMappingURL=rows.d.ts.map