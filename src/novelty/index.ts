export { SuffixAutomaton } from "./automaton.js";
export { type Copy, type CorpusPiece, findCopies, type Novelty } from "./novelty.js";
