import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../dataset/index.js";
import {
  disposeTrainedModel,
  newRunOptions,
  newTrainedModel,
  runBatches,
  runModelConfig,
} from "../run/index.js";
import {
  type Arm,
  arms as allArms,
  armRunOptions,
  type Setting,
  type StepCost,
  trainingFlops,
} from "../study/index.js";
import { trainingStep } from "../train/index.js";

/** Steps over which FLOPs are counted, at most: lengths are random where prefixes are sampled. */
const COUNTED_STEPS = 1000;
/** The arms take turns at being timed, so that what else the machine does falls on all of them. */
const TIMED_ROUNDS = 15;
const TIMED_STEPS = 16;

/**
 * What a step of each of these arms costs: FLOPs counted, seconds measured on the engine that is chosen.
 *
 * @returns undefined where `signal` was aborted
 */
export async function stepCosts(
  dataset: Dataset,
  setting: Setting,
  arms: readonly Arm[],
  signal?: { readonly aborted: boolean },
): Promise<Record<Arm, StepCost> | undefined> {
  const timedSteps = Math.min(TIMED_STEPS, Math.ceil(setting.options.steps / TIMED_ROUNDS));
  const timed = arms.map((arm) => {
    const options = newRunOptions(armRunOptions(setting, { arm, seed: 0, steps: COUNTED_STEPS }));
    const config = runModelConfig(options, dataset);
    const { training, accumulation } = runBatches(dataset, options);
    const batchesOf = (step: number) =>
      Array.from({ length: accumulation }, (_, k) => training(step * accumulation + k));
    let flops = 0;
    for (let step = 0; step < COUNTED_STEPS; step++) {
      for (const batch of batchesOf(step)) flops += trainingFlops(config, batch) / COUNTED_STEPS;
    }
    return {
      arm,
      flops,
      options,
      batchesOf,
      model: newTrainedModel(config, options),
      seconds: [] as number[],
    };
  });
  try {
    // The first round only warms up.
    for (let round = 0; round <= TIMED_ROUNDS; round++) {
      for (const { options, batchesOf, model, seconds } of timed) {
        const started = performance.now();
        for (let k = 0; k < timedSteps; k++) {
          const step = round * timedSteps + k;
          await trainingStep(model, batchesOf(step), { ...options, step: step + 1, learningRate: 1e-4 });
        }
        if (round > 0) seconds.push((performance.now() - started) / 1000 / timedSteps);
      }
      // Lets a signal come through.
      await setImmediate();
      if (signal?.aborted) return undefined;
    }
  } finally {
    for (const { model } of timed) disposeTrainedModel(model);
  }
  const costs = timed.map(({ arm, flops, seconds }): [Arm, StepCost] => {
    const median = seconds.sort((a, b) => a - b)[Math.floor(TIMED_ROUNDS / 2)];
    return [arm, { flops, seconds: median }];
  });
  return Object.fromEntries(costs) as Record<Arm, StepCost>;
}

/**
 * Costs with those of the arms that came to the study after they were measured. Such arms are timed beside A, and their seconds are
 * given by what A took then.
 *
 * @returns `costs` itself where none is lacking; undefined where `signal` was aborted
 */
export async function withLackingCosts(
  dataset: Dataset,
  setting: Setting,
  costs: Readonly<Record<Arm, StepCost>>,
  signal?: { readonly aborted: boolean },
): Promise<Readonly<Record<Arm, StepCost>> | undefined> {
  const lacking = allArms.filter((arm) => costs[arm] === undefined);
  if (lacking.length === 0) return costs;
  const found = await stepCosts(dataset, setting, ["A", ...lacking], signal);
  if (found === undefined) return undefined;
  const ratio = costs.A.seconds / found.A.seconds;
  const more = lacking.map((arm) => [arm, { ...found[arm], seconds: ratio * found[arm].seconds }]);
  return { ...costs, ...Object.fromEntries(more) };
}
