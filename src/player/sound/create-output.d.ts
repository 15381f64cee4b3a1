/** What stands between instruments and speaker. */
export interface Output {
    readonly input: AudioNode;
    /** The last node before the speaker, to be tapped. */
    readonly node: AudioNode;
    volume: number;
    /** Seconds from a time of the context to when its sound leaves the speaker, as far as the browser tells. */
    latency(): number;
    /** The time of `performance.now()` at which a time of the context is heard. */
    clock(contextTime: number): number;
    dispose(): void;
}
/** Volume, and a limiter that keeps loud passages below full scale. */
export declare function createOutput(context: BaseAudioContext): Output;
//# sourceMappingURL=create-output.d.ts.map