import { type ModelConfig, modelConfig, parameterShapes } from "../../src/model/index.js";
import { readGolden, type Values } from "../tensors.js";

/** A model, and what PyTorch computes with it. */
export interface ReferenceModel {
  readonly config: ModelConfig;
  /** Weights by name. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** `ids`, `targets`, `logits`, `loss`, and `gradient/NAME`. */
  golden(tensor: string): Values;
}

/** A model that scripts/goldens-torch.py (or goldens-encoder.py) made and ran. */
export function referenceModel(
  name: "narrow" | "deep" | "rotary" | "encoder" | "rotary-encoder",
): ReferenceModel {
  const { tensors, metadata } = readGolden(`model/${name}.safetensors`);
  const given = JSON.parse(metadata.get("config")!) as ModelConfig & { n_inner: number | null };
  const config = modelConfig({ ...given, n_inner: given.n_inner ?? undefined });
  const values = new Map<string, Float32Array>();
  for (const parameter of parameterShapes(config).keys()) {
    values.set(parameter, tensors.get(`parameter/${parameter}`)!.values as Float32Array);
  }
  return { config, values, golden: (tensor) => tensors.get(tensor)! };
}
