/**
 * A study that compares kinds of attention at equal cost: its arms and sizes (`choices.ts`), the runs that they come to (`plan.ts`), what is
 * measured of each (`flops.ts`, `continue.ts`, `music.ts`), and what is made of it (`bootstrap.ts`, `report.ts`). Files and clocks are in
 * `src/node/study.ts`.
 */

export { type Interval, type PieceSums, pairedDifference } from "./bootstrap.js";
export {
  type Arm,
  armNames,
  armRunOptions,
  arms,
  type Budget,
  budgets,
  type Setting,
  type SettingName,
  settingNames,
  settings,
} from "./choices.js";
export {
  type Continued,
  continuedSteps,
  hasVoices,
  notesOf,
  outerSteps,
  promptPieces,
  realSteps,
  stepsOf,
} from "./continue.js";
export { type Count3Options, count3, count3Sequence } from "./count3.js";
export { type Measures, type PassShape, trainingFlops } from "./flops.js";
export {
  distances,
  type MusicStatistics,
  musicStatistics,
  type Ranges,
  type Steps,
  voiceRanges,
} from "./music.js";
export { type Choice, everything, type PlannedRun, plan, type StepCost, type Training } from "./plan.js";
export { HOPS, type PointerSequence, pointerSequence, pointerVocabulary } from "./pointers.js";
export type { PieceLoss, RunRecord, SettingRecord, TrainingRecord } from "./record.js";
export { studyReport } from "./report.js";
