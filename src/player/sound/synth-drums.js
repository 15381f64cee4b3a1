import { MembraneSynth } from "tone/build/esm/instrument/MembraneSynth.js";
import { NoiseSynth } from "tone/build/esm/instrument/NoiseSynth.js";
/** Kicks and toms by their frequency in hertz; everything else is noise. */
const skins = {
    35: 48,
    36: 55,
    41: 80,
    43: 95,
    45: 110,
    47: 130,
    48: 150,
    50: 180,
    60: 300,
    61: 220,
    62: 260,
    63: 240,
    64: 180,
};
/** Cymbals ring on, in seconds. */
const rings = {
    46: 0.35,
    49: 0.9,
    51: 0.5,
    52: 0.8,
    53: 0.4,
    55: 0.5,
    57: 0.9,
    59: 0.5,
};
/** Drums of different keys sound together; two hits of one key at the same time are one. */
export function createSynthDrums(context, output) {
    const drums = new Map();
    return {
        hit(pitch, velocity, at) {
            let drum = drums.get(pitch);
            if (drum === undefined) {
                const hertz = skins[pitch];
                drum = {
                    ...(hertz === undefined ? noise(context, output, pitch) : skin(context, output, hertz)),
                    last: -1,
                };
                drums.set(pitch, drum);
            }
            // Tone refuses starts that don't come one after the other.
            if (at < drum.last + 0.005)
                return;
            drum.last = at;
            drum.hit(velocity, at);
        },
        dispose() {
            for (const drum of drums.values())
                drum.dispose();
        },
    };
}
function skin(context, output, hertz) {
    const synth = new MembraneSynth({ context, octaves: 3, pitchDecay: 0.03, volume: -4 }).connect(output);
    return {
        hit: (velocity, at) => synth.triggerAttackRelease(hertz, 0.2, at, velocity),
        dispose: () => synth.dispose(),
    };
}
function noise(context, output, pitch) {
    const seconds = rings[pitch] ?? (pitch === 38 || pitch === 40 ? 0.16 : 0.05);
    const synth = new NoiseSynth({
        context,
        noise: { type: pitch === 38 || pitch === 40 ? "pink" : "white" },
        envelope: { attack: 0.001, decay: seconds, sustain: 0, release: 0.02 },
        volume: pitch === 38 || pitch === 40 ? -6 : -14,
    }).connect(output);
    return {
        hit: (velocity, at) => synth.triggerAttackRelease(seconds, at, velocity),
        dispose: () => synth.dispose(),
    };
}
//# sourceMappingURL=synth-drums.js.map