// Tone.js greets on the console as it is loaded, unless this is set before.
Object.assign(globalThis, { TONE_SILENCE_LOGGING: true });
export {};
//# sourceMappingURL=quiet-tone.js.map