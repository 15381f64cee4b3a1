import { invalid, missing, unknown } from "../errors.js";

/** Everything that a training run is given; plain data, and what `options.json` in the run's folder holds. */
export interface TrainRunOptions {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  /** Context length in tokens. */
  readonly context: number;
  /** How positions are told: one of `positionChoices`. */
  readonly positions: string;
  /** What is learned: one of `runTasks`. */
  readonly task: string;
  /** With the task `harmonize`: blocks of the encoder, which reads the melody. */
  readonly encoderLayers: number;
  /** What the positions of a prefix see: one of `attentionKinds`. */
  readonly attention: string;
  /** Which targets of a window count in a step: `all` of them, or `one` for each sampled prefix. */
  readonly lossPositions: string;
  /** With `one`: sampled prefixes of each window. */
  readonly prefixes: number;
  /** Checkpoint whose weights the run begins with; empty: random weights. */
  readonly init: string;
  /** Dropout of the embedding and of what blocks add to the stream. */
  readonly dropout: number;
  /** Dropout of attention's probabilities. */
  readonly attentionDropout: number;
  /** Windows in a micro-batch. */
  readonly batchSize: number;
  readonly accumulation: number;
  /** Each window is moved by up to this many semitones. */
  readonly transpose: number;
  readonly seed: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** The last learning rate as a share of the highest. */
  readonly finalRatio: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly clip: number;
  readonly evalEvery: number;
  /** Batches of the validation split that are scored, evenly spread; 0 = all. */
  readonly evalBatches: number;
  /** With attention in both directions: targets of the validation split that are scored, evenly spread; 0 = all. */
  readonly evalTargets: number;
  readonly saveEvery: number;
  readonly patience: number;
  readonly backend: string;
  readonly label: string;
}

/** What a run takes where nothing is said. */
export const TRAIN_DEFAULTS: TrainRunOptions = {
  layers: 4,
  heads: 4,
  width: 128,
  context: 256,
  positions: "sinusoidal",
  task: "continue",
  encoderLayers: 2,
  attention: "causal",
  lossPositions: "all",
  prefixes: 1,
  init: "",
  dropout: 0.1,
  attentionDropout: 0,
  batchSize: 8,
  accumulation: 1,
  transpose: 5,
  seed: 0,
  steps: 2000,
  learningRate: 1e-3,
  warmupSteps: 100,
  finalRatio: 0.1,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  clip: 1,
  evalEvery: 250,
  evalBatches: 0,
  evalTargets: 512,
  saveEvery: 100,
  patience: 0,
  backend: "auto",
  label: "",
};

/**
 * What a resumed run can't change: it would be another model, or see other data from the start. The rest may: more
 * steps, another learning rate, another rhythm of saving. (A run whose steps or rates change is a good run, and no longer
 * equal to one that never stopped.)
 */
const FIXED_ON_RESUME = [
  "layers",
  "heads",
  "width",
  "context",
  "positions",
  "task",
  "encoderLayers",
  "attention",
  "lossPositions",
  "prefixes",
  "init",
  "dropout",
  "attentionDropout",
  "batchSize",
  "accumulation",
  "transpose",
  "seed",
] as const satisfies readonly (keyof TrainRunOptions)[];

/** Both values of `lossPositions`. */
export const lossPositions = ["all", "one"] as const;

/** To go on where a piece stops, or to write the other voices to a melody (an encoder reads it). */
export const runTasks = ["continue", "harmonize"] as const;

/** What files of earlier versions don't have: it was as the defaults say. */
const ADDED: readonly string[] = [
  "task",
  "encoderLayers",
  "attention",
  "lossPositions",
  "prefixes",
  "init",
  "evalTargets",
] satisfies (keyof TrainRunOptions)[];

/**
 * The options of a new run: what was given over the defaults.
 *
 * @throws AttaccaError `invalid` where the heads don't divide the width, or the options of attention contradict each other
 */
export function newRunOptions(given: Partial<TrainRunOptions>): TrainRunOptions {
  const options = withLossPositions({ ...TRAIN_DEFAULTS, ...defined(given) }, given);
  checkTask(options);
  const { width, heads } = options;
  if (width % heads !== 0) throw invalid("option --width", String(width), `a multiple of --heads (${heads})`);
  // A short trial run shouldn't have to say this too.
  if (given.warmupSteps === undefined) {
    return { ...options, warmupSteps: Math.min(options.warmupSteps, Math.floor(options.steps / 10)) };
  }
  return options;
}

