export { type Accompaniment, type AccompanyOptions, accompany, checkHarmonizes } from "./accompany.js";
export {
  type AccompanyBarsOptions,
  accompanyBars,
  checkAccompaniesBars,
} from "./accompany-bars.js";
export {
  type BeamEvent,
  type BeamOptions,
  type BeamResult,
  type BeamSequence,
  type BeamSettings,
  type BeamStep,
  beamSearch,
  checkBeams,
} from "./beam.js";
export { type DecodeMode, decodeModes, type ScaleName, scaleNames } from "./choices.js";
export {
  type Chord,
  ConstrainedGrammar,
  type Density,
  estimateKey,
  type Key,
  type MusicConstraints,
  type PitchRange,
  parseChords,
  parseDensity,
  parseKey,
  parsePitchRanges,
  pitchClassesOf,
  type RuleName,
  ruleNames,
  rulesOf,
} from "./constraints/index.js";
export {
  type Continuation,
  type ContinuationOptions,
  type ContinuationProgress,
  type ContinuedSample,
  continueScore,
} from "./continue.js";
export { cutAt, findSeam, type Seam } from "./cut.js";
export type { PromptOptions } from "./cut-prompt.js";
export {
  createDecoder,
  type Decoder,
  type DecoderOptions,
  defaultDecodeMode,
  type LanguageModel,
  type Sequence,
} from "./decoder.js";
export {
  type DrawnId,
  type GenerateOptions,
  type GenerationEvent,
  type GenerationStep,
  type GenerationStop,
  generate,
  type SampleStopReason,
} from "./generate.js";
export {
  type Harmonization,
  type HarmonizeOptions,
  harmonizeScore,
  hiddenNotes,
  melodyTrack,
} from "./harmonize.js";
export { type HarmonizePairOptions, harmonizePair } from "./harmonize-pair.js";
export {
  type BarSpan,
  type InfillOptions,
  type InfillPlan,
  type InfillSelection,
  type InfillStep,
  infillScore,
  parseBars,
  planInfill,
} from "./infill.js";
export type { PromptPreparation } from "./preparation.js";
export { maskedAfter, type RefineOptions, type RefineStep, type Remask, refine } from "./refine.js";
export { type RewriteOptions, rewrittenPositions } from "./rewrite.js";
export {
  checkSampling,
  chooseId,
  type Draw,
  highestId,
  idAt,
  type SamplingContext,
  type SamplingOptions,
  transformLogits,
  transformOrder,
} from "./sampling.js";
export { draftIds, type Speculation } from "./speculate.js";
export {
  applyMask,
  banRepeats,
  keepMinP,
  keepTopK,
  keepTopP,
  keepTypical,
  penalizeRepetition,
  scaleTemperature,
  softmax,
} from "./transforms.js";
export {
  INT8_LOGIT_TOLERANCE,
  LOGIT_TOLERANCE,
  type Verification,
  type VerifyOptions,
  verify,
} from "./verify.js";
export { type WindowRule, windowRuleOf, windowStart } from "./window.js";
