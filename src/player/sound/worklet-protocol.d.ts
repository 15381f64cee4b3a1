import type { Seat } from "../../synth/index.js";
import type { TimedEvent } from "./instruments.js";
/** What the processor is registered as. */
export declare const PROCESSOR = "attacca-soundfont";
/** A program and the range of pitches that it will play. */
export interface Need {
    readonly program: number;
    readonly isDrum: boolean;
    readonly low: number;
    readonly high: number;
}
/** What the page tells the worklet. */
export type ToWorklet = {
    readonly kind: "soundfont";
    readonly bytes: Uint8Array;
} | {
    readonly kind: "prepare";
    readonly needs: readonly Need[];
} | {
    readonly kind: "events";
    readonly events: readonly TimedEvent[];
} | {
    readonly kind: "gain";
    readonly seat: Seat;
    readonly gain: number;
} | {
    readonly kind: "cancel";
}
/** Answered once everything before it is done. */
 | {
    readonly kind: "ping";
} | {
    readonly kind: "end";
};
/** What it answers: to `soundfont` and `ping`, in order. */
export type FromWorklet = {
    readonly error?: string;
};
//# sourceMappingURL=worklet-protocol.d.ts.map