function checkTask({ task, encoderLayers, attention, lossPositions }: TrainRunOptions): void {
  if (!runTasks.some((name) => name === task)) throw unknown("option task", task, runTasks);
  if (task !== "harmonize") return;
  if (!Number.isInteger(encoderLayers) || encoderLayers < 1) {
    throw invalid("option --encoder-layers", String(encoderLayers), "1 or more with --task harmonize");
  }
  if (attention !== "causal") {
    throw invalid(
      "option --attention",
      `${attention} with --task harmonize`,
      "causal: the encoder sees all of the melody",
    );
  }
  if (lossPositions !== "all") {
    throw invalid("option --loss-positions", `${lossPositions} with --task harmonize`, "all");
  }
}

/** Only attention to what came before learns from all positions of a window in one pass. */
function withLossPositions(options: TrainRunOptions, given: Partial<TrainRunOptions>): TrainRunOptions {
  const { attention, prefixes } = options;
  // As `isOnePass` of the model says, whose door would load the tensor engine; and masked positions are learned from together.
  const onePass = attention === "causal" || attention === "lookahead" || attention === "masked";
  const positions = given.lossPositions ?? (onePass ? "all" : "one");
  if (!lossPositions.some((name) => name === positions)) {
    throw unknown("option loss-positions", positions, lossPositions);
  }
  if (positions === "one" && attention === "masked") {
    throw invalid("option --loss-positions", "one with --attention masked", "all: those that are masked");
  }
  if (positions === "all" && !onePass) {
    const hint = "Use --prefixes to learn from several prefixes of each window";
    throw invalid("option --loss-positions", `all with --attention ${attention}`, "one", hint);
  }
  if (positions === "all" && prefixes !== 1) {
    throw invalid(
      "option --prefixes",
      `${prefixes} with --loss-positions all`,
      "--loss-positions one with it",
    );
  }
  if (!Number.isInteger(prefixes) || prefixes < 1) {
    throw invalid("option --prefixes", String(prefixes), "a whole number from 1");
  }
  return { ...options, lossPositions: positions };
}

/**
 * The options of a run that goes on: what was given over what the run was started with.
 *
 * @throws AttaccaError `invalid` where what was given contradicts the run, naming the flag
 */
export function resumedRunOptions(
  saved: TrainRunOptions,
  given: Partial<TrainRunOptions>,
  folder: string,
): TrainRunOptions {
  for (const field of FIXED_ON_RESUME) {
    if (given[field] === undefined || given[field] === saved[field]) continue;
    throw invalid(
      `option ${field}`,
      String(given[field]),
      `${saved[field]}, as the run in ${folder} was started`,
      "A resumed run can't change it: leave it out, or start a new run in another folder",
    );
  }
  return { ...saved, ...defined(given) };
}

/**
 * The options that a run was started with, from what `options.json` holds.
 *
 * @param subject what messages call the file
 * @throws AttaccaError `missing` or `invalid`, naming the field
 */
export function parseRunOptions(json: unknown, subject: string): TrainRunOptions {
  const record = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  for (const [field, standard] of Object.entries(TRAIN_DEFAULTS)) {
    if (record[field] === undefined && ADDED.includes(field)) continue;
    if (record[field] === undefined) throw missing(`${subject}, field ${field}`);
    if (typeof record[field] === typeof standard) continue;
    throw invalid(`${subject}, field ${field}`, JSON.stringify(record[field]), `a ${typeof standard}`);
  }
  const fields = Object.keys(TRAIN_DEFAULTS).map((field) => [
    field,
    record[field] ?? TRAIN_DEFAULTS[field as keyof TrainRunOptions],
  ]);
  return Object.fromEntries(fields) as unknown as TrainRunOptions;
}

/** The content of `options.json`; `--config` takes the file as it is. */
export function formatRunOptions(options: TrainRunOptions): string {
  return `${JSON.stringify(options, undefined, 2)}\n`;
}

function defined(given: Partial<TrainRunOptions>): Partial<TrainRunOptions> {
  const known = Object.keys(TRAIN_DEFAULTS) as (keyof TrainRunOptions)[];
  return Object.fromEntries(known.flatMap((k) => (given[k] === undefined ? [] : [[k, given[k]]])));
}
