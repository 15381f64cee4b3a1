import type { Dataset } from "../dataset/index.js";
import { naming } from "../errors.js";
import type { ModelConfig } from "../model/index.js";
import { checkSameMeasures, type InitialWeights, type TrainRunOptions } from "../run/index.js";
import { checkTokenizer } from "./evaluate.js";
import { readModel } from "./model.js";

/**
 * The weights of the checkpoint that a run's options name, if they name one.
 *
 * @throws AttaccaError naming what is missing, or what doesn't fit the dataset's tokenizer or the run's model
 */
export async function initialWeights(
  { init }: TrainRunOptions,
  dataset: Dataset,
  data: string,
  config: ModelConfig,
): Promise<InitialWeights | undefined> {
  if (init === "") return undefined;
  const stored = await readModel(init);
  checkTokenizer(stored, data, dataset);
  const { checkpoint } = stored;
  naming(stored.folder, () => checkSameMeasures(checkpoint.config, config));
  return checkpoint;
}
