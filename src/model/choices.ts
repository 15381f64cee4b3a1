/** How the position embedding begins: waves, which show from the first step how far apart positions are, or noise. */
export type PositionStart = (typeof positionStarts)[number];
/** Both ways to begin; the first is the default. */
export const positionStarts = ["sinusoidal", "random"] as const;
