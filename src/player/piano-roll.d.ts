import type { Score } from "../midi/index.js";
import { type TickRange } from "./draw-moving.js";
import { type RollArea } from "./draw-notes.js";
import type { NoteReference } from "./note-index.js";
import { type Piece } from "./piece.js";
/** What a roll tells. Ticks may have a fraction. */
export interface PianoRollEvents {
    /** Someone wants to be at a tick. `isMoving` while the pointer is still down. */
    readonly seek: {
        readonly tick: number;
        readonly isMoving: boolean;
    };
    /** Someone has marked a loop; undefined if it is taken away. */
    readonly loop: TickRange | undefined;
    /** A note was chosen, or none. */
    readonly noteselect: NoteReference | undefined;
    /** Someone has moved the roll by hand. */
    readonly pan: undefined;
    /** Another part of the piece is seen. */
    readonly view: TickRange;
}
/** How a roll keeps the playhead in sight: it glides, it turns pages, or it stays where it is. */
export type FollowManner = "smooth" | "page" | "off";
/**
 * A piano roll on canvas: put `element` into a page, give it a height, and set `score`. It draws when something changes
 * and costs nothing otherwise. Its colours are the custom properties that `themeRule` names.
 *
 * @example
 * const roll = new PianoRoll();
 * document.body.append(roll.element);
 * roll.score = readScore(bytes).score;
 */
export declare class PianoRoll {
    #private;
    /** What is put into the page; has a shadow root of its own. */
    readonly element: HTMLElement;
    /** The part that takes the keyboard's focus. */
    readonly stage: HTMLElement;
    /** How the playhead is kept in sight. Readers who want less motion get pages instead of gliding. */
    follow: FollowManner;
    constructor();
    get score(): Score;
    /** Setting a longer version of the same piece keeps the view, and draws only what is new. */
    set score(score: Score);
    /** The score with all that is computed from it. */
    get piece(): Piece;
    /** As setting `score`, for those who have prepared it already. */
    setPiece(piece: Piece): void;
    /** The playhead, in ticks. */
    get position(): number;
    set position(tick: number);
    /** The tick at which the prompt ends and its continuation begins. */
    get promptEnd(): number | undefined;
    set promptEnd(tick: number | undefined);
    /** The ticks that are repeated; what lies outside is dimmed. */
    get loop(): TickRange | undefined;
    set loop(loop: TickRange | undefined);
    /** The ticks that are seen. */
    get visible(): TickRange;
    /** The note that was chosen. */
    get selected(): NoteReference | undefined;
    /** Calls `listener` at each such event. Gives the function that ends it. */
    on<Name extends keyof PianoRollEvents>(name: Name, listener: (event: PianoRollEvents[Name]) => void): () => void;
    /** Says which tracks are heard; the notes of others are drawn faint. */
    setHeard(isHeard: (track: number) => boolean): void;
    /** Reads the page's colours again. Call it when the page changes them. */
    refreshTheme(): void;
    /** Shows the whole length of the piece. */
    fit(): void;
    /** Zooms in time so that what stands at pixel `x` (the playhead if it is seen, else the middle) stays there. */
    zoomBy(factor: number, x?: number): void;
    /** Makes the lines of pitches higher or lower. */
    zoomPitchesBy(factor: number): void;
    /** Moves the view by pixels. */
    scrollBy(dx: number, dy: number): void;
    /** Moves the view so that a tick stands at its left edge, or as near to it as the piece allows. */
    scrollTo(tick: number): void;
    /** Moves the view so that a tick is seen, if it isn't. */
    reveal(tick: number): void;
    /** Keeps the playhead in sight, as `follow` says. */
    followPlayhead(): void;
    /**
     * Chooses the note that stands `step` after the chosen one (before it if negative), by start; next to the playhead if
     * none is chosen. Gives it; undefined in a piece without notes.
     */
    selectNext(step: number): NoteReference | undefined;
    /** The rectangle of a note, in pixels from the corner of `element`; undefined for one that isn't in the score. */
    areaOf({ track, index }: Pick<NoteReference, "track" | "index">): RollArea | undefined;
    /** Chooses a note, or none. */
    select(reference: Pick<NoteReference, "track" | "index"> | undefined): void;
    /** Draws at once what has changed: for those who are in a frame already. */
    draw(): void;
    /** Ends all that the roll listens to. */
    dispose(): void;
}
//# sourceMappingURL=piano-roll.d.ts.map