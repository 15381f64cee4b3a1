/** How the next id's logits are computed: from a cache of what came before, or from the whole window each time. */
export type DecodeMode = (typeof decodeModes)[number];
/** Both ways of decoding; the first is the default. */
export const decodeModes = ["cached", "recompute"] as const;
