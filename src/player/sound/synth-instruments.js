import "./quiet-tone.js";
import { Gain } from "tone/build/esm/core/context/Gain.js";
import { PolySynth } from "tone/build/esm/instrument/PolySynth.js";
import { Synth } from "tone/build/esm/instrument/Synth.js";
import { Signal } from "tone/build/esm/signal/Signal.js";
import { createSynthDrums } from "./synth-drums.js";
import { timbreOf } from "./synth-timbres.js";
/** Voices of a channel at most. */
const POLYPHONY = 24;
/** Many voices together stay below full scale. */
const LEVEL = 0.2;
const FADE_SECONDS = 0.01;
const keyOf = ({ port, channel }) => port * 16 + channel;
/** Oscillators and noise: what plays where no soundfont is, or until it is there. */
export function createSynthInstruments(context, output) {
    const gains = new Map();
    const open = () => {
        const gate = new Gain({ context, gain: LEVEL });
        gate.connect(output);
        return { gate, channels: new Map() };
    };
    let generation = open();
    const channelOf = (seat) => {
        const key = keyOf(seat);
        const known = generation.channels.get(key);
        if (known !== undefined)
            return known;
        const bend = new Signal({ context, units: "cents", value: 0 });
        const gain = new Gain({ context, gain: gains.get(key) ?? 1 }).connect(generation.gate);
        const loudness = new Gain({ context, gain: loudnessOf(100, 127) }).connect(gain);
        const poly = new PolySynth({ context, voice: bentVoice(bend), maxPolyphony: POLYPHONY }).connect(loudness);
        const channel = {
            poly,
            bend,
            loudness,
            gain,
            drums: undefined,
            volume: 100,
            expression: 127,
            pedal: false,
            held: new Set(),
            bendRange: 2,
            parameter: [127, 127],
        };
        generation.channels.set(key, channel);
        return channel;
    };
    const send = (event, at) => {
        const channel = channelOf(event);
        switch (event.kind) {
            case "program":
                if (event.isDrum)
                    channel.drums ??= createSynthDrums(context, channel.loudness);
                else
                    channel.poly.set(timbreOf(event.program));
                break;
            case "on":
                if (channel.drums)
                    channel.drums.hit(event.pitch, event.velocity / 127, at);
                else {
                    if (channel.held.delete(event.pitch))
                        channel.poly.triggerRelease(hertz(event.pitch), at);
                    channel.poly.triggerAttack(hertz(event.pitch), at, event.velocity / 127);
                }
                break;
            case "off":
                if (channel.drums)
                    break;
                if (channel.pedal)
                    channel.held.add(event.pitch);
                else
                    channel.poly.triggerRelease(hertz(event.pitch), at);
                break;
            case "bend":
                channel.bend.setValueAtTime((event.value / 8192) * channel.bendRange * 100, at);
                break;
            case "control":
                control(channel, event.controller, event.value, at);
                break;
        }
    };
    return {
        kind: "synth",
        hasGains: true,
        canRecall: true,
        prepare() { },
        send(events) {
            for (const { event, at } of events)
                send(event, at);
        },
        setGain(seat, gain) {
            gains.set(keyOf(seat), gain);
            generation.channels.get(keyOf(seat))?.gain.gain.rampTo(gain, FADE_SECONDS);
        },
        cancel() {
            const old = generation;
            generation = open();
            close(old, context);
        },
        dispose() {
            close(generation, context);
        },
    };
}
function close({ gate, channels }, context) {
    const now = context.currentTime;
    gate.gain.setValueAtTime(LEVEL, now);
    gate.gain.linearRampToValueAtTime(0, now + FADE_SECONDS);
    const dispose = () => {
        for (const { poly, bend, loudness, gain, drums } of channels.values()) {
            for (const node of [poly, drums, bend, loudness, gain])
                node?.dispose();
        }
        gate.dispose();
    };
    setTimeout(dispose, 100);
}
/** A voice that follows its channel's bend. */
function bentVoice(bend) {
    return class extends Synth {
        constructor(options) {
            super(options);
            bend.connect(this.detune);
        }
    };
}
function control(channel, controller, value, at) {
    switch (controller) {
        case 6:
            if (channel.parameter[0] === 0 && channel.parameter[1] === 0)
                channel.bendRange = value;
            break;
        case 7:
            channel.volume = value;
            break;
        case 11:
            channel.expression = value;
            break;
        case 64:
            channel.pedal = value >= 64;
            if (!channel.pedal)
                letGo(channel, at);
            break;
        case 98:
        case 99:
            channel.parameter = [127, 127];
            break;
        case 100:
            channel.parameter[1] = value;
            break;
        case 101:
            channel.parameter[0] = value;
            break;
        case 120:
        case 123:
            letGo(channel, at);
            channel.poly.releaseAll(at);
            break;
        case 121:
            channel.expression = 127;
            channel.pedal = false;
            letGo(channel, at);
            channel.bend.setValueAtTime(0, at);
            break;
    }
    if (controller === 7 || controller === 11 || controller === 121) {
        channel.loudness.gain.setValueAtTime(loudnessOf(channel.volume, channel.expression), at);
    }
}
function letGo({ held, poly }, at) {
    for (const pitch of held)
        poly.triggerRelease(hertz(pitch), at);
    held.clear();
}
/** General MIDI's recommended law: 40 log of the value, in decibels (MMA RP-015). */
function loudnessOf(volume, expression) {
    return ((volume * expression) / (127 * 127)) ** 2;
}
function hertz(pitch) {
    return 440 * 2 ** ((pitch - 69) / 12);
}
//# sourceMappingURL=synth-instruments.js.map