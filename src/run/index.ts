export { checkLength, type RunBatches, runBatches } from "./batches.js";
export {
  disposeTrainedModel,
  newTrainedModel,
  runModelConfig,
  type TrainingRecord,
  trainedModelFiles,
  trainedModelFrom,
  trainingRecord,
} from "./checkpoint.js";
export {
  formatRunOptions,
  newRunOptions,
  parseRunOptions,
  resumedRunOptions,
  TRAIN_DEFAULTS,
  type TrainRunOptions,
} from "./choices.js";
