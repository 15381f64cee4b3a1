// The types of batches aren't told again here: the dataset room's fit them.
export { countTargets, limitBatches, type RowPlace, type SourceRows } from "./batch.js";
export { type EvaluateOptions, type Evaluation, evaluate, evaluateUnlessAborted } from "./evaluation.js";
export {
  type HarmonizeRule,
  harmonizeBatch,
  harmonizeBatches,
  harmonizeEvaluation,
  stepsIn,
} from "./harmonize.js";
export {
  drawMask,
  type MaskKind,
  type MaskRule,
  maskedBatch,
  maskedBatches,
  maskedEvaluation,
  maskKinds,
} from "./masks.js";
export { formatMetrics, type MetricsRecord, parseMetrics } from "./metrics.js";
export { fitNgram, type NgramModel, ngramNll } from "./ngram.js";
export { type PrefixEvaluationOptions, prefixEvaluation } from "./prefix-evaluation.js";
export {
  type FinishedIds,
  type PrefixRule,
  type PrefixSampling,
  prefixBatch,
  sampledPrefixes,
} from "./prefixes.js";
export { NO_PROGRESS, parseProgress, type TrainingProgress } from "./progress.js";
export { learningRateAt, type Schedule } from "./schedule.js";
export { checkSettings, type TrainingSettings } from "./settings.js";
export { type Span, spanNll } from "./span-nll.js";
export { type StepOptions, type StepOutcome, type TrainedModel, trainingStep, zeroMoments } from "./step.js";
export { type StopReason, type TrainingEvent, type TrainOptions, train } from "./train.js";
