import { invalid } from "../errors.js";
import { randomStream } from "../random.js";
import {
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

/** How the next id is chosen. Every field may be left out, and then changes nothing. */
export interface SamplingOptions {
  /** Takes the most probable id (of equals the lowest) instead of drawing one. */
  readonly greedy?: boolean;
  /** Above 0; 1 is no penalty. See `penalizeRepetition`. */
  readonly repetitionPenalty?: number;
  /** 2 or more: no stretch of so many ids stands in the window twice. See `banRepeats`. */
  readonly banRepeats?: number;
  /** Above 0. */
  readonly temperature?: number;
  /** 1 or more. */
  readonly topK?: number;
  /** Above 0, at most 1. */
  readonly topP?: number;
  /** 0 to 1. */
  readonly minP?: number;
  /** Above 0, at most 1. See `keepTypical`. */
  readonly typicalP?: number;
}

/** What the transforms may know of a sample besides its logits. */
export interface SamplingContext {
  /** The ids in the model's window. */
  readonly ids: ArrayLike<number>;
  /** 1 where an id may come next; left out, every id may. `mask: [vocabulary]`. */
  readonly mask?: Uint8Array;
}

type Transform = (logits: Float32Array, options: SamplingOptions, context: SamplingContext) => Float32Array;

/** The transforms by name, in the order in which they are applied. A new one is a line here and a field above. */
const transforms: readonly (readonly [name: string, apply: Transform])[] = [
  ["mask", (logits, _, { mask }) => (mask ? applyMask(logits, mask) : logits)],
  ["repetitionPenalty", (logits, o, { ids }) => penalizeRepetition(logits, ids, o.repetitionPenalty ?? 1)],
  [
    "banRepeats",
    (logits, o, { ids }) => (o.banRepeats === undefined ? logits : banRepeats(logits, ids, o.banRepeats)),
  ],
  ["temperature", (logits, o) => scaleTemperature(logits, o.temperature ?? 1)],
  ["topK", (logits, o) => (o.topK === undefined ? logits : keepTopK(logits, o.topK))],
  ["topP", (logits, o) => keepTopP(logits, o.topP ?? 1)],
  ["minP", (logits, o) => keepMinP(logits, o.minP ?? 0)],
  ["typicalP", (logits, o) => keepTypical(logits, o.typicalP ?? 1)],
];

/** The names of the transforms, in the order in which they are applied. */
export const transformOrder: readonly string[] = transforms.map(([name]) => name);

/**
 * The logits after all transforms. `logits: [vocabulary]`, left as it is.
 *
 * @throws AttaccaError `invalid` where no id can be drawn, or a logit isn't a number.
 */
export function transformLogits(
  logits: Float32Array,
  options: SamplingOptions,
  context: SamplingContext,
): Float32Array {
  let result = logits;
  for (const [name, apply] of transforms) {
    result = apply(result, options, context);
    if (name === "mask") checkLogits(result);
  }
  return result;
}

function checkLogits(logits: Float32Array): void {
  let finite = 0;
  for (const logit of logits) {
    if (logit === -Infinity) continue;
    if (!Number.isFinite(logit)) {
      throw invalid("logits", String(logit), "numbers", "The checkpoint's weights may be damaged");
    }
    finite++;
  }
  if (finite === 0) throw invalid("logits", "no id that may come next", "at least one");
}

/**
 * The next id of one sample, a pure function of what it is given: the draw at `position` depends on nothing that was drawn before, nor on the other samples.
 *
 * @throws AttaccaError as `transformLogits`.
 */
export function chooseId(
  logits: Float32Array,
  options: SamplingOptions,
  context: SamplingContext,
  draw: Draw,
): number {
  const transformed = transformLogits(logits, options, context);
  if (options.greedy) return highestId(transformed);
  return idAt(softmax(transformed), uniformOf(draw));
}

/** Which number is drawn: it is a function of all of these. */
export interface Draw {
  readonly seed: number;
  readonly sample: number;
  /** The index in its sequence of the id that is chosen. */
  readonly position: number;
  /** Which of several streams of one piece; default 0. */
  readonly stream?: number;
}

function uniformOf({ seed, sample, position, stream = 0 }: Draw): number {
  const purpose = stream === 0 ? `sample ${sample}` : `sample ${sample}, stream ${stream}`;
  return randomStream(seed, purpose, position).uniform();
}

/** The id of the highest logit, of equals the lowest id. */
export function highestId(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

/** The id at which the cumulative distribution passes `uniform`, a number in [0, 1). Ids of probability 0 are never given. */
export function idAt(probabilities: Float64Array, uniform: number): number {
  let sum = 0;
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (probabilities[id] === 0) continue;
    sum += probabilities[id];
    last = id;
    if (uniform < sum) return id;
  }
  // Rounding can leave the sum a hair under 1, and `uniform` above it.
  return last;
}

/**
 * Checks ranges, for callers from outside.
 *
 * @throws AttaccaError `invalid`, naming the option.
 */
export function checkSampling(options: SamplingOptions): void {
  const above = (field: keyof SamplingOptions, test: (value: number) => boolean, expected: string): void => {
    const value = options[field];
    if (value !== undefined && !test(value as number)) throw invalid(field, String(value), expected);
  };
  const finite = Number.isFinite;
  above("repetitionPenalty", (v) => finite(v) && v > 0, "a number above 0");
  above("banRepeats", (v) => Number.isInteger(v) && v >= 2, "a whole number from 2");
  above("temperature", (v) => finite(v) && v > 0, "a number above 0");
  above("topK", (v) => Number.isInteger(v) && v >= 1, "a whole number from 1");
  above("topP", (v) => v > 0 && v <= 1, "a number above 0 and at most 1");
  above("minP", (v) => v >= 0 && v <= 1, "a number from 0 to 1");
  above("typicalP", (v) => v > 0 && v <= 1, "a number above 0 and at most 1");
}
