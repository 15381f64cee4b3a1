/** Which ids a refinement masks again: the least certain, or any, as in Gibbs sampling. */
export const remaskKinds = ["uncertain", "random"] as const;

/** How the next id's logits are computed: from a cache of what came before, or from the whole window each time. */
export type DecodeMode = (typeof decodeModes)[number];
/** Both ways of decoding; the first is the default. */
export const decodeModes = ["cached", "recompute"] as const;

/** The scales by name, as semitones above the tonic. */
export const scales = {
  major: [0, 2, 4, 5, 7, 9, 11],
  /** With both its sixths and both its sevenths, as music in minor has them. */
  minor: [0, 2, 3, 5, 7, 8, 9, 10, 11],
  "natural-minor": [0, 2, 3, 5, 7, 8, 10],
  "harmonic-minor": [0, 2, 3, 5, 7, 8, 11],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  phrygian: [0, 1, 3, 5, 7, 8, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  pentatonic: [0, 2, 4, 7, 9],
  "minor-pentatonic": [0, 3, 5, 7, 10],
  blues: [0, 3, 5, 6, 7, 10],
  "whole-tone": [0, 2, 4, 6, 8, 10],
} as const;

/** A scale's name. */
export type ScaleName = keyof typeof scales;
/** All scales' names. */
export const scaleNames = Object.keys(scales) as readonly ScaleName[];
