import type { TickRange } from "./draw-moving.js";
import { type Piece } from "./piece.js";
import type { Sound, TrackSettings } from "./sound/index.js";
/** What happens in a session. */
export interface SessionEvents {
    readonly load: Piece;
    readonly play: undefined;
    readonly pause: undefined;
    /** The new position; in score seconds. */
    readonly seek: number;
    readonly ended: undefined;
    /** Rate, volume, loop, a track, the instrument: something that is shown has changed. */
    readonly state: undefined;
    readonly error: unknown;
}
/** How a track is heard, in full. */
export type TrackState = Required<TrackSettings>;
export declare const slowest = 0.25;
export declare const fastest = 4;
export declare const loudest = 1.5;
/**
 * One piece being played: what is played, from where, how fast and how loud. Knows no page. The sound is made when it is
 * first needed, which must be in a user's gesture; what was set before holds from then on.
 */
export declare class PlayerSession {
    #private;
    constructor(createSound: () => Sound);
    on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => void): () => void;
    get piece(): Piece;
    get sound(): Sound | undefined;
    /** Another thing to play with; the session doesn't end what it hasn't made. */
    set sound(sound: Sound | undefined);
    /** Score seconds that are heard now. */
    get position(): number;
    get tick(): number;
    /** Whether it plays, or will as soon as the sound is ready. */
    get isPlaying(): boolean;
    /** Whether it will play and the sound isn't ready yet. */
    get isStarting(): boolean;
    /** Shows another piece: stops, or goes on where it is if this is a longer version of the same one. */
    load(piece: Piece, { keepPosition }?: {
        readonly keepPosition?: boolean;
    }): void;
    /** Plays from where it stands, or from the start if it stands at the end. Within a user's gesture. */
    play(): Promise<void>;
    pause(): void;
    toggle(): void;
    /** Goes to a position in score seconds; one outside of the piece is brought to its nearest end. */
    seek(seconds: number): void;
    seekTick(tick: number): void;
    /** Goes to the next or an earlier beat line, `count` of them away. */
    moveBeats(count: number): void;
    /** Goes to the next or an earlier bar line, `count` of them away. */
    moveBars(count: number): void;
    get rate(): number;
    /** How fast, 0.25 to 4; values beyond are brought to the nearest. */
    set rate(rate: number);
    get volume(): number;
    /** How loud, 0 to 1.5. */
    set volume(volume: number);
    /** The ticks that are played over and over while `isLooping`; the whole piece if undefined. */
    get loop(): TickRange | undefined;
    set loop(loop: TickRange | undefined);
    get isLooping(): boolean;
    set isLooping(isLooping: boolean);
    /** Begins the loop here; one that ended before this loses its end. */
    startLoopHere(): void;
    /** Ends the loop here; one that began after this begins with the piece. */
    endLoopHere(): void;
    track(index: number): TrackState;
    setTrack(index: number, settings: TrackSettings): void;
    isHeard(index: number): boolean;
    /** Gives the sound the piece, so that playing can begin at once. What fails is told when it is played. */
    prepare(): Promise<void>;
    /** The sound, made now if there is none yet. */
    readySound(): Sound;
    dispose(): void;
}
//# sourceMappingURL=session.d.ts.map