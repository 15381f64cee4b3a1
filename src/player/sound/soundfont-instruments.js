import { invalid, unsupported } from "../../errors.js";
import { PROCESSOR } from "./worklet-protocol.js";
const modules = new WeakMap();
/** Registers the processor once for each context. */
function addModule(context, url) {
    const ofContext = modules.get(context) ?? new Map();
    modules.set(context, ofContext);
    const known = ofContext.get(url);
    if (known !== undefined)
        return known;
    const added = context.audioWorklet.addModule(url);
    ofContext.set(url, added);
    added.catch(() => ofContext.delete(url));
    return added;
}
/**
 * Loads the worklet and a soundfont into it.
 *
 * @param worklet address of the worklet's script
 * @throws AttaccaError `unsupported` where there are no worklets (pages without https), `invalid` for what can't be loaded
 */
export async function createSoundfontInstruments(context, output, soundfont, worklet) {
    if (context.audioWorklet === undefined) {
        throw unsupported("soundfont", "a page without AudioWorklet", "a page over https or on localhost");
    }
    try {
        await addModule(context, worklet);
    }
    catch (error) {
        throw invalid("soundfont worklet", error.message, `a script at ${worklet}`);
    }
    const node = new AudioWorkletNode(context, PROCESSOR, { numberOfInputs: 0, outputChannelCount: [2] });
    const waiting = [];
    node.port.onmessage = ({ data }) => waiting.shift()?.(data);
    node.onprocessorerror = () => {
        for (const resolve of waiting.splice(0))
            resolve({ error: "the worklet broke down" });
    };
    const post = (message) => node.port.postMessage(message);
    const ask = (message) => new Promise((resolve) => {
        waiting.push(resolve);
        post(message);
    });
    const useSoundfont = async (bytes) => {
        const { error } = await ask({ kind: "soundfont", bytes });
        if (error !== undefined)
            throw invalid("soundfont", error, "an .sf2, .sf3 or .dls file");
        prepared = [];
    };
    let prepared = [];
    try {
        await useSoundfont(soundfont);
    }
    catch (error) {
        post({ kind: "end" });
        throw error;
    }
    node.connect(output);
    return {
        kind: "soundfont",
        hasGains: true,
        canRecall: true,
        prepare(schedule) {
            const needs = needsOf(schedule);
            const missing = needs.filter((need) => !prepared.some((done) => covers(done, need)));
            if (missing.length === 0)
                return;
            prepared = [...prepared, ...missing];
            post({ kind: "prepare", needs: missing });
        },
        send(events) {
            if (events.length > 0)
                post({ kind: "events", events });
        },
        setGain(seat, gain) {
            post({ kind: "gain", seat: { port: seat.port, channel: seat.channel }, gain });
        },
        cancel() {
            post({ kind: "cancel" });
        },
        useSoundfont,
        async settled() {
            await ask({ kind: "ping" });
        },
        dispose() {
            post({ kind: "end" });
            node.disconnect();
            node.port.close();
        },
    };
}
function covers(done, need) {
    const sameProgram = done.program === need.program && done.isDrum === need.isDrum;
    return sameProgram && done.low <= need.low && done.high >= need.high;
}
/** Programs with their ranges of pitches. */
function needsOf({ events, seats }) {
    const bySeat = new Map(seats.map((seat) => [seat.port * 16 + seat.channel, seat]));
    const needs = new Map();
    for (const event of events) {
        if (event.kind !== "on")
            continue;
        const { program, isDrum } = bySeat.get(event.port * 16 + event.channel);
        const key = `${isDrum} ${program}`;
        const need = needs.get(key) ?? { program, isDrum, low: 127, high: 0 };
        need.low = Math.min(need.low, event.pitch);
        need.high = Math.max(need.high, event.pitch);
        needs.set(key, need);
    }
    return [...needs.values()];
}
//# sourceMappingURL=soundfont-instruments.js.map