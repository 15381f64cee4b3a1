export { Cache } from "./cache.js";
export {
  type AttentionKind,
  attentionKinds,
  isOnePass,
  type PositionKind,
  type PositionStart,
  positionChoices,
  positionKinds,
  positionStarts,
  type WeightForm,
  weightForms,
} from "./choices.js";
export {
  generationMemory,
  type MemoryEstimate,
  type ModelConfig,
  maskIdOf,
  modelConfig,
  parameterCount,
  trainingMemory,
} from "./config.js";
export { disposeMemory, encodeSource, type Memory, type Source } from "./encoder.js";
export { encoderStart } from "./encoder-start.js";
export {
  type ForwardOptions,
  forward,
  hidden,
  loss,
  lossAndGradients,
  nll,
  type Targets,
} from "./forward.js";
export type { Ids } from "./ids.js";
export {
  disposeParameters,
  type InitialOptions,
  initialParameters,
  type Parameters,
  parameterShapes,
  parametersFrom,
  parameterValues,
  weightFormOf,
} from "./parameters.js";
