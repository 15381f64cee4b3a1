import "./quiet-tone.js";
import "tone/build/esm/core/clock/Transport.js";
import { Context } from "tone/build/esm/core/context/Context.js";
/** Which score second belongs to which time of the audio context; carried by Tone's transport. */
export interface Transport {
    /** Tone's view of the audio context. */
    readonly tone: Context;
    start(at: number, seconds: number): void;
    stop(at: number): void;
    /** From the time `at` on, the score goes on from `seconds`. */
    jump(at: number, seconds: number): void;
    /** From the time `at` on, a second takes `1 / rate`. */
    setRate(at: number, rate: number): void;
    /** Score seconds at a time of the context while it runs. */
    secondsAt(time: number): number;
    /** Called about twenty times a second. */
    onTick(tick: () => void): void;
    dispose(): void;
}
/** @param ownsContext whether the audio context is closed at the end */
export declare function createTransport(context: BaseAudioContext, ownsContext: boolean): Transport;
//# sourceMappingURL=transport.d.ts.map