import type { Score } from "../../midi/index.js";
import type { Instruments } from "./instruments.js";
import type { Loop } from "./sound.js";
import type { Transport } from "./transport.js";
/** The shortest stretch that is looped, in seconds. */
export declare const MIN_LOOP_SECONDS = 0.05;
/** Sends a score's messages to instruments, a little ahead of their time. */
export declare class Playback {
    #private;
    constructor(context: BaseAudioContext, transport: Transport, instruments: Instruments, latency: () => number);
    get duration(): number;
    get trackCount(): number;
    get isPlaying(): boolean;
    get position(): number;
    load(score: Score): void;
    append(score: Score): void;
    play(seconds: number): void;
    /** Stops, and rests at a position; sounds end. */
    stop(seconds: number): void;
    /** Stops at the end of the score; what still fades goes on fading. */
    end(): void;
    set rate(rate: number);
    set loop(loop: Loop | undefined);
    /** Loudness by track of the score. */
    set gains(gains: readonly number[]);
    /** Goes on with other instruments, where it is. */
    use(instruments: Instruments): void;
    /** Sends what is due soon. Gives false once the score is over. */
    pump(): boolean;
}
//# sourceMappingURL=playback.d.ts.map