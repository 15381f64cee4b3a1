/** In what form the products' weights are on the engine. */
export type WeightForm = (typeof weightForms)[number];
/** 32-bit floats (the default), or 8-bit whole numbers with a scale for each output, for generating and scoring only. */
export const weightForms = ["f32", "int8"] as const;
