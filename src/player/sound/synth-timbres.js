const struck = (oscillator, decay) => ({
    oscillator,
    attack: 0.003,
    decay,
    sustain: 0.05,
    release: 0.3,
});
const held = (oscillator, attack, release) => ({
    oscillator,
    attack,
    decay: 0.2,
    sustain: 0.7,
    release,
});
/** By family of General MIDI, eight programs each. */
const families = [
    struck("triangle8", 1.6), // pianos
    struck("sine", 1), // chromatic percussion
    held("square8", 0.005, 0.08), // organs
    struck("sawtooth8", 1), // guitars
    struck("triangle", 1.2), // basses
    held("sawtooth8", 0.03, 0.25), // strings
    held("sawtooth8", 0.04, 0.3), // ensembles
    held("sawtooth16", 0.015, 0.15), // brass
    held("square8", 0.015, 0.12), // reeds
    held("triangle", 0.02, 0.12), // pipes
    held("square8", 0.003, 0.1), // leads
    held("triangle8", 0.12, 0.5), // pads
    held("triangle", 0.05, 0.4), // effects
    struck("sawtooth8", 0.9), // plucked, of many countries
    struck("sine", 0.5), // percussive
    struck("triangle", 0.6), // sound effects
];
/** How a program of General MIDI sounds, 0 to 127. */
export function timbreOf(program) {
    const { oscillator, ...envelope } = families[program >> 3];
    // Tone merges these into its defaults; its types ask for the whole of them.
    return { oscillator: { type: oscillator }, envelope };
}
//# sourceMappingURL=synth-timbres.js.map