export { Cache } from "./cache.js";
export {
  generationMemory,
  type MemoryEstimate,
  type ModelConfig,
  modelConfig,
  parameterCount,
  trainingMemory,
} from "./config.js";
export {
  type ForwardOptions,
  forward,
  hidden,
  type Ids,
  loss,
  lossAndGradients,
  nll,
  type Targets,
} from "./forward.js";
export {
  disposeParameters,
  initialParameters,
  type Parameters,
  parameterShapes,
  parametersFrom,
  parameterValues,
} from "./parameters.js";
