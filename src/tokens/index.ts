export {
  type ChoraleOptions,
  type ChoraleTokenizer,
  choraleFromJSON,
  createChoraleTokenizer,
  defaultChoraleOptions,
} from "./chorale.js";
export {
  allPrograms,
  type BeatRange,
  type MeterRange,
  pipelineConfig,
  type TokenizerConfig,
  type TokenizerOptions,
} from "./config.js";
export { finishedIds } from "./finished.js";
export { createMidiTokTokenizer, type MidiTokTokenizer } from "./miditok.js";
export { type MidiTokName, miditokVersion } from "./miditok-json.js";
export { createTokenizer, tokenizerFromJSON, tokenizerNames } from "./registry.js";
export type * from "./tokenizer.js";
