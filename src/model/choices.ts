/** How the position embedding begins: waves, which show from the first step how far apart positions are, or noise. */
export type PositionStart = (typeof positionStarts)[number];
/** Both ways to begin; the first is the default. */
export const positionStarts = ["sinusoidal", "random"] as const;

/** In what form the products' weights are on the engine. */
export type WeightForm = (typeof weightForms)[number];
/** 32-bit floats (the default), or 8-bit whole numbers with a scale for each output, for generating and scoring only. */
export const weightForms = ["f32", "int8"] as const;
