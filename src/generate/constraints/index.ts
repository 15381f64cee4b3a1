export { ConstrainedGrammar } from "./constrained-grammar.js";
export { checkMeter, firstBars, joinMelody } from "./join-melody.js";
export { estimateKey, type Key, parseKey, pitchClassesOf } from "./key.js";
export {
  type Chord,
  type Density,
  type PitchRange,
  parseChords,
  parseDensity,
  parsePitchRanges,
} from "./parse.js";
export {
  type MusicConstraints,
  type NoteRule,
  noteRules,
  type RuleName,
  ruleNames,
  rulesOf,
} from "./rules.js";
