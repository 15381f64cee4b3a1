import type { Seat, SoundEvent, SoundSchedule } from "../../sound/index.js";
import type { SoundKind } from "./sound.js";
/** A message with the time of the audio context at which it is due. */
export interface TimedEvent {
    readonly at: number;
    readonly event: SoundEvent;
}
/** What makes messages heard. */
export interface Instruments {
    readonly kind: SoundKind;
    /** Whether `setGain` sets a channel's loudness at once; else tracks are muted by leaving out their notes. */
    readonly hasGains: boolean;
    /** Whether `cancel` calls back what isn't heard yet; else that has to be waited for. */
    readonly canRecall: boolean;
    /** Makes ready for a score's notes. */
    prepare(schedule: SoundSchedule): void;
    /** Takes messages in order of time; `at` is at most a few seconds ahead. */
    send(events: readonly TimedEvent[]): void;
    setGain(seat: Seat, gain: number): void;
    /** Forgets what isn't heard yet and ends all sounds, without a click. */
    cancel(): void;
    dispose(): void;
}
//# sourceMappingURL=instruments.d.ts.map