import type { Instruments } from "./instruments.js";
import type { MidiOutputName } from "./sound.js";
/** Names the outputs; none where the browser has no Web MIDI or the user refuses. */
export declare function midiOutputNames(): Promise<readonly MidiOutputName[]>;
/**
 * An instrument at a MIDI output.
 *
 * @param clock the time of `performance.now()` at which a time of the audio context is heard
 * @throws AttaccaError `unknown` for an id that isn't there
 */
export declare function createMidiInstruments(id: string, clock: (contextTime: number) => number): Promise<Instruments>;
/** The same over an output that is open. Further ports than the first share its channels, with their programs. */
export declare function midiInstruments(output: Pick<MIDIOutput, "send" | "close">, clock: (contextTime: number) => number): Instruments;
//# sourceMappingURL=midi-instruments.d.ts.map