import {
  type GenerateOptions,
  type GenerationStep,
  generate,
  type SampleStopReason,
} from "../../src/generate/index.js";
import { initialParameters, modelConfig } from "../../src/model/index.js";

/** A model small enough to run hundreds of steps in a test, with weights large enough that contexts matter. */
export const tinyConfig = modelConfig({
  vocab_size: 23,
  n_positions: 16,
  n_embd: 16,
  n_layer: 2,
  n_head: 2,
  initializer_range: 0.3,
});

export const tinyParameters = () => initialParameters(tinyConfig, 11, { positions: "random" });

/** What came of a whole generation. */
export interface Generated {
  /** Generated ids by sample. */
  readonly ids: number[][];
  readonly reasons: (SampleStopReason | undefined)[];
  readonly steps: GenerationStep[];
}

export async function runGenerate(options: GenerateOptions): Promise<Generated> {
  const count = options.count ?? 1;
  const ids: number[][] = Array.from({ length: count }, () => []);
  const reasons: (SampleStopReason | undefined)[] = new Array(count).fill(undefined);
  const steps: GenerationStep[] = [];
  for await (const event of generate(options)) {
    if (event.kind === "stop") reasons[event.sample] = event.reason;
    else {
      steps.push(event);
      for (const { sample, id } of event.drawn) ids[sample].push(id);
    }
  }
  return { ids, reasons, steps };
}
