/** What the processor is registered as. */
export const PROCESSOR = "attacca-soundfont";
//# sourceMappingURL=worklet-protocol.js.map