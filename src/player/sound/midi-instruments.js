import { unknown } from "../../errors.js";
/** The browser's MIDI outputs; undefined where there are none to be had. */
async function midiAccess() {
    if (typeof navigator.requestMIDIAccess !== "function")
        return undefined;
    return navigator.requestMIDIAccess().catch(() => undefined);
}
/** Names the outputs; none where the browser has no Web MIDI or the user refuses. */
export async function midiOutputNames() {
    const access = await midiAccess();
    return [...(access?.outputs.values() ?? [])].map(({ id, name }) => ({ id, name: name ?? id }));
}
/**
 * An instrument at a MIDI output.
 *
 * @param clock the time of `performance.now()` at which a time of the audio context is heard
 * @throws AttaccaError `unknown` for an id that isn't there
 */
export async function createMidiInstruments(id, clock) {
    const outputs = (await midiAccess())?.outputs;
    const output = outputs?.get(id);
    if (output === undefined)
        throw unknown("MIDI output", id, [...(outputs?.keys() ?? [])]);
    await output.open();
    return midiInstruments(output, clock);
}
/** The same over an output that is open. Further ports than the first share its channels, with their programs. */
export function midiInstruments(output, clock) {
    /** By seat: its program; by channel: the one that it has now. */
    const programs = new Map();
    const current = new Array(16).fill(undefined);
    let latest = 0;
    const bytesOf = (event) => {
        const { channel } = event;
        switch (event.kind) {
            case "program":
                programs.set(event.port * 16 + channel, event.program);
                if (event.port > 0)
                    return [];
                current[channel] = event.program;
                return [[0xc0 | channel, event.program]];
            case "on": {
                const on = [0x90 | channel, event.pitch, event.velocity];
                const program = programs.get(event.port * 16 + channel) ?? 0;
                if (current[channel] === program)
                    return [on];
                current[channel] = program;
                return [[0xc0 | channel, program], on];
            }
            case "off":
                return [[0x80 | channel, event.pitch, 64]];
            case "control":
                return [[0xb0 | channel, event.controller, event.value]];
            case "bend":
                return [[0xe0 | channel, (event.value + 8192) & 127, (event.value + 8192) >> 7]];
        }
    };
    const cancel = () => {
        // What is on its way can't be called back: whatever it starts is ended right after it.
        for (const time of [performance.now(), Math.max(latest, performance.now()) + 1]) {
            for (let channel = 0; channel < 16; channel++) {
                for (const controller of [64, 123, 120])
                    output.send([0xb0 | channel, controller, 0], time);
            }
        }
    };
    return {
        kind: "midi",
        hasGains: false,
        canRecall: false,
        prepare() { },
        send(events) {
            for (const { event, at } of events) {
                latest = Math.max(latest, clock(at));
                for (const bytes of bytesOf(event))
                    output.send(bytes, clock(at));
            }
        },
        setGain() { },
        cancel,
        dispose() {
            cancel();
            void output.close();
        },
    };
}
//# sourceMappingURL=midi-instruments.js.map