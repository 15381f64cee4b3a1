export { checkLength, prefixRule, type RunBatches, runBatches } from "./batches.js";
export {
  checkSameMeasures,
  disposeTrainedModel,
  type InitialWeights,
  newTrainedModel,
  runModelConfig,
  type TrainingRecord,
  trainedModelFiles,
  trainedModelFrom,
  trainedModelWithWeights,
  trainingRecord,
} from "./checkpoint.js";
export {
  formatRunOptions,
  lossPositions,
  newRunOptions,
  parseRunOptions,
  resumedRunOptions,
  runTasks,
  TRAIN_DEFAULTS,
  type TrainRunOptions,
} from "./choices.js";
export { harmonizeAhead, harmonizeRule, harmonizeScoring, sourceStep } from "./harmonize-rule.js";
export { maskRule } from "./mask-rule.js";
