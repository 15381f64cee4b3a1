import { afterEach } from "vitest";
import type { LanguageModel } from "../../src/generate/index.js";
import {
  disposeParameters,
  initialParameters,
  type ModelConfig,
  modelConfig,
} from "../../src/model/index.js";

const open: LanguageModel[] = [];

/** Makes models of a config, with other measures on request; each is freed behind the test that made it. */
export function openedModels(config: ModelConfig): (measures?: Partial<ModelConfig>) => LanguageModel {
  afterEach(() => {
    for (const { parameters } of open.splice(0)) disposeParameters(parameters);
  });
  return (measures = {}) => {
    const own = modelConfig({ ...config, ...measures });
    open.push({ config: own, parameters: initialParameters(own, 7) });
    return open.at(-1)!;
  };
}
