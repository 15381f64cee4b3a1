import type { NoteReference } from "./note-index.js";
import type { Piece } from "./piece.js";
/** `bar 3, beat 2.5`; both count from 1. */
export declare function placeName({ bars }: Piece, tick: number): string;
/** A number with two decimals at most, and none that say nothing. */
export declare function shortNumber(value: number): string;
/** What a note is, in the lines of a tooltip: its name, where and how long it sounds, who plays it. */
export declare function noteLines(piece: Piece, { track: index, note }: NoteReference): readonly string[];
//# sourceMappingURL=note-text.d.ts.